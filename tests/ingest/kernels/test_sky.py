import math

import astropy.units as u
import numpy as np
import pytest
from astropy_healpix import HEALPix
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Aspect, Boresight, Leg
from gphoton_db.ingest.kernels.sky import arctangent, aspect_rows, deproject, flag_pointing
from gphoton_db.ingest.sky import eclipse_sky
from gphoton_db.mission import CELL_ORDER, Flag
from tests.oracle.sky import inverse

Floats = NDArray[np.float64]

FIELD = 0.7 * 36000
"""Beyond the detector's edge, 0.1 arcsec."""

SMALL = st.floats(-0.03, 0.03)
OFFSETS = st.lists(
    st.tuples(st.floats(-FIELD, FIELD), st.floats(-FIELD, FIELD)), min_size=1, max_size=20
)


@given(st.floats(-2, 2) | SMALL, st.floats(-2, 2) | SMALL)
@example(0.02, 1.0)
@example(np.nextafter(0.02, 0), 1.0)
@example(0.0, 0.0)
@example(1e-300, 1.0)
@example(1.0, 0.0)
def test_arctangent_is_that_of_the_library(y: float, x: float) -> None:
    expected = math.atan2(y, x)
    assert abs(arctangent(y, x) - expected) <= 1e-16 + 2 * math.ulp(expected)


def deprojected(
    offsets: list[tuple[float, float]], ra0: float, dec0: float, roll: float
) -> tuple[Floats, Floats, NDArray[np.int32]]:
    still = np.full(2, 1.0)
    aspect = Aspect(
        np.array([0, 1000]), ra0 * still, dec0 * still, roll * still, np.zeros(2, np.int64)
    )
    sky = eclipse_sky((Leg(0, Boresight(ra0, dec0, roll), aspect),))
    xi, eta = np.array(offsets).T.copy()
    row, flag = np.zeros(len(xi), np.int64), np.zeros(len(xi), np.uint8)
    ra, dec, cell = deproject(xi, eta, row, flag, sky.pointing, sky.axes)
    return ra, dec, cell


def unit_vectors(ra: Floats, dec: Floats) -> Floats:
    a, d = np.radians(ra), np.radians(dec)
    return np.stack([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)])


@given(OFFSETS, st.floats(0, 360, exclude_max=True), st.floats(-90, 90), st.floats(-360, 360))
@example([(0.0, 0.0)], 0.0, 0.0, 0.0)
@example([(0.0, 0.0), (100.0, -5.0)], 10.0, 90.0, 30.0)
@example([(0.0, 0.0), (100.0, -5.0)], 10.0, -90.0, 30.0)
@example([(1e-9, 0.0), (-1e-9, 0.0)], 0.0, 10.0, 0.0)
@example([(0.0, 36000.0), (0.0, 18000.0)], 200.0, 89.0, 0.0)
def test_positions_and_cells_are_right_anywhere_on_the_sky(
    offsets: list[tuple[float, float]], ra0: float, dec0: float, roll: float
) -> None:
    ra, dec, cell = deprojected(offsets, ra0, dec0, roll)
    xi, eta = np.array(offsets).T
    n = len(xi)
    expected = inverse(xi, eta, np.full(n, ra0), np.full(n, dec0), np.full(n, roll))
    # 5e-15 radians are a nano-arcsecond.
    assert abs(unit_vectors(ra, dec) - unit_vectors(*expected)).max() < 5e-15
    assert ((ra >= 0) & (ra < 360)).all()
    assert (abs(dec) <= 90).all()
    centre = HEALPix(nside=2**CELL_ORDER, order="nested").healpix_to_lonlat(cell)
    from_centre = unit_vectors(*(angle.to_value(u.deg) for angle in centre))
    # Half the longest diagonal of an order-13 cell is 27 arcsec.
    distance = np.linalg.norm(from_centre - unit_vectors(ra, dec), axis=0)
    assert np.degrees(distance).max() * 3600 < 27


@pytest.mark.parametrize("field", [(0.0, 0.0), (0.1, 45.0), (359.9, -2.0), (77.0, 85.0)])
def test_cells_are_those_of_astropy_healpix(field: tuple[float, float]) -> None:
    rng = np.random.default_rng(1)
    offsets = [(float(x), float(y)) for x, y in rng.uniform(-FIELD, FIELD, (5_000, 2))]
    ra, dec, cell = deprojected(offsets, *field, 112.7)
    healpix = HEALPix(nside=2**CELL_ORDER, order="nested")
    assert np.array_equal(cell, healpix.lonlat_to_healpix(ra * u.deg, dec * u.deg))


def test_flagged_photons_have_no_place() -> None:
    flag = np.array([Flag.GOOD, Flag.NO_POINTING, Flag.BAD_POINTING], np.uint8)
    none, pointing = np.zeros(3), np.array([[0.1, 0.2, np.sin(0.2), np.cos(0.2)]])
    axes = np.array([[-1.0, 0.0, 0.0, 1.0]])
    ra, dec, cell = deproject(none, none, np.zeros(3, np.int64), flag, pointing, axes)
    assert np.isnan(ra).tolist() == np.isnan(dec).tolist() == [False, True, True]
    assert cell.tolist()[1:] == [-1, -1]


@given(
    st.lists(st.integers(-5, 40), min_size=1, max_size=50).map(sorted),
    st.sets(st.integers(0, 35), min_size=1).map(sorted),
)
def test_the_aspect_row_is_the_last_one_not_later(times: list[int], fixes: list[int]) -> None:
    found = aspect_rows(np.array(times), np.array(fixes))
    assert np.array_equal(found, np.searchsorted(fixes, times, side="right") - 1)


def test_a_position_needs_good_fixes_around_and_a_good_photon() -> None:
    usable = np.array([False, True, False, True, False])
    row = np.array([-1, 0, 1, 2, 3, 4, 1])
    flag = np.array([0, 0, 0, 0, 0, 0, Flag.OFF_DETECTOR], np.uint8)
    flag_pointing(row, usable, flag)
    assert flag.tolist() == [7, 7, 0, 12, 0, 7, 12]
