import astropy.units as u
import numpy as np
import pytest
from astropy_healpix import HEALPix
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gphoton_db.ingest.kernels.healpix import cell_of
from gphoton_db.mission import CELL_ORDER

HEALPIX = HEALPix(nside=2**CELL_ORDER, order="nested")
ROUNDING_DEG = 1e-10
"""Positions this close to a cell's border may fall to either side."""

RA = st.floats(0, 360, exclude_max=True)
DEC = st.floats(-90, 90)


def cell_at(ra: float, dec: float) -> int:
    z, sin_theta = np.sin(np.radians(dec)), np.cos(np.radians(dec))
    return int(cell_of(z, abs(sin_theta), np.radians(ra)))


def astropy_cells(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.asarray(HEALPIX.lonlat_to_healpix(ra * u.deg, dec * u.deg))


def cells_around(ra: float, dec: float) -> set[int]:
    """Return the cells within rounding of a position."""
    steps = ROUNDING_DEG * np.array([-1, 0, 1])
    east, north = (v.ravel() for v in np.meshgrid(steps, steps))
    east = east / max(np.cos(np.radians(dec)), 1e-6)
    return set(astropy_cells((ra + east) % 360, np.clip(dec + north, -90, 90)).tolist())


@given(RA, DEC)
@example(0.0, 0.0)
@example(359.99999999999994, 30.0)
@example(45.0, np.degrees(np.arcsin(2 / 3)))
@example(90.0, -90.0)
def test_any_position_lies_in_its_cell(ra: float, dec: float) -> None:
    assert cell_at(ra, dec) in cells_around(ra, dec)


def test_cells_are_those_of_astropy_healpix_all_over_the_sky() -> None:
    rng = np.random.default_rng(3)
    ra, dec = rng.uniform(0, 360, 20_000), np.degrees(np.arcsin(rng.uniform(-1, 1, 20_000)))
    found = [cell_at(*position) for position in zip(ra, dec, strict=True)]
    assert np.array_equal(found, astropy_cells(ra, dec))


@pytest.mark.parametrize("pole", [-90.0, 90.0])
@pytest.mark.parametrize("distance_arcsec", [1e-6, 1.0, 20.0, 3600.0])
def test_cells_near_the_poles(pole: float, distance_arcsec: float) -> None:
    polar = np.radians(distance_arcsec / 3600)
    ra = np.linspace(0, 360, 997, endpoint=False)
    z, sin_theta = np.copysign(np.cos(polar), pole), np.sin(polar)
    found = [int(cell_of(z, sin_theta, np.radians(a))) for a in ra]
    dec = np.full(len(ra), pole - np.copysign(np.degrees(polar), pole))
    expected = astropy_cells(ra, dec)
    # The four lines of ra on which faces meet are borders of cells.
    off_border = ra % 90 > ROUNDING_DEG
    assert np.array_equal(np.array(found)[off_border], expected[off_border])


def test_cells_cover_the_whole_range() -> None:
    last = 12 * 4**CELL_ORDER - 1
    ra, dec = HEALPIX.healpix_to_lonlat([0, last])
    found = [cell_at(*p) for p in zip(ra.to_value(u.deg), dec.to_value(u.deg), strict=True)]
    assert found == [0, last]
    assert last < 2**31
