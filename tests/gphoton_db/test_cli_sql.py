"""``gphoton-db sql``: rows in each format, and statements that are refused."""

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from gphoton_db.archive import Archive
from gphoton_db.cli.rows import SHOWN_ROWS
from gphoton_db.errors import QueryError
from tests.gphoton_db.conftest import Cli, Outcome

LEGS = "SELECT eclipse, band, leg, ra0, ingested_at, photon_t0 FROM legs ORDER BY ALL"


@pytest.fixture
def sql(cli: Cli, full_root: Path) -> Cli:
    def run(statement: str, *options: str | Path) -> Outcome:
        return cli("--archive", full_root, "sql", statement, *options)

    return run


def test_a_table_is_printed_for_people(sql: Cli, full_root: Path) -> None:
    done = sql("SELECT band, count(*) AS n, NULL AS nothing FROM legs GROUP BY ALL ORDER BY 1")
    assert (done.code, done.err) == (0, f"archive: {full_root}\n")
    assert [line.split("│")[1:3] for line in done.out.splitlines() if "UV" in line] == [
        ["\x20FUV  ", " 2 "],
        ["\x20NUV  ", " 2 "],
    ]


def test_brackets_in_a_table_are_no_markup(sql: Cli) -> None:
    assert "[bold]x[/bold]" in sql("SELECT '[bold]x[/bold]' AS \"[red]\"").out


def test_a_long_table_is_cut_with_a_note(sql: Cli) -> None:
    done = sql(f"SELECT 'row' AS x FROM range({SHOWN_ROWS + 1})")
    assert done.out.count("row") == SHOWN_ROWS
    assert f"({SHOWN_ROWS} of {SHOWN_ROWS + 1} rows" in done.err


def test_csv(sql: Cli) -> None:
    done = sql(LEGS, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [(row["band"], row["leg"]) for row in rows] == [
        ("FUV", "0"), ("FUV", "1"), ("NUV", "0"), ("NUV", "1"),
    ]  # fmt: skip
    assert float(rows[0]["ra0"]) == 323.5


def test_json(sql: Cli) -> None:
    rows = json.loads(sql(LEGS, "--format", "json").out)
    assert [(row["band"], row["leg"]) for row in rows] == [
        ("FUV", 0), ("FUV", 1), ("NUV", 0), ("NUV", 1),
    ]  # fmt: skip
    assert "T" in rows[0]["ingested_at"]


def test_json_has_no_numbers_that_are_none(sql: Cli) -> None:
    done = sql("SELECT 'nan'::DOUBLE AS x, [1, 'inf'::DOUBLE] AS y, NULL AS z", "--format", "json")
    assert json.loads(done.out) == [{"x": None, "y": [1.0, None], "z": None}]
    assert "NaN" not in done.out


def test_json_of_every_kind_of_value(sql: Cli) -> None:
    done = sql(
        "SELECT 1.5::DECIMAL(4, 2) AS d, DATE '2010-05-04' AS day, '\\xAB'::BLOB AS b, "
        "{'a': TIME '12:00:01'} AS s, true AS t, 'ü' AS u",
        "--format", "json",
    )  # fmt: skip
    assert json.loads(done.out) == [
        {"d": 1.5, "day": "2010-05-04", "b": "ab", "s": {"a": "12:00:01"}, "t": True, "u": "ü"}
    ]


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_the_ending_of_the_output_is_the_format(ending: str, sql: Cli, tmp_path: Path) -> None:
    output = tmp_path / f"rows.{ending}"
    done = sql(LEGS, "--output", output)
    assert (done.code, done.out) == (0, "")
    assert f"4 rows written to {output}" in done.err
    if ending == "parquet":
        assert pq.read_table(output).num_rows == 4
    elif ending == "json":
        assert len(json.loads(output.read_text())) == 4
    else:
        assert len(output.read_text().splitlines()) == 5
    assert list(tmp_path.glob("*rows*")) == [output]


def test_the_format_may_be_given_with_the_output(sql: Cli, tmp_path: Path) -> None:
    sql(LEGS, "--output", tmp_path / "rows.dat", "--format", "parquet")
    assert pq.read_table(tmp_path / "rows.dat").num_rows == 4


def test_the_output_has_the_usual_permissions(sql: Cli, tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    sql(LEGS, "--output", tmp_path / "rows.csv")
    usual = (tmp_path / "usual").stat().st_mode
    assert (tmp_path / "rows.csv").stat().st_mode == usual


def test_the_output_is_whole_or_not_there(sql: Cli, tmp_path: Path) -> None:
    output = tmp_path / "rows.csv"
    output.write_text("mine")
    late = "CASE WHEN range = 500000 THEN error('too far') ELSE range END"
    done = sql(f"SELECT {late} AS x FROM range(900000)", "--output", output)
    assert done.code == 1
    assert "error: " in done.err
    assert "too far" in done.err
    assert output.read_text() == "mine"
    assert list(tmp_path.glob("*rows*")) == [output]


def test_an_output_that_cannot_be_written_is_an_error(sql: Cli, tmp_path: Path) -> None:
    output = tmp_path / "no" / "such" / "folder.csv"
    done = sql(LEGS, "--output", output)
    assert (done.code, done.out) == (1, "")
    assert f"error: {output}: cannot be written (No such file or directory)" in done.err


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("INSERT INTO eclipses (eclipse) VALUES (1)", "INSERT"),
        ("UPDATE legs SET ra0 = 0", "UPDATE"),
        ("DELETE FROM legs", "DELETE"),
        ("DROP TABLE legs", "DROP"),
        ("DROP VIEW photons", "DROP"),
        ("CREATE TABLE mine AS SELECT 1", "CREATE"),
        ("CREATE TEMP TABLE mine AS SELECT 1", "CREATE"),
        ("ALTER TABLE legs ADD COLUMN x INTEGER", "ALTER"),
        ("COPY legs TO 'legs.csv'", "COPY"),
        ("EXPORT DATABASE 'here'", "EXPORT"),
        ("ATTACH 'other.duckdb'", "ATTACH"),
        ("DETACH gphoton", "DETACH"),
        ("SET threads = 1", "SET"),
        ("SET VARIABLE gphoton_root = '/'", "SET"),
        ("CHECKPOINT", "CHECKPOINT"),
        ("VACUUM", "VACUUM"),
        ("BEGIN", "BEGIN"),
        ("EXPLAIN ANALYZE COPY (SELECT 1) TO 'one.csv'", "COPY"),
        ("explain analyze\ncreate table mine as select 1", "CREATE"),
    ],
)
def test_statements_that_do_more_than_read_are_refused(
    statement: str, kind: str, full: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = full.paths.catalogue.read_bytes()
    refusal = f"^line .*: {kind} is refused: queries on the archive only read"
    with pytest.raises(QueryError, match=refusal):
        full.query(statement)
    assert full.paths.catalogue.read_bytes() == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("statement", "kind"), [("DROP TABLE legs", "DROP"), ("COPY legs TO 'legs.csv'", "COPY")]
)
def test_they_are_refused_on_the_command_line(
    statement: str, kind: str, sql: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = sql(statement)
    assert (done.code, done.out) == (1, "")
    error = done.err.partition("error: ")[2]
    assert f": {kind} is refused: queries on the archive only read" in error
    assert error.startswith("line ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("SELECT 1; DROP TABLE legs", 2),
        ("", 0),
        pytest.param("SELECT 1; SELECT 2", 2, marks=pytest.mark.deep),
        pytest.param(" ; ", 0, marks=pytest.mark.deep),
        pytest.param("/* */", 0, marks=pytest.mark.deep),
    ],
)
def test_there_must_be_one_statement(statement: str, found: int, sql: Cli) -> None:
    done = sql(statement)
    assert (done.code, done.out) == (1, "")
    assert f"expected one SQL statement, found {found}" in done.err


@pytest.mark.parametrize("statement", ["SELEKT 1", "SELECT nothing FROM legs", "FROM nowhere"])
def test_faulty_sql_is_an_error_without_a_traceback(statement: str, sql: Cli) -> None:
    done = sql(statement)
    assert (done.code, done.out) == (1, "")
    assert "error: line 1, column " in done.err
    assert done.err.splitlines()[-1].strip("^ ") == ""
    assert "Traceback" not in done.err


OF_ALL_KINDS = ("SUMMARIZE legs", "TABLE legs;", "explain analyze select count(*) from photons")
OTHERS = (
    "FROM legs", "DESCRIBE photons", "SHOW TABLES", "VALUES (1)", "WITH x AS (SELECT 1) FROM x",
    "EXPLAIN SELECT * FROM photons", "SELECT 1 -- ; that is all",
)  # fmt: skip
"""Without the command line, tests/gphoton_db/test_statement.py has more of them."""


@pytest.mark.parametrize(
    "statement", [*OF_ALL_KINDS, *(pytest.param(each, marks=pytest.mark.deep) for each in OTHERS)]
)
def test_statements_that_read_are_run(statement: str, sql: Cli) -> None:
    done = sql(statement, "--format", "json")
    assert done.code == 0, done.err
    assert json.loads(done.out)
