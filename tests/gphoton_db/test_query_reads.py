"""Which legs, files and row groups a query read: the report, and ``sql --explain``."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import QueryError
from tests.gphoton_db.conftest import Cli


def test_only_the_legs_that_were_opened_are_listed(full: Archive) -> None:
    reads = full.reads("SELECT sum(ra) FROM photons WHERE band = 'NUV' AND leg = 1")
    (row,) = reads.files.rows()
    assert row == {
        "kind": "photons", "eclipse": 23500, "band": "NUV", "leg": 1, "other_file": None,
        "files_opened": 1, "files": 1, "row_groups_read": 1, "row_groups": 1,
    }  # fmt: skip
    assert (reads.n_rows, reads.n_listed) == (1, 16)
    assert reads.seconds > 0


def test_each_kind_of_file_has_its_row(full: Archive) -> None:
    reads = full.reads("SELECT count(*) FROM ticks JOIN aspect USING (eclipse, band, leg, t_ms)")
    kinds = [row["kind"] for row in reads.files.rows()]
    assert kinds == ["aspect"] * 4 + ["ticks"] * 4


def test_row_groups_that_the_statistics_exclude_are_not_read(full: Archive) -> None:
    (row,) = full.reads(
        "SELECT sum(q) FROM photons WHERE band = 'NUV' AND leg = 0 AND ra BETWEEN 0 AND 1"
    ).files.rows()
    assert (row["row_groups_read"], row["row_groups"]) == (0, 1)


def test_files_of_ones_own_are_named(full: Archive, tmp_path: Path) -> None:
    mine = tmp_path / "mine.parquet"
    pq.write_table(pa.table({"x": list(range(5000))}), mine, row_group_size=1000)
    reads = full.reads(f"SELECT sum(x) FROM '{mine}' WHERE x < 1500", files=[mine])
    (row,) = reads.files.rows()
    assert (row["kind"], row["other_file"]) == (None, str(mine))
    assert row["row_groups"] == 5
    assert 2 <= row["row_groups_read"] < 5


def test_tables_of_the_catalogue_are_no_files(full: Archive) -> None:
    reads = full.reads("FROM legs")
    assert (len(reads.files), reads.n_rows) == (0, 4)
    assert "row_groups_read" in reads.files.arrow().column_names


def test_a_pivot_is_reported_too(full: Archive) -> None:
    assert full.reads("PIVOT legs ON band USING sum(exposure) GROUP BY leg").n_rows == 2


@pytest.mark.parametrize("sql", ["DELETE FROM legs", "FROM nowhere", "SELECT error('no')"])
def test_what_a_query_refuses_the_report_refuses(sql: str, full: Archive) -> None:
    with pytest.raises(QueryError):
        full.reads(sql)


def test_parameters_are_bound(full: Archive) -> None:
    sql = "SELECT sum(ra) FROM photons WHERE band = $band AND leg = $leg"
    (row,) = full.reads(sql, {"band": "FUV", "leg": 0}).files.rows()
    assert (row["band"], row["leg"]) == ("FUV", 0)


def test_the_command_line_sums_it_up(cli: Cli, full_root: Path) -> None:
    statement = "SELECT sum(ra) FROM photons WHERE band = 'FUV'"
    done = cli("--archive", full_root, "sql", statement, "--explain", "--format", "json")
    assert [row["leg"] for row in json.loads(done.out)] == [0, 1]
    assert "1 row in " in done.err
    assert "from 2 legs: opened 2 of the archive's 16 files" in done.err
    assert "read 2 of their 2 row groups" in done.err
