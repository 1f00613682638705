"""Named queries: declarations, values, folders of one's own, and the command line."""

import json
import math
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gphoton_db.archive import Archive
from gphoton_db.errors import QueryError
from gphoton_db.query.named import load_query, parse_query, query_names
from gphoton_db.query.sql_files import sql_names
from tests.gphoton_db.conftest import Cli

ECHO = """-- What it was given.
--
-- parameters:
--   number := 1.5     DOUBLE   deg     a number
--   count := 3        BIGINT           a whole number
--   word := 'a b'     VARCHAR          some text
--   whether := true   BOOLEAN          yes or no
--   when := NULL      TIMESTAMP  UTC   a time
--   band := NULL      BAND             a band
SELECT $number AS number, $count AS count, $word AS word, $whether AS whether, $when AS "when",
    $band AS band;
"""

HOSTILE = ["'; DROP TABLE legs; --", '"', "$word", "\\", "ü\n★", "' OR 1=1", "$$"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "queries"
    path.mkdir()
    (path / "echo.sql").write_text(ECHO, encoding="utf-8")
    return path


@pytest.fixture
def own(full_root: Path, folder: Path) -> Archive:
    return Archive(full_root, queries=folder)


@pytest.fixture(scope="module")
def echo(full_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive with `ECHO`, open for all tests of it."""
    (own := tmp_path_factory.mktemp("echo") / "echo.sql").write_text(ECHO, encoding="utf-8")
    with Archive(full_root, queries=own.parent) as archive:
        yield archive


VALUES: dict[str, dict[str, Any]] = {
    "brightest_cells": {"eclipse": 23500, "band": "NUV", "limit": 3},
    "flare_light_curve": {"ra": 323.5, "dec": -2.0, "step": 10},
    "visits_of_object": {"object": 1},
    "visits_of_position": {"ra": 323.5, "dec": -2.0},
}


EMPTY = {
    *("failed_ingests", "visits_of_object"),
    *("variable_candidates", "published_variables", "long_term_variables"),
}
"""There is nothing of the kind in the archive that they are tried on."""


@pytest.mark.parametrize("name", sql_names("queries"))
def test_every_query_of_the_package_runs(name: str, full: Archive) -> None:
    result = full.named_query(name, **VALUES.get(name, {}))
    header = re.findall(r"^--   (\w+)  ", load_query(name).sql.partition("-- columns:")[2], re.M)
    assert result.arrow().column_names == header
    assert len(result) > 0 or name in EMPTY


def test_the_brightest_cells_add_up(full: Archive) -> None:
    cells = full.named_query("brightest_cells", eclipse=23500, band="nuv", limit=10**6).rows()
    good = "flags = 0 AND response > 0 AND detrad < 400 AND band = 'NUV'"
    (total,) = full.query(
        f"SELECT count(*) AS n, sum(1 / response) AS flat FROM photons WHERE {good}"
    ).rows()
    assert sum(cell["counts"] for cell in cells) == total["n"]
    assert sum(cell["flat_counts"] for cell in cells) == pytest.approx(total["flat"])
    assert [cell["cps"] for cell in cells] == sorted((c["cps"] for c in cells), reverse=True)


def test_the_census_counts_every_photon(full: Archive) -> None:
    rows = full.named_query("flag_census").rows()
    assert sum(row["n_photons"] for row in rows) == sum(leg.n_photons for leg in full.legs())
    assert sum(row["fraction"] for row in rows) == pytest.approx(4)


def test_a_position_without_visits_has_no_rows(full: Archive) -> None:
    assert full.named_query("visits_of_position", ra=0, dec=89).rows() == []


@pytest.mark.parametrize("place", [{"ra": 0, "dec": 91}, {"ra": 361, "dec": 0}])
def test_what_is_no_position_is_an_error(place: dict[str, float], full: Archive) -> None:
    with pytest.raises(QueryError, match="give degrees, ra -180 to 360 and dec -90 to 90"):
        full.named_query("visits_of_position", **place)


def test_a_query_may_read_files_that_are_named(own: Archive, folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("a\n7\n")
    (folder / "mine.sql").write_text(f"-- Mine.\nSELECT a FROM read_csv('{table}')\n")
    with pytest.raises(QueryError, match=r"(?i)cannot access|outside"):
        own.named_query("mine")
    assert own.named_query("mine", files=[table]).rows() == [{"a": 7}]


def test_values_are_values(echo: Archive) -> None:
    for word in HOSTILE:
        assert echo.named_query("echo", word=word).rows()[0]["word"] == word


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_stays_what_it_is(word: str) -> None:
    assert parse_query("echo", ECHO, "echo.sql").values({"word": word})["word"] == word


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"number": math.nan}, r"parameter number \(deg\) must be a DOUBLE, not nan"),
        ({"number": math.inf}, "not a finite number"),
        ({"number": "12; DROP"}, "must be a DOUBLE"),
        ({"count": 1.5}, "not a whole number"),
        ({"count": 10**400}, "more than 64 bits"),
        ({"whether": "maybe"}, "must be a BOOLEAN"),
        ({"when": "yesterday"}, "must be a TIMESTAMP"),
        ({"band": "XUV"}, "it is NUV or FUV"),
        ({"colour": "red"}, "echo has no parameter 'colour'; it has number, count"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_an_error(
    given: dict[str, Any], complaint: str, echo: Archive
) -> None:
    with pytest.raises(QueryError, match=complaint):
        echo.named_query("echo", **given)


def test_defaults_and_values_are_of_their_types(echo: Archive) -> None:
    (row,) = echo.named_query("echo").rows()
    assert row == {
        "number": 1.5, "count": 3, "word": "a b", "whether": True, "when": None, "band": None,
    }  # fmt: skip
    (row,) = echo.named_query(
        "echo", number="2", count=4.0, whether="FALSE", when="2010-05-04T00:00:00", band="nuv"
    ).rows()
    assert (row["number"], row["count"], row["whether"]) == (2.0, 4, False)
    assert (row["when"], row["band"]) == (datetime(2010, 5, 4), "NUV")


def test_what_has_no_default_must_be_given(full: Archive) -> None:
    with pytest.raises(QueryError, match="visits_of_position needs a value for dec"):
        full.named_query("visits_of_position", ra=3)


def test_an_unknown_query_is_an_error_with_a_suggestion(full: Archive) -> None:
    with pytest.raises(QueryError, match="did you mean flag_census"):
        full.named_query("flag_censuss")
    with pytest.raises(QueryError, match="there are archive_sizes"):
        full.named_query("../schema")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("SELECT 1", "begin with a comment"),
        ("--\n-- x\nSELECT 1", "begin with a comment"),
        ("-- x\nSELECT $a", "not declared: a; not used: none"),
        ("-- x\n-- parameters:\n--   a  DOUBLE  deg  text\nSELECT 1", "not used: a"),
        ("-- x\n-- parameters:\n--   a  FLOAT  deg  text\nSELECT $a", "cannot read the parameter"),
        ("-- x\n-- parameters:\n--   a\nSELECT $a", "cannot read the parameter"),
        ("-- x\n-- parameters:\n--   A  DOUBLE  deg  text\nSELECT $A", "cannot read the parameter"),
        ("-- x\n-- parameters:\n--   a := b  DOUBLE  deg  text\nSELECT $a", "must be a DOUBLE"),
        (
            "-- x\n-- parameters:\n--   a  DOUBLE  deg  t\n--   a  DOUBLE  deg  t\nSELECT $a",
            "declares a parameter twice",
        ),
        ("-- x\n-- example:\n-- example:\nSELECT 1", "has example: twice"),
        ("-- x\nSELEKT 1", "syntax error"),
        (b"-- x\nSELECT '\xff'", "cannot be read as text"),
    ],
)
def test_a_faulty_file_is_named(text: str | bytes, complaint: str, folder: Path) -> None:
    bad = folder / "bad.sql"
    bad.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(QueryError) as error:
        load_query("bad", folder)
    assert str(error.value).startswith(f"{bad}: ")
    assert complaint in str(error.value)
    assert load_query("echo", folder).summary == "What it was given."


@pytest.mark.parametrize("name", ["Bad", "ü", "a-b", "1st"])
def test_a_name_that_cannot_be_typed_is_an_error(name: str, folder: Path) -> None:
    (folder / f"{name}.sql").write_text("-- x\nSELECT 1", encoding="utf-8")
    with pytest.raises(QueryError, match="small letters"):
        load_query(name, folder)


def test_a_query_of_ones_own_goes_through_the_door(own: Archive, folder: Path) -> None:
    for text in ("DROP TABLE legs", "SELECT 1; SELECT 2", "COPY legs TO 'x.csv'"):
        (folder / "bad.sql").write_text(f"-- x\n{text}", encoding="utf-8")
        with pytest.raises(QueryError, match=r"refused|found 2"):
            own.named_query("bad")


def test_a_query_of_ones_own_replaces_its_namesake(own: Archive, folder: Path) -> None:
    (folder / "flag_census.sql").write_text("-- Mine.\nSELECT 42 AS x", encoding="utf-8")
    assert own.named_query("flag_census").rows() == [{"x": 42}]
    assert query_names(folder) == sorted({*query_names(), "echo"})


def test_a_folder_that_is_not_there_is_an_error(full_root: Path, tmp_path: Path) -> None:
    archive = Archive(full_root, queries=tmp_path / "none")
    with archive, pytest.raises(QueryError, match="is no folder"):
        archive.named_query("flag_census")


@pytest.fixture
def query(cli: Cli, full_root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("GPHOTON_DB_QUERIES", str(folder))

    def run(*arguments: str | Path) -> Any:
        return cli("--archive", full_root, "query", *arguments)

    return run


def test_the_command_line_lists_the_queries(query: Cli, folder: Path) -> None:
    (folder / "bad.sql").write_text("SELECT 1", encoding="utf-8")
    done = query()
    assert done.code == 0
    for name in query_names(folder):
        assert (name in done.out) == (name != "bad")
    assert f"left out: {folder / 'bad.sql'}: begin with a comment" in done.err


def test_parameters_are_options(query: Cli, tmp_path: Path) -> None:
    output = tmp_path / "rows.json"
    done = query("echo", "--number", "-2.5", "--no-whether", "--band", "fuv", "--when",
                 "2010-05-04", "--word", HOSTILE[0], "--output", output)  # fmt: skip
    assert done.code == 0, done.err
    (row,) = json.loads(output.read_text())
    assert (row["number"], row["whether"], row["band"]) == (-2.5, False, "FUV")
    assert (row["word"], row["when"]) == (HOSTILE[0], "2010-05-04T00:00:00")


def test_files_of_ones_own_may_be_named(query: Cli, folder: Path, tmp_path: Path) -> None:
    own, output = tmp_path / "own.csv", tmp_path / "rows.json"
    own.write_text("ra,dec\n1,2\n3,4\n")
    read = f"-- Rows of a file.\nSELECT sum(ra) AS ra FROM read_csv('{own}');\n"
    (folder / "rows.sql").write_text(read)
    assert "sees the archive and no other file" in query("rows").err
    done = query("rows", "--file", own, "--output", output)
    assert done.code == 0, done.err
    assert json.loads(output.read_text()) == [{"ra": 4}]


def test_a_parameter_called_file_is_the_querys_own(query: Cli, folder: Path) -> None:
    declared = "-- A word.\n--\n-- parameters:\n--   file := 'a'   VARCHAR   a word\n"
    (folder / "word.sql").write_text(f"{declared}SELECT $file AS word;\n")
    assert query("word", "--file", "b", "--format", "csv").out == '"word"\n"b"\n'


def test_help_shows_parameters_units_and_example(query: Cli) -> None:
    done = query("flare_light_curve", "--help")
    assert done.code == 0
    example = "gphoton-db query flare_light_curve"
    for words in ("--threshold", "arcsec", "required", "12.8", example):
        assert words in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["visits_of_position", "--ra", "3"], 2, "--dec"),
        (["visits_of_position", "--ra", "x", "--dec", "3"], 2, "--ra"),
        (["visits_of_position", "--ra", "nan", "--dec", "3"], 1, "not a finite number"),
        (["echo", "--colour", "red"], 2, "--colour"),
        (["echo", "--band", "'; --"], 1, "it is NUV or FUV"),
        (["echo", "--format", "parquet"], 2, "--output"),
        (["ech"], 1, "did you mean echo"),
    ],
)
def test_usage_errors(arguments: list[str], code: int, complaint: str, query: Cli) -> None:
    done = query(*arguments)
    assert (done.code, done.out) == (code, "")
    assert complaint in done.err
