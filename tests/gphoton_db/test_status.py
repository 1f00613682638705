"""What ``status`` says, of archives with few and with many legs."""

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import pytest

from gphoton_db.archive import Archive
from gphoton_db.catalogue.status import LegFilter
from gphoton_db.errors import QueryError
from gphoton_db.mission import Band
from gphoton_db.paths import FILE_KINDS
from gphoton_db.query.sql_files import read_sql
from tests.gphoton_db.archives import ROOT, Sources, changed_tables, count, in_shell
from tests.gphoton_db.conftest import Cli

N_LEGS, N_FAILED = 60, 8

STATEMENTS = {
    "queries/archive_totals": 5,
    "queries/archive_sizes": 0,
    "queries/failed_ingests": 4,
    "status/legs": 7,
}
"""Statements of a status, and how many parameters each has."""

END = "end of the answer"


@pytest.fixture(scope="module")
def large_root(full_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of many legs, each ingested a minute after the one before, and failed ingests."""
    root = Path(shutil.copytree(full_root, tmp_path_factory.mktemp("large") / "archive"))
    with changed_tables(root, "legs", "ingests") as connection:
        connection.execute(
            "INSERT INTO legs BY NAME SELECT legs.* REPLACE (30000 + range AS eclipse, "
            "'another' AS calibration, TIMESTAMP '2040-01-01' + to_minutes(range) AS ingested_at) "
            "FROM legs, range(?) WHERE band = 'NUV' AND leg = 0",
            [N_LEGS - 4],
        )
        connection.execute(
            "INSERT INTO ingests BY NAME SELECT ingests.* REPLACE (50000 + range AS eclipse, "
            "'failed-' || range AS generation, 'failed' AS outcome, "
            "'first\nsecond ' || repeat('x', 1000) AS message, "
            "TIMESTAMP '2040-01-01' + to_minutes(range) AS started_at) "
            "FROM ingests, range(?) WHERE band = 'NUV'",
            [N_FAILED],
        )
    return root


@pytest.fixture(scope="module")
def large(large_root: Path) -> Iterator[Archive]:
    """The same, open."""
    with Archive(large_root) as archive:
        yield archive


def test_the_totals_add_up(full: Archive) -> None:
    found = full.status()
    legs = full.legs()
    assert [each.band for each in found.totals] == ["FUV", "NUV"]
    for total, part in [
        (found.total, legs),
        *((each, [leg for leg in legs if leg.band == each.band]) for each in found.totals),
    ]:
        assert (total.n_legs, total.n_eclipses) == (len(part), 1)
        assert total.exposure == pytest.approx(sum(leg.exposure for leg in part))
        assert total.n_photons == sum(leg.n_photons for leg in part)
        assert total.n_unflagged == sum(leg.n_unflagged for leg in part)
        assert total.photon_bytes == sum(leg.size_bytes for leg in part)
    assert {each.calibration for each in found.totals} == {leg.calibration for leg in legs}


def test_the_sizes_are_those_on_disk(full: Archive, full_root: Path) -> None:
    found = full.status()
    on_disk = {
        kind: [path.stat().st_size for path in (full_root / kind).rglob("*.parquet")]
        for kind in FILE_KINDS
    }
    assert {each.kind: (each.n_files, each.size_bytes) for each in found.sizes} == {
        kind: (len(sizes), sum(sizes)) for kind, sizes in on_disk.items()
    }
    assert found.total.size_bytes == sum(each.size_bytes for each in found.sizes)
    assert found.total.size_bytes == sum(each.size_bytes for each in found.totals)


def test_an_empty_archive_has_a_total_which_is_one_line(cli: Cli, tmp_path: Path) -> None:
    with Archive(tmp_path / "new", create=True) as archive:
        found = archive.status()
    assert (found.total.n_legs, found.total.exposure, found.total.size_bytes) == (0, 0, 0)
    assert (found.totals, found.sizes, found.legs, found.failed) == ((), (), (), ())
    done = cli("--archive", tmp_path / "new", "status")
    assert (done.code, done.out) == (0, "0 legs, 0 photons, 0.0 MB\n")


def test_the_newest_legs_come_first(large: Archive) -> None:
    found = large.status()
    assert [leg.eclipse for leg in found.legs] == list(range(30055, 30035, -1))
    assert found.total.n_legs == N_LEGS
    assert [leg.eclipse for leg in large.status(limit=2).legs] == [30055, 30054]
    assert len(large.status(limit=None).legs) == N_LEGS


def test_all_legs_are_in_order(large: Archive) -> None:
    assert list(large.status(newest=False, limit=None).legs) == large.legs()
    assert list(large.status(newest=False, limit=3).legs) == large.legs()[:3]


@pytest.mark.parametrize(
    ("wanted", "n_legs", "n_failed"),
    [
        (LegFilter(band=Band.NUV), N_LEGS - 2, N_FAILED),
        (LegFilter(band=Band.FUV), 2, 0),
        (LegFilter(eclipses=(30010, 30019)), 10, 0),
        (LegFilter(eclipses=(50001, 50002)), 0, 2),
        (LegFilter(calibration="anoth"), N_LEGS - 4, N_FAILED),
        (LegFilter(calibration="synthetic-", band=Band.NUV), 2, N_FAILED),
        (LegFilter(calibration="'; DROP TABLE legs; --"), 0, N_FAILED),
        (LegFilter(since=datetime(2040, 1, 1, 0, 5)), N_LEGS - 4 - 5, N_FAILED - 5),
        (LegFilter(since=datetime(2040, 1, 1, 0, 5, tzinfo=UTC)), N_LEGS - 4 - 5, N_FAILED - 5),
        (
            LegFilter(since=datetime(2040, 1, 1, 1, 5, tzinfo=timezone(timedelta(hours=1)))),
            N_LEGS - 4 - 5,
            N_FAILED - 5,
        ),
    ],
)
def test_conditions_choose_legs_and_failures(
    wanted: LegFilter, n_legs: int, n_failed: int, large: Archive
) -> None:
    for newest in (True, False):
        found = large.status(wanted, newest=newest, limit=None)
        assert (found.total.n_legs, found.n_failed) == (n_legs, n_failed)
        assert (len(found.legs), len(found.failed)) == (n_legs, n_failed)
        assert sum(each.n_legs for each in found.totals) == n_legs


def test_what_makes_no_sense_is_an_error(full: Archive) -> None:
    with pytest.raises(QueryError, match="no eclipse lies from 2 to 1"):
        LegFilter(eclipses=(2, 1))
    with pytest.raises(QueryError, match="cannot list -1 legs"):
        full.status(limit=-1)


def executed(name: str) -> str:
    """Return a statement for a shell, with values for its parameters."""
    text = read_sql(f"{name}.sql")
    with duckdb.connect() as connection:
        (statement,) = connection.extract_statements(text)
    names = sorted(statement.named_parameters)
    assert len(names) == STATEMENTS[name]
    values = {"band": "'NUV'", "last_eclipse": "30005", "newest": "true", "limit": "7"}
    given = ", ".join(f'"{each}" := {values.get(each, "NULL")}' for each in names)
    run = f"EXECUTE each({given})" if names else "EXECUTE each"
    return f"PREPARE each AS {text}; {run}; SELECT '{END}'"


def test_the_shell_runs_the_statements(large_root: Path, large: Archive) -> None:
    """They give in the bare shell what they give here."""
    statements = "; ".join(map(executed, STATEMENTS))
    done = in_shell(statements, large_root / "gphoton.duckdb", "-readonly")
    assert (done.returncode, done.stderr) == (0, "")
    *answers, _ = done.stdout.split(f"{END}\n")
    wanted = LegFilter(band=Band.NUV, eclipses=(0, 30005))
    found = large.status(wanted, limit=7)
    expected: list[list[Any]] = [
        [found.total, *found.totals], list(found.sizes), [], list(found.legs)
    ]  # fmt: skip
    for wanted_rows, answer in zip(expected, answers, strict=True):
        rows = list(csv.reader(io.StringIO(answer)))
        assert [row[:1] for row in rows] == [
            ["NULL" if value is None else str(value) for value in list(vars(each).values())[:1]]
            for each in wanted_rows
        ]
        assert [len(row) for row in rows] == [len(vars(each)) for each in wanted_rows]


def test_a_status_imports_no_pandas(full_root: Path) -> None:
    program = (
        "import sys, duckdb; from gphoton_db.catalogue.status import *; "
        f"connection = duckdb.connect({str(full_root / 'gphoton.duckdb')!r}, read_only=True); "
        "wanted = LegFilter((1, 30000), Band.NUV, 'synthetic', datetime(2001, 1, 1)); "
        "print(archive_status(connection, wanted).total.n_legs, 'pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "2 False\n"


def test_the_command_prints_totals_and_the_newest(cli: Cli, full_root: Path, full: Archive) -> None:
    done = cli("--archive", full_root, "status")
    assert (done.code, done.err) == (0, f"archive: {full_root}\n")
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["band", "FUV", "NUV"]
    assert lines[3].startswith(f"4 legs, {count(full, 'photons'):,} photons, ")
    # With so few photons the largest are the ticks, with the outlines of the legs.
    assert lines[4].startswith("on disk: ticks ")
    assert ", photons " in lines[4]
    assert [line.split()[2:5] for line in lines[-4:]] == [
        ["23500", band, leg] for band in ("NUV", "FUV") for leg in ("0", "1")
    ]


def test_the_command_lists_the_legs(cli: Cli, full_root: Path, full: Archive) -> None:
    done = cli("--archive", full_root, "status", "--legs")
    assert (done.code, done.err) == (0, f"archive: {full_root}\n")
    lines = done.out.splitlines()
    assert [line.split()[:3] for line in lines[1:5]] == [
        ["23500", band, leg] for band in ("FUV", "NUV") for leg in ("0", "1")
    ]
    assert lines[-1].startswith(f"4 legs, {count(full, 'photons'):,} photons, ")


def test_the_list_is_cut_and_says_so(cli: Cli, large_root: Path) -> None:
    done = cli("--archive", large_root, "status", "--legs", "--band=nuv", "--limit=3",
               "--eclipses=30000-40000", "--since=2040-01-01", "--calibration=anoth")  # fmt: skip
    assert done.code == 0, done.err
    assert [line.split()[0] for line in done.out.splitlines()[1:-1]] == ["30000", "30001", "30002"]
    assert f"(3 of {N_LEGS - 4} legs; --limit N lists more)" in done.err


def test_the_output_does_not_grow_and_few_failed_ingests_have_a_line_each(
    cli: Cli, large_root: Path
) -> None:
    done = cli("--archive", large_root, "status")
    lines = done.out.splitlines()
    assert lines[-22] == f"newest 20 of {N_LEGS} legs"
    assert len(lines) < 30
    _, *failed, more = done.err.splitlines()
    assert [line[:32] for line in failed] == [
        f"failed: e{eclipse} NUV: first second" for eclipse in range(50003, 50008)
    ]
    assert max(map(len, failed)) < 330
    assert more == "(5 of 8 failed ingests; gphoton-db query failed_ingests lists all)"
    assert "e50000 NUV" in cli("--archive", large_root, "status", "--limit=20").err


@pytest.mark.deep  # those of `large` are printed, and one of the command is in test_totals.py
def test_failed_ingests_are_shown_until_they_succeed(cli: Cli, full_copy: Path) -> None:
    cli("--archive", full_copy, "ingest", "40", "FUV", "--raw6=none", "--pointing=none",
        "--calibration=none")  # fmt: skip
    done = cli("--archive", full_copy, "status")
    assert "failed: e00040 FUV: " in done.err
    assert "failed" not in done.out
    (failure,) = json.loads(cli("--archive", full_copy, "status", "--json").out)["failed_ingests"]
    assert (failure["eclipse"], failure["band"]) == (40, "FUV")


def test_the_command_reports_as_json(cli: Cli, full_copy: Path, nuv: Sources) -> None:
    cli("--archive", full_copy, *nuv.arguments())  # there already: neither done nor failed
    document = json.loads(cli("--archive", full_copy, "status", "--json").out)
    with Archive(full_copy) as archive:
        found = archive.status()
    assert document["archive"] == str(full_copy)
    assert document["totals"] == [asdict(each) for each in found.totals]
    assert document["sizes"] == [asdict(each) for each in found.sizes]
    assert [leg["band"] for leg in document["newest"]] == ["NUV", "NUV", "FUV", "FUV"]
    assert document["n_photons"] == sum(leg["n_photons"] for leg in document["newest"])
    assert (document["n_legs"], document["n_failed_ingests"]) == (4, 0)
    assert document["size_bytes"] == found.total.size_bytes > 0
    assert document["failed_ingests"] == []
    assert "legs" not in document


def test_as_json_the_list_is_complete(cli: Cli, large_root: Path, large: Archive) -> None:
    document = json.loads(cli("--archive", large_root, "status", "--legs", "--json").out)
    assert [leg["eclipse"] for leg in document["legs"]] == [leg.eclipse for leg in large.legs()]
    assert set(document["legs"][0]) == set(vars(large.legs()[0]))
    assert len(document["failed_ingests"]) == document["n_failed_ingests"] == N_FAILED


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["--band=XUV"], 1, "unknown band"),
        (["--eclipses=abc"], 2, "--eclipses"),
        (["--eclipses=9-1"], 1, "no eclipse lies from 9 to 1"),
        (["--since=yesterday"], 2, "--since"),
        (["--limit=-1"], 2, "--limit"),
    ],
)
def test_options_that_make_no_sense(
    arguments: list[str], code: int, complaint: str, cli: Cli, full_root: Path
) -> None:
    done = cli("--archive", full_root, "status", *arguments)
    assert (done.code, done.out) == (code, "")
    assert complaint in done.err
