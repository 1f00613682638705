"""Bounds of circles on the sky, against the library astropy-healpix."""

import duckdb
import numpy as np
import pytest
from astropy import units
from astropy_healpix import HEALPix
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gphoton_db.mission import CELL_ORDER
from gphoton_db.products.sky_boxes import SkyBox, cells_of_circle
from gphoton_db.query.sql_files import read_sql

HEALPIX = HEALPix(nside=2**CELL_ORDER, order="nested")

RA = st.floats(0, 359.99999) | st.sampled_from([0.0, 90.0, 45.0, 135.0, 359.9999])
DEC = st.floats(-90, 90) | st.sampled_from([-90.0, 90.0, 0.0, 41.8103, -41.8103, 89.9995, -89.99])
RADIUS = st.sampled_from([0.5, 12.8, 90.0, 600.0, 3600.0])


@pytest.fixture(scope="module")
def macros() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name in ("positive_ra", "cone_half_width", "cone_cells"):
        connection.execute(read_sql(f"macros/{name}.sql"))
    return connection


def circle(ra: float, dec: float, arcsec: float) -> tuple[np.ndarray, np.ndarray]:
    """Return points in a circle and on its rim, deg."""
    rng = np.random.default_rng(5)
    angle = rng.uniform(0, 2 * np.pi, 600)
    distance = np.radians(arcsec / 3600) * np.where(rng.random(600) < 0.5, 1, rng.random(600))
    d0 = np.radians(dec)
    sine = np.sin(d0) * np.cos(distance) + np.cos(d0) * np.sin(distance) * np.cos(angle)
    east = np.sin(angle) * np.sin(distance) * np.cos(d0)
    north = np.cos(distance) - np.sin(d0) * sine
    at_ra = np.degrees(np.radians(ra) + np.arctan2(east, north)) % 360
    return at_ra, np.degrees(np.arcsin(np.clip(sine, -1, 1)))


@settings(deadline=None)
@given(RA, DEC, RADIUS)
@example(0.0, 0.0, 12.8)
@example(0.0, 90.0, 12.8)
@example(200.0, 52.8, 12.8)
@example(200.0, -52.8, 12.8)
def test_a_box_holds_its_circle(ra: float, dec: float, arcsec: float) -> None:
    at_ra, at_dec = circle(ra, dec, arcsec)
    box = SkyBox.around(ra, dec, arcsec / 3600)
    cells = HEALPIX.lonlat_to_healpix(at_ra * units.deg, at_dec * units.deg)
    assert box.cells[0] <= cells.min()
    assert cells.max() <= box.cells[1]
    assert box.dec[0] <= at_dec.min() + 1e-9
    assert at_dec.max() - 1e-9 <= box.dec[1]
    if box.ra is not None:
        assert box.ra[0] <= at_ra.min() + 1e-9
        assert at_ra.max() - 1e-9 <= box.ra[1]


@pytest.mark.parametrize("dec", [-75.0, -52.8, -20.0, 0.3, 20.0, 52.8, 75.0])
def test_most_circles_are_given_a_small_part_of_the_sky(
    dec: float, macros: duckdb.DuckDBPyConnection
) -> None:
    sql = "SELECT cone_cells(200, $1, 12.8)"
    ((in_sql,),) = macros.execute(sql, [dec]).fetchall()
    for first, last in (cells_of_circle(200.0, dec, 12.8 / 3600), in_sql):
        assert last - first < 20_000


@settings(deadline=None)
@given(RA, DEC, RADIUS)
@example(0.0, 0.0, 12.8)
@example(123.0, 89.9995, 12.8)
def test_the_macro_holds_the_circle_too(
    macros: duckdb.DuckDBPyConnection, ra: float, dec: float, arcsec: float
) -> None:
    sql = "SELECT cone_cells($1, $2, $3)"
    ((found,),) = macros.execute(sql, [ra, dec, arcsec]).fetchall()
    at_ra, at_dec = circle(ra, dec, arcsec)
    cells = HEALPIX.lonlat_to_healpix(at_ra * units.deg, at_dec * units.deg)
    assert found[0] <= cells.min()
    assert cells.max() <= found[1]
