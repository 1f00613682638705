"""Files that are not opened held nothing: cones, boxes and light curves anywhere, against numpy."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.sql.reference import LegPhotons, read_legs, rows_of

NUMBER = st.integers(0, 10**6)
OFFSET = st.floats(-2, 2)
SIZE = st.floats(-2, 4.5).map(lambda power: min(10.0**power, 36000.0))

RIGHT_ASCENSION = st.one_of(st.floats(-180, 360), st.sampled_from([-180.0, 0.0, 180.0, 360.0]))
DECLINATION = st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, 9.9, 10.1, 89.9, 90.0]))


class Sky(NamedTuple):
    """The catalogue of an archive of many small files, and what is in all of them."""

    connection: duckdb.DuckDBPyConnection
    legs: list[LegPhotons]


@pytest.fixture(scope="module")
def files(sky_root: Path) -> Iterator[Sky]:
    with duckdb.connect(str(sky_root / "gphoton.duckdb"), read_only=True) as connection:
        yield Sky(connection, read_legs(sky_root))


def near_a_photon(
    files: Sky, number: int, east: float, north: float, size: float
) -> tuple[float, float]:
    """Return a place up to some sizes (arcsec) away from one of the photons; deg."""
    leg = files.legs[number % len(files.legs)]
    placed = np.flatnonzero(~np.isnan(leg["ra"]))
    photon = placed[number % len(placed)]
    dec = float(np.clip(leg["dec"][photon] + north * size / 3600, -90, 90))
    widening = max(float(np.cos(np.radians(dec))), 0.001)
    return float(leg["ra"][photon] + east * size / 3600 / widening) % 360, dec


@settings(max_examples=examples(20), deadline=None)
@given(number=NUMBER, east=OFFSET, north=OFFSET, size=SIZE, negative=st.booleans())
def test_a_cone_loses_no_photon(
    files: Sky, number: int, east: float, north: float, size: float, negative: bool
) -> None:
    ra, dec = near_a_photon(files, number, east, north, size)
    ra = ra - 360 if negative and ra >= 180 else ra
    (found,) = rows_of(
        files.connection,
        "SELECT count(*) AS n, coalesce(sum(t_ms), 0) AS t FROM cone($1, $2, $3)",
        (ra, dec, size),
    )
    inside = [(leg, leg.separation(ra, dec) <= size) for leg in files.legs]
    assert found["n"] == sum(int(near.sum()) for _, near in inside)
    assert found["t"] == sum(int(leg["t_ms"][near].sum()) for leg, near in inside)


@settings(max_examples=examples(20), deadline=None)
@given(ra_min=RIGHT_ASCENSION, ra_max=RIGHT_ASCENSION, decs=st.tuples(DECLINATION, DECLINATION))
@example(ra_min=-180.0, ra_max=180.0, decs=(-90.0, 90.0))
@example(ra_min=360.0, ra_max=0.1, decs=(9.0, 11.0))
@example(ra_min=-0.1, ra_max=0.0, decs=(9.0, 11.0))
def test_a_box_loses_no_photon(
    files: Sky, ra_min: float, ra_max: float, decs: tuple[float, float]
) -> None:
    bounds = (ra_min, ra_max, min(decs), max(decs))
    (found,) = rows_of(files.connection, "SELECT count(*) AS n FROM box($1, $2, $3, $4)", bounds)
    low, high = (angle + 360 if angle < 0 else angle for angle in (ra_min, ra_max))
    n = 0
    for leg in files.legs:
        within = (leg["ra"] >= low) & (leg["ra"] <= high)
        if low > high:
            within = (leg["ra"] >= low) | (leg["ra"] <= high)
        if ra_max - ra_min >= 360:
            within = leg["ra"] >= 0
        n += int((within & (leg["dec"] >= bounds[2]) & (leg["dec"] <= bounds[3])).sum())
    assert found["n"] == n


@settings(max_examples=examples(12), deadline=None)
@given(number=NUMBER, east=OFFSET, north=OFFSET, size=SIZE)
def test_a_light_curve_loses_no_photon(
    files: Sky, number: int, east: float, north: float, size: float
) -> None:
    radius = min(size, 1800.0)
    ra, dec = near_a_photon(files, number, east, north, radius)
    rows = rows_of(
        files.connection,
        "SELECT eclipse, band, leg, counts, bg_counts "
        "FROM visit_lightcurve($1, $2, radius := $3, inner := $3, outer := 2 * $3::DOUBLE)",
        (ra, dec, radius),
    )
    found = {tuple(row.values())[:3]: (row["counts"], row["bg_counts"]) for row in rows}
    for leg in files.legs:
        distance = leg.separation(ra, dec)
        good = leg.on_detector & (leg["response"] > 0)
        inside, around = distance <= radius, (distance > radius) & (distance <= 2 * radius)
        expected = int((good & inside).sum()), int((good & around).sum())
        assert found.get((leg.eclipse, leg.band, leg.leg), expected) == expected
