"""What is said of a statement that DuckDB refuses."""

import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import QueryError
from gphoton_db.query.sql_files import SHOWN_CHARACTERS, point_at


def complaint(archive: Archive, sql: str) -> str:
    with pytest.raises(QueryError) as error:
        archive.query(sql)
    return str(error.value)


@pytest.mark.parametrize(
    ("sql", "start", "words"),
    [
        ("FROM photon", 'there is no table or view "photon"; did you mean "photons"', "photon"),
        ("FROM main.leg", 'there is no table or view "leg"; did you mean "legs"', "main.leg"),
        (
            "WITH bright AS (SELECT 1) FROM brigth",
            'there is no table or view "brigth"; did you mean "bright"',
            "brigth",
        ),
        (
            "SELECT n_photon FROM legs",
            'there is no column "n_photon" here; did you mean "n_photons"',
            "n_photon",
        ),
        (
            "SELECT l.expose FROM legs AS l",
            'there is no column "expose" in "l"; did you mean "exposure"',
            "l.expose",
        ),
        ('SELECT "no such" FROM legs', 'there is no column "no such" here', '"no such"'),
        ("SELECT 'ü', 'ü',\n  nothing FROM legs", 'there is no column "nothing"', "nothing"),
        ("FROM lightcurv(1)", 'there is no table function "lightcurv"; did you', "lightcurv"),
        ("FROM lightcurve", 'there is no table or view "lightcurve", but a macro', "lightcurve"),
        ("SELECT cps_to_ma(1, 'NUV')", 'there is no scalar function "cps_to_ma"', "cps_to_ma"),
        ("SELEKT 1", 'Parser Error: syntax error at or near "SELEKT"', "SELEKT"),
        ("SELECT 1 +", "Parser Error: syntax error at end of input", ""),
        ("SELECT sqrt(DATE '2010-05-04')", "Binder Error: No function matches", "sqrt"),
    ],
)  # fmt: skip
def test_the_place_and_what_may_be_meant_are_named(
    sql: str, start: str, words: str, full: Archive
) -> None:
    message = complaint(full, sql)
    place, _, said = message.partition(": ")
    assert said.startswith(start)
    *_, shown, marks = message.splitlines()
    assert shown[marks.index("^") : len(marks)] == words
    line = shown.strip()
    number = 1 + [each.strip() for each in sql.splitlines()].index(line)
    column = sql.splitlines()[number - 1].index(words) + 1 if words else len(sql) + 1
    assert place == f"line {number}, column {column}"


def test_a_macro_is_shown_with_its_parameters(full: Archive) -> None:
    assert "a macro: FROM lightcurve(ra, dec, radius" in complaint(full, "FROM lightcurve")


def test_an_error_inside_of_a_macro_is_not_pointed_at(full: Archive) -> None:
    message = complaint(full, "SELECT cps_to_mag(1, 'green')")
    assert "green" in message
    assert "^" not in message
    assert not message.startswith("line")


@pytest.mark.parametrize(
    "sql",
    ["SELECT leg FROM legs WHERE leg = $x", "FROM 'nowhere.parquet'", "SELECT 'x'::INTEGER"],
)
def test_other_errors_are_duckdbs_own_words(sql: str, full: Archive) -> None:
    message = complaint(full, sql)
    assert "{" not in message
    assert len(message) > 20


def test_a_query_installs_nothing(full: Archive) -> None:
    assert full.query(
        "SELECT value FROM duckdb_settings() WHERE name = 'autoinstall_known_extensions'"
    ).rows() == [{"value": "false"}]


def test_a_long_line_is_cut_around_the_words() -> None:
    sql = "SELECT " + "a, " * 100 + "wrong, " + "b, " * 100
    start = sql.index("wrong")
    place, shown, marks = point_at(sql, start, start + 5, "no").splitlines()
    assert place == f"line 1, column {start + 1}: no"
    assert shown[marks.index("^") : len(marks)] == "wrong"
    assert len(shown) <= SHOWN_CHARACTERS + 2
