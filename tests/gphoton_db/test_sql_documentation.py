"""The texts on tables, views, macros and queries: complete, in the catalogue, in the documents."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from sqlglot import exp

from gphoton_db.archive import Archive
from gphoton_db.errors import QueryError
from gphoton_db.query.documentation import (
    Entry,
    Field,
    Kind,
    comments,
    documentation,
    parse_entry,
    plain_text,
)
from gphoton_db.query.header import read_header
from gphoton_db.query.reference import renewed
from gphoton_db.query.sql_files import literal, read_sql
from gphoton_db.query.statement import read_statement
from tests.gphoton_db.archives import ROOT
from tests.gphoton_db.conftest import Cli

MACRO = """-- What it
--
-- First paragraph,
-- of two lines.
--
-- Second one.
--
-- parameters:
--   ra        deg      right ascension,
--                      of the centre
--   radius_2 arcsec    of   the circle
--   band               'NUV' or 'FUV'
-- returns:  1/s        counts a second
-- example:
--   SELECT 1
--     + 1;
CREATE OR REPLACE MACRO rate(ra, "radius_2" := 12.8, band := 'NUV') AS
    ra + radius_2;
"""

ENTRIES = {entry.name: entry for entry in documentation()}
OF = {kind: [e for e in documentation() if e.kind is kind] for kind in Kind}


def test_a_header_is_read_whole() -> None:
    entry = parse_entry(MACRO, "rate.sql", "rate", None)
    assert entry == Entry(
        "rate",
        Kind.MACRO,
        "What it",
        "First paragraph, of two lines.\n\nSecond one.",
        (
            Field("ra", "deg", "right ascension, of the centre"),
            Field("radius_2", "arcsec", "of   the circle", "12.8"),
            Field("band", "", "'NUV' or 'FUV'", "'NUV'"),
        ),
        returns=Field("", "1/s", "counts a second"),
        example="SELECT 1\n+ 1;",
    )
    assert entry.signature == "rate(ra, radius_2 := 12.8, band := 'NUV')"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("-- What it\n", "", "begin with a comment"),
        ("--   band    ", "--   colour  ", "the macro's are ra, radius_2, band"),
        ("-- returns:", "-- parameters:", "parameters: twice"),
        ("MACRO", "VIEW", "has no CREATE OR REPLACE MACRO"),
    ],
)  # fmt: skip
def test_a_faulty_header_is_an_error(old: str, new: str, complaint: str) -> None:
    assert old in MACRO
    text = MACRO.replace(old, new).lstrip("-\n") if not new else MACRO.replace(old, new)
    with pytest.raises(QueryError, match=complaint):
        parse_entry(text, "rate.sql", "rate", None)


def test_sections_are_told_from_sentences() -> None:
    header = read_header("-- One.\n--\n-- See example: it is below.\n-- example:\n--   x\ny", "f")
    assert (header.text, header.sections) == ("See example: it is below.", {"example": ["x"]})


@pytest.mark.parametrize("entry", documentation(), ids=lambda entry: entry.name)
def test_every_name_is_explained(entry: Entry) -> None:
    assert entry.summary.endswith(".") or entry.kind is Kind.TABLE
    assert [f.name for f in (*entry.parameters, *entry.columns) if not f.text] == []
    if entry.kind is not Kind.TABLE:
        assert entry.example
        assert entry.columns or entry.returns


def described(archive: Archive, statement: str) -> list[str]:
    return [row["column_name"] for row in archive.query(f"DESCRIBE {statement}").rows()]


@pytest.mark.parametrize("entry", [*OF[Kind.VIEW], *OF[Kind.TABLE]], ids=lambda e: e.name)
def test_columns_are_those_in_the_catalogue(entry: Entry, full: Archive) -> None:
    assert [column.name for column in entry.columns] == described(full, f"FROM {entry.name}")


def call_in(example: str, name: str) -> str:
    """Return the call of a macro in a statement, up to its closing bracket."""
    call = example[example.index(f"{name}(") :]
    depth = 0
    for end, letter in enumerate(call, start=1):
        depth += (letter == "(") - (letter == ")")
        if letter == ")" and depth == 0:
            return call[:end]
    raise AssertionError(f"no end of {call}")


@pytest.mark.parametrize("entry", OF[Kind.TABLE_MACRO], ids=lambda entry: entry.name)
def test_columns_are_those_that_the_macro_gives(entry: Entry, full: Archive) -> None:
    tree = read_statement(entry.example).tree
    subqueries = tree.find(exp.With) if tree else None
    before = subqueries.sql(dialect="duckdb") if subqueries else ""
    rows = f"({before} FROM {call_in(entry.example, entry.name)})"
    assert [column.name for column in entry.columns] == described(full, rows)


def test_everything_in_the_catalogue_is_documented(full: Archive) -> None:
    rows = full.query(
        "SELECT table_name AS name FROM duckdb_tables() WHERE database_name = 'gphoton' UNION "
        "SELECT view_name FROM duckdb_views() WHERE NOT internal UNION "
        "SELECT function_name FROM duckdb_functions() WHERE NOT internal "
        "AND NOT regexp_matches(function_name, '^legs_of_(patch|block|merged)_[0-9]+$')"
    ).rows()
    expected = {entry.name for entry in documentation() if entry.kind is not Kind.QUERY}
    assert {row["name"] for row in rows} == expected


@pytest.fixture(scope="module")
def commented(
    full_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    copy = tmp_path_factory.mktemp("commented") / "gphoton.duckdb"
    shutil.copy(full_root / "gphoton.duckdb", copy)
    with duckdb.connect(copy) as connection:
        connection.execute(f"SET VARIABLE gphoton_root = {literal(str(full_root))}")
        connection.execute("; ".join(comments()))
        yield connection


def test_the_texts_are_comments_in_the_catalogue(commented: duckdb.DuckDBPyConnection) -> None:
    found: dict[str, str] = {}
    for name, function, where in (
        ("view_name", "duckdb_views", "NOT internal"),
        ("table_name", "duckdb_tables", "NOT internal"),
        ("function_name", "duckdb_functions", "NOT internal"),
    ):
        sql = f"SELECT {name}, comment FROM {function}() WHERE {where}"
        found.update(commented.execute(sql).fetchall())
    for kind in (Kind.VIEW, Kind.TABLE, Kind.MACRO, Kind.TABLE_MACRO):
        for entry in OF[kind]:
            assert found[entry.name] == "\n".join(plain_text(entry))


def test_columns_have_comments_with_their_units(commented: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT comment FROM duckdb_columns() WHERE (table_name, column_name) = (?, ?)"
    for table, column, unit in (("photons", "dec", "[deg]"), ("legs", "exposure", "[s]")):
        (text,) = commented.execute(sql, [table, column]).fetchall()[0]
        assert text.endswith(unit)


def test_comments_without_those_of_tables_are_fewer() -> None:
    some = comments(tables=False)
    assert set(some) < set(comments())
    assert not any(" TABLE legs " in statement for statement in some)


def test_the_document_is_current() -> None:
    document = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")
    assert renewed(document) == document, "run python -m gphoton_db.query.reference docs/sql.md"


def test_a_document_without_marks_is_an_error() -> None:
    with pytest.raises(QueryError, match="needs the lines"):
        renewed("# SQL")


@pytest.mark.parametrize("name", ["photons", "lightcurve", "cps_to_mag", "legs", "flag_census"])
def test_describe_prints_all_of_a_name(name: str, cli: Cli) -> None:
    done = cli("describe", name)
    assert (done.code, done.err) == (0, "")
    assert done.out == "\n".join(plain_text(ENTRIES[name])) + "\n"


def test_describe_lists_every_name(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    done = cli("describe")
    for entry in documentation():
        assert f" {entry.name} " in done.out


def test_describe_as_json(cli: Cli) -> None:
    (entry,) = json.loads(cli("describe", "LIGHTCURVE", "--json").out)
    assert entry["kind"] == "table macro"
    assert entry["parameters"][0] == {
        "name": "ra", "unit": "deg", "default": None,
        "text": ENTRIES["lightcurve"].parameters[0].text,
    }  # fmt: skip


def test_describe_knows_queries_of_ones_own(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "flag_census.sql").write_text("-- Mine.\nSELECT 1", encoding="utf-8")
    (tmp_path / "bad.sql").write_text("SELECT 1", encoding="utf-8")
    monkeypatch.setenv("GPHOTON_DB_QUERIES", str(tmp_path))
    done = cli("describe", "flag_census")
    assert "Mine." in done.out
    assert read_sql("queries/flag_census.sql").splitlines()[0].strip("- ") not in done.out
    assert f"left out: {tmp_path / 'bad.sql'}" in done.err


def test_describe_suggests_names(cli: Cli) -> None:
    done = cli("describe", "photon")
    assert (done.code, done.out) == (1, "")
    assert "did you mean photons" in done.err
