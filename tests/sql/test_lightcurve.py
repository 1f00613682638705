"""Light curves against numpy, in every archive and place that is difficult."""

import math
from itertools import pairwise
from typing import Any

import duckdb
import pytest

from tests.sql import reference
from tests.sql.conftest import ACROSS_ZERO, NEAR_POLE, STAR
from tests.sql.reference import LegPhotons, Rows, rows_of

PLACES = {
    "star in two legs, two bands and two visits": STAR,
    "RA 0": ACROSS_ZERO,
    "a little below RA 360": (359.9999, 10.0002),
    "pole": NEAR_POLE,
    "the pole itself": (0.0, 90.0),
    "rim of the field": (323.5, -1.4),
    "background": (323.6, -2.2),
}


BESIDE_ANOTHER = ("a little below RA 360", "the pole itself")


def assert_same(rows: Rows, expected: Rows) -> None:
    assert len(rows) == len(expected)
    for row, right in zip(rows, expected, strict=True):
        for name, value in right.items():
            if math.isnan(value):
                assert row[name] is None, name
            elif name == "exposure":
                assert math.isclose(row[name], value, rel_tol=0, abs_tol=1e-3)
            elif isinstance(value, int):
                assert row[name] == value, name
            else:
                assert math.isclose(row[name], value, rel_tol=1e-9, abs_tol=1e-12), name


def by_leg(rows: Rows) -> dict[tuple[int, str, int], Rows]:
    found: dict[tuple[int, str, int], Rows] = {}
    for row in rows:
        found.setdefault((row["eclipse"], row["band"], row["leg"]), []).append(row)
    return found


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(place, id=name, marks=[pytest.mark.deep] if name in BESIDE_ANOTHER else [])
        for name, place in PLACES.items()
    ],
)
@pytest.mark.parametrize("step", [pytest.param(3.0, marks=pytest.mark.deep), 0.37])
def test_lightcurve_is_what_numpy_makes_of_the_photons(
    place: tuple[float, float], step: float, sky: duckdb.DuckDBPyConnection, legs: list[LegPhotons]
) -> None:
    aperture = {"radius": 12.8, "inner": 40.0, "outer": 90.0}
    rows = rows_of(
        sky,
        "FROM lightcurve($ra, $dec, step := $step, inner := 40, outer := 90)",
        {"ra": place[0], "dec": place[1], "step": step},
    )
    found = by_leg(rows)
    at = rows_of(sky, "FROM legs_at($ra, $dec) WHERE ingested", {"ra": place[0], "dec": place[1]})
    assert set(found) == {(leg["eclipse"], leg["band"], leg["leg"]) for leg in at}
    assert found
    for leg in legs:
        key = (leg.eclipse, leg.band, leg.leg)
        if key in found:
            step_ms = round(step * 1000)
            expected = reference.lightcurve(leg, *place, step_ms=step_ms, **aperture)
            assert_same(found[key], expected)


def test_the_star_is_seen_by_every_leg_over_it(sky: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(sky, "FROM visit_lightcurve($1, $2)", STAR)
    seen = [(row["eclipse"], row["band"], row["leg"]) for row in rows]
    assert sorted(seen) == [
        (23500, "FUV", 0),
        (23500, "FUV", 1),
        (23500, "NUV", 0),
        (23500, "NUV", 1),
        (23501, "NUV", 0),
    ]
    assert all(row["counts"] > 100 for row in rows)


def test_a_visit_is_one_bin_from_the_first_to_the_last_photon(
    sky: duckdb.DuckDBPyConnection, legs: list[LegPhotons]
) -> None:
    rows = rows_of(sky, "FROM visit_lightcurve($1, $2, inner := 40, outer := 90)", STAR)
    for leg in legs:
        found = by_leg(rows).get((leg.eclipse, leg.band, leg.leg))
        if found:
            start, last = leg.span_ms
            step = last - start + 1
            expected = reference.lightcurve(
                leg, *STAR, radius=12.8, step_ms=step, inner=40, outer=90
            )
            assert_same(found, expected)


def test_without_an_annulus_there_is_no_background(sky: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(sky, "FROM lightcurve($1, $2)", STAR)
    for name in ("bg", "bg_counts", "cps_bgsub", "mag_bgsub", "flux_bgsub_err"):
        assert {row[name] for row in rows} == {None}


def test_the_band_can_be_chosen(sky: duckdb.DuckDBPyConnection) -> None:
    every = rows_of(sky, "FROM lightcurve($1, $2)", STAR)
    fuv = rows_of(sky, "FROM lightcurve($1, $2, band := 'fuv')", STAR)
    assert fuv == [row for row in every if row["band"] == "FUV"]
    assert fuv


def test_dark_bins_are_rows_with_no_exposure(sky: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(
        sky, "FROM lightcurve($1, $2, step := 1) WHERE eclipse = 23500 AND band = 'NUV'", STAR
    )
    dark = [row for row in rows if row["exposure"] == 0]
    assert dark
    assert all(row["counts"] == 0 and row["cps"] is None and row["flags"] == 4 for row in dark)
    starts = [row["t0"] for row in rows if row["leg"] == 0]
    assert all(b - a == pytest.approx(1) for a, b in pairwise(starts))


def test_many_positions_at_once_are_the_same_as_each_alone(
    sky: duckdb.DuckDBPyConnection,
) -> None:
    values = ", ".join(f"({ra}, {dec})" for ra, dec in PLACES.values())
    sky.execute(f"CREATE TEMP TABLE places AS FROM (VALUES {values}) AS listed(ra, dec)")
    names = ("t0", "t1", "exposure", "counts", "flat_counts", "cps", "cps_err", "mag", "detrad")
    order = "ORDER BY eclipse, band, leg, t0"
    curves = {
        place: rows_of(sky, f"FROM lightcurve($1, $2, step := 2) {order}", [*place])
        for place in PLACES.values()
    }
    for eclipse in (None, 23500):
        many = rows_of(sky, f"FROM lightcurves('places', {eclipse or 'NULL'}, step := 2) {order}")
        for (ra, dec), curve in curves.items():
            alone = [row for row in curve if eclipse in (None, row["eclipse"])]
            found = [row for row in many if (row["ra"], row["dec"]) == (ra, dec)]
            for row, right in zip(found, alone, strict=True):
                for name in names:
                    if row[name] != right[name]:
                        assert math.isclose(row[name], right[name], rel_tol=1e-9, abs_tol=1e-12), (
                            name
                        )


def test_magnitude_errors_of_a_hand_worked_case(sky: duckdb.DuckDBPyConnection) -> None:
    # 100 counts in 10 s: 10 +- 1 a second.
    (row,) = rows_of(
        sky,
        "SELECT cps_to_mag(10, 'NUV') AS mag, magnitudes(1.1) AS up, -magnitudes(0.9) AS down, "
        "cps_to_flux(10, 'NUV') AS flux",
    )
    assert row["mag"] == pytest.approx(17.58)
    assert row["up"] == pytest.approx(0.10348, abs=1e-5)
    assert row["down"] == pytest.approx(0.11439, abs=1e-5)
    assert row["flux"] == pytest.approx(2.06e-15)


def test_errors_of_a_light_curve_follow_from_its_rates(sky: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(sky, "FROM lightcurve($1, $2, step := 5, inner := 40, outer := 90)", STAR)
    for row in rows:
        for kind in ("", "_bgsub"):
            cps, error = row[f"cps{kind}"], row[f"cps{kind}_err"]
            if not cps or cps <= error:
                continue
            mag = row[f"mag{kind}"]
            zero_point = reference.ZERO_POINT[row["band"]]
            up, down = (zero_point - 2.5 * math.log10(cps + sign * error) for sign in (1, -1))
            assert row[f"mag{kind}_err_1"] == pytest.approx(mag - up)
            assert row[f"mag{kind}_err_2"] == pytest.approx(down - mag)


def test_an_empty_archive_has_no_light_curves(empty: duckdb.DuckDBPyConnection) -> None:
    assert rows_of(empty, "FROM lightcurve(323.5, -2)") == []
    assert rows_of(empty, "FROM cone(323.5, -2, 100)") == []


def test_flags_have_names(sky: duckdb.DuckDBPyConnection) -> None:
    def names(flags: Any) -> list[str]:
        found: list[str] = sky.execute("SELECT lightcurve_flag_names(?)", [flags]).fetchall()[0][0]
        return found

    assert names(0) == []
    assert names(5) == ["hotspot", "short"]
    assert len(names(255)) == 8
