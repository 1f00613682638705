"""Parameters that are impossible, or not what they seem: an error that says what to do."""

import duckdb
import pytest

from tests.sql.reference import rows_of

WRONG = {
    "lightcurve(10, 91)": "dec -90 to 90",
    "lightcurve(361, 0)": "ra -180 to 360",
    "lightcurve('nan'::DOUBLE, 0)": "ra = nan",
    "lightcurve(10, 'nan'::DOUBLE)": "dec = nan",
    "lightcurve(NULL, 0)": "ra = NULL",
    "lightcurve(323.5, 'infinity'::DOUBLE)": "dec = inf",
    "lightcurve(323.5, -2, radius := 0)": "radius = 0: give arcsec",
    "lightcurve(323.5, -2, radius := -3)": "radius = -3",
    "lightcurve(323.5, -2, radius := 36000)": "up to 3600",
    "lightcurve(323.5, -2, radius := NULL)": "radius = NULL",
    "lightcurve(323.5, -2, radius := 'nan'::DOUBLE)": "radius = nan",
    "lightcurve(323.5, -2, step := 0)": "step = 0",
    "lightcurve(323.5, -2, step := -1)": "step = -1",
    "lightcurve(323.5, -2, step := 'nan'::DOUBLE)": "step = nan",
    "lightcurve(323.5, -2, step := 0.0000039)": "step = ",
    "lightcurve(323.5, -2, band := 'XUV')": "give 'NUV' or 'FUV'",
    "lightcurve(323.5, -2, band := '''; DROP TABLE legs; --')": "give 'NUV' or 'FUV'",
    "lightcurve(323.5, -2, inner := 5)": "give both",
    "lightcurve(323.5, -2, inner := 50, outer := 40)": "inner < outer",
    "lightcurve(323.5, -2, outer := 40)": "give both",
    "lightcurve(323.5, -2, inner := 5, outer := 40)": "radius <= inner < outer",
    "lightcurve('1; DROP TABLE legs', -2)": "Could not convert string",
    "cone(0, 0, 36001)": "up to 36000",
    "cone(0, 100, 1)": "dec -90 to 90",
    "cone(0, 0, 0)": "radius = 0",
    "box(0, 1, 5, 4)": "dec_min not above dec_max",
    "box(0, 400, 5, 6)": "ra -180 to 360",
    "legs_at(0, 91)": "dec -90 to 90",
    "legs_at('nan'::DOUBLE, 0)": "ra = nan",
    "coverage_at(0, -91)": "dec -90 to 90",
    "exposure(23500, 'NUV', 0, 20, 10)": "t0 before t1",
    "exposure(23500, 'NUV', 0, 'nan'::DOUBLE, 10)": "t0 before t1",
    "exposure(23500, 'x', 0, 10, 20)": "give 'NUV' or 'FUV'",
    "exposure_bins(23500, 'NUV', 0, step := 0)": "step = 0",
    "count_rate(23500, 'NUV', 0, step := -1)": "step = -1",
    "image_bins(23500, 'NUV', 0, pixel := 0)": "pixel = 0",
    "image_bins(23500, 'NUV', 0, pixel := 'nan'::DOUBLE)": "pixel = nan",
    "lightcurves('legs', 23500)": 'does not have a column named "ra"',
    "lightcurves('no table', 23500)": "does not exist",
    "lightcurves('aspect; DROP TABLE legs', 23500)": "does not exist",
    "lightcurves('aspect', 23500, radius := 600)": "up to 120",
}


@pytest.mark.parametrize("call", WRONG)
def test_a_wrong_parameter_is_an_error_that_says_what_to_do(
    call: str, sky: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(duckdb.Error) as caught:
        sky.execute(f"FROM {call}").fetchall()
    assert WRONG[call] in str(caught.value)


@pytest.mark.parametrize("name", ["separation", "haversine"])
@pytest.mark.parametrize("quoted", range(4))
def test_a_number_in_quotes_keeps_its_digits(
    name: str, quoted: int, sky: duckdb.DuckDBPyConnection
) -> None:
    numbers = ["323.4928", "-2.064", "323.4", "-2"]
    strings = [f"'{text}'" if k == quoted else text for k, text in enumerate(numbers)]
    (row,) = rows_of(
        sky, f"SELECT {name}({', '.join(numbers)}) AS a, {name}({', '.join(strings)}) AS b"
    )
    assert row["a"] == pytest.approx(row["b"], rel=1e-9)


@pytest.mark.parametrize("call", ["lightcurve(10, 91)", "cone(0, 0, 0)", "legs_at(0, 91)"])
def test_it_is_an_error_in_an_empty_archive_too(
    call: str, empty: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(duckdb.Error, match="give"):
        empty.execute(f"FROM {call}").fetchall()


def test_too_many_bins_are_refused(sky: duckdb.DuckDBPyConnection) -> None:
    sky.execute("CREATE TEMP TABLE legs AS FROM gphoton.main.legs LIMIT 0")  # not what macros read
    (row,) = rows_of(sky, "SELECT checked_bins(1000000) AS n")
    assert row["n"] == 1_000_000
    with pytest.raises(duckdb.Error, match="10000000 bins, more than 1000000: give a longer step"):
        rows_of(sky, "SELECT checked_bins(10000000)")


def test_many_bins_are_no_problem(sky: duckdb.DuckDBPyConnection) -> None:
    (row,) = rows_of(
        sky, "SELECT count(*) AS n, sum(counts) AS c FROM lightcurve(323.51, -1.99, step := 0.001)"
    )
    (visits,) = rows_of(sky, "SELECT sum(counts) AS c FROM visit_lightcurve(323.51, -1.99)")
    assert row["n"] > 100_000
    assert row["c"] == visits["c"]


def test_values_may_be_bound(sky: duckdb.DuckDBPyConnection) -> None:
    bound = rows_of(
        sky,
        "FROM lightcurve($ra, $dec, radius := $radius, step := $step, band := $band)",
        {"ra": 323.51, "dec": -1.99, "radius": 12.8, "step": 5, "band": "NUV"},
    )
    assert bound == rows_of(sky, "FROM lightcurve(323.51, -1.99, step := 5, band := 'NUV')")
