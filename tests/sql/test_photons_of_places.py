"""Cones and boxes against numpy, at RA 0 and at the pole too."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gphoton_db.archive import Archive
from gphoton_db.query.sql_files import read_sql
from tests.examples import examples
from tests.sql.conftest import ACROSS_ZERO, NEAR_POLE, STAR
from tests.sql.reference import LegPhotons, rows_of


@pytest.mark.parametrize(
    "place", [STAR, ACROSS_ZERO, (359.9, 10.1), NEAR_POLE, (200.0, -89.9), (323.5, -2.9)]
)
@pytest.mark.parametrize("radius", [0.01, 12.8, 600.0, 36000.0])
def test_a_cone_holds_the_photons_within_its_radius(
    place: tuple[float, float],
    radius: float,
    sky: duckdb.DuckDBPyConnection,
    legs: list[LegPhotons],
) -> None:
    found = sky.execute(
        "SELECT eclipse, band, leg, count(*), sum(t_ms), max(separation) "
        "FROM cone($1, $2, $3) GROUP BY ALL",
        [*place, radius],
    ).fetchall()
    expected = {}
    for leg in legs:
        distance = leg.separation(*place)
        inside = distance <= radius
        if inside.any():
            key = (leg.eclipse, leg.band, leg.leg)
            expected[key] = (inside.sum(), leg["t_ms"][inside].sum(), distance[inside].max())
    assert {row[:3]: row[3:5] for row in found} == {k: v[:2] for k, v in expected.items()}
    for row in found:
        assert row[5] == pytest.approx(expected[row[:3]][2], rel=1e-9, abs=1e-8)


@pytest.fixture(scope="module")
def archive(sky_root: Path) -> Iterator[Archive]:
    with Archive(sky_root) as opened:
        yield opened


@pytest.mark.parametrize("place", [STAR, pytest.param(ACROSS_ZERO, marks=pytest.mark.deep)])
@pytest.mark.parametrize(
    "query",
    [
        "FROM cone({ra}, {dec}, 12.8)",
        "FROM lightcurve({ra}, {dec})",
        "FROM box({ra} - 0.001, {ra} + 0.001, {dec} - 0.001, {dec} + 0.001)",
    ],
)
def test_files_about_other_places_are_not_opened(
    query: str, place: tuple[float, float], archive: Archive
) -> None:
    ra, dec = place
    read = archive.reads(query.format(ra=ra, dec=dec)).files.rows()
    photons = [row for row in read if row["kind"] == "photons"]
    assert photons
    assert all(row["files_opened"] < row["files"] for row in photons)


@pytest.mark.parametrize("kind", ["photons", "ticks", "aspect"])
def test_no_leg_has_no_rows(kind: str, sky: duckdb.DuckDBPyConnection) -> None:
    of_leg = f"SELECT count(*) AS n FROM {kind}_of(legs_numbered('{kind}', {{}}, 'NUV', 0))"
    assert rows_of(sky, of_leg.format(23500))[0]["n"] > 0
    assert rows_of(sky, of_leg.format(99999)) == [{"n": 0}]


def test_a_cone_may_be_given_with_a_negative_right_ascension(
    sky: duckdb.DuckDBPyConnection,
) -> None:
    east = rows_of(sky, "SELECT count(*) AS n FROM cone(359.9, 10, 600)")
    assert rows_of(sky, "SELECT count(*) AS n FROM cone(-0.1, 10, 600)") == east
    assert east[0]["n"] > 0


@pytest.mark.parametrize(
    "bounds",
    [
        (323.4, 323.6, -2.1, -1.9),
        (359.9, 0.1, 9.9, 10.1),
        (-0.1, 0.1, 9.9, 10.1),
        (0, 360, 89, 90),
        (200, 100, -90, 90),
        (-180, 180, -90, 90),
        (-40, 330, -90, 90),
        (-180, 179, 9, 11),
        (100, 110, -5, 5),
    ],
)
def test_a_box_holds_the_photons_within_its_bounds(
    bounds: tuple[float, ...], sky: duckdb.DuckDBPyConnection, legs: list[LegPhotons]
) -> None:
    (found,) = rows_of(
        sky, "SELECT count(*) AS n, coalesce(sum(t_ms), 0) AS t FROM box($1, $2, $3, $4)", bounds
    )
    n = t = 0
    low, high = (angle + 360 if angle < 0 else angle for angle in bounds[:2])
    if bounds[1] - bounds[0] >= 360:
        low, high = 0, 360
    for leg in legs:
        in_ra = (leg["ra"] >= low) & (leg["ra"] <= high)
        if low > high:
            in_ra = (leg["ra"] >= low) | (leg["ra"] <= high)
        inside = in_ra & (leg["dec"] >= bounds[2]) & (leg["dec"] <= bounds[3])
        n, t = n + int(inside.sum()), t + int(leg["t_ms"][inside].sum())
    assert (found["n"], found["t"]) == (n, t)


def test_good_photons_have_weights(sky: duckdb.DuckDBPyConnection, legs: list[LegPhotons]) -> None:
    (found,) = rows_of(sky, "SELECT count(*) AS n, sum(weight) AS w FROM good_photons")
    good = [(leg["flags"] == 0) & (leg["response"] > 0) for leg in legs]
    assert found["n"] == sum(int(g.sum()) for g in good)
    weights = [(1 / leg["response"][g]).sum() for leg, g in zip(legs, good, strict=True)]
    assert found["w"] == pytest.approx(sum(weights))


@pytest.fixture(scope="module")
def cells() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database that has no more than the macro needs."""
    with duckdb.connect() as connection:
        for name in ("checked_radius", "checked_position", "positive_ra", "cells_around"):
            connection.execute(read_sql(f"macros/{name}.sql"))
        yield connection


@settings(max_examples=examples(20), deadline=None)
@given(
    ra=st.one_of(st.floats(0, 360), st.sampled_from([0.0, 45.0, 90.0, 359.99999])),
    dec=st.one_of(st.floats(-90, 90), st.sampled_from([0.0, 41.8103148957786, -41.81, 89.9999])),
    radius=st.floats(0.1, 60),
    seed=st.integers(0, 1000),
)
def test_cells_around_a_position_hold_all_of_the_cone(
    cells: duckdb.DuckDBPyConnection, ra: float, dec: float, radius: float, seed: int
) -> None:
    """The library astropy-healpix says which cell a point of the cone is in."""
    import astropy.units as u
    from astropy.coordinates import SkyCoord
    from astropy_healpix import HEALPix

    cells.execute(
        "CREATE OR REPLACE TABLE place AS SELECT $1::DOUBLE AS ra, $2::DOUBLE AS dec", [ra, dec]
    )
    rows = cells.execute("SELECT cell FROM cells_around('place', ?)", [radius]).fetchall()
    rng = np.random.default_rng(seed)
    distance = radius * np.sqrt(np.append(rng.uniform(0, 1, 100), np.ones(100)))
    points = SkyCoord(ra, dec, unit="deg").directional_offset_by(
        rng.uniform(0, 360, 200) * u.deg, distance * u.arcsec
    )
    inside = HEALPix(nside=8192, order="nested").lonlat_to_healpix(points.ra, points.dec)
    assert set(inside.tolist()) <= {cell for (cell,) in rows}
