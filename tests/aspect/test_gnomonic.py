import numpy as np
import pytest
from astropy.wcs import WCS
from hypothesis import assume, example, given
from hypothesis import strategies as st

from gphoton_db.aspect.gnomonic import aspect_offsets, deproject, project
from gphoton_db.aspect.pointing import Aspect, Boresight
from gphoton_db.aspect.sphere import separation
from gphoton_db.errors import PointingError

ras = st.floats(0, 360, exclude_max=True)
decs = st.one_of(st.floats(-90, 90), st.floats(89, 90), st.floats(-90, -89))
rolls = st.floats(-360, 360)
plane = st.floats(-1.5 * 36000, 1.5 * 36000)


@given(x=plane, y=plane, ra0=ras, dec0=decs, rotation=rolls)
@example(x=0.0, y=0.0, ra0=0.0, dec0=90.0, rotation=0.0)
@example(x=-1.0, y=0.0, ra0=359.9999999, dec0=89.99999, rotation=0.0)
@example(x=1e-3, y=0.0, ra0=0.0, dec0=0.0, rotation=0.0)
def test_a_point_of_the_plane_comes_back(
    x: float, y: float, ra0: float, dec0: float, rotation: float
) -> None:
    ra, dec = deproject(x, y, ra0, dec0, rotation)
    assert 0 <= ra < 360
    # 1e-7 of 0.1 arcsec: 10 nano-arcseconds
    np.testing.assert_allclose(project(ra, dec, ra0, dec0, rotation), (x, y), rtol=0, atol=1e-7)


@given(ra=ras, dec=decs, ra0=ras, dec0=decs, rotation=rolls)
def test_a_direction_comes_back(
    ra: float, dec: float, ra0: float, dec0: float, rotation: float
) -> None:
    assume(separation(ra, dec, ra0, dec0) < 80)
    back = deproject(*project(ra, dec, ra0, dec0, rotation), ra0, dec0, rotation)
    assert separation(ra, dec, *back) < 1e-12


@pytest.mark.parametrize("tangent", [(323.5, -2.06), (0.0, 45.0), (359.9, -88.0), (10.0, 89.95)])
@pytest.mark.parametrize("roll", [0.0, 112.7, -30.0])
def test_projection_is_that_of_an_independent_tan_wcs(
    tangent: tuple[float, float], roll: float
) -> None:
    # x grows to the west, y to the north; the plane is turned by minus the roll.
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = tangent
    wcs.wcs.crpix = [0.0, 0.0]
    wcs.wcs.cdelt = [-1 / 36000, 1 / 36000]
    c = np.radians(-roll)
    wcs.wcs.pc = [[np.cos(c), np.sin(c)], [-np.sin(c), np.cos(c)]]
    x, y = np.meshgrid(np.linspace(-25000, 25000, 7), np.linspace(-25000, 25000, 7))
    ra, dec = deproject(x, y, *tangent, -roll)
    wcs_ra, wcs_dec = wcs.wcs_pix2world(x.ravel(), y.ravel(), 1)
    assert separation(ra.ravel(), dec.ravel(), wcs_ra, wcs_dec).max() < 1e-11
    back_x, back_y = project(wcs_ra, wcs_dec, *tangent, -roll)
    np.testing.assert_allclose(back_x, x.ravel(), rtol=0, atol=1e-6)
    np.testing.assert_allclose(back_y, y.ravel(), rtol=0, atol=1e-6)


@pytest.mark.parametrize("sign", [1, -1])
def test_signs_are_those_of_the_mission(sign: int) -> None:
    x, y = project(10.0 - sign * 0.1, sign * 0.1, 10.0, 0.0, 0.0)
    assert np.sign(x) == sign
    assert np.sign(y) == sign
    # rotation by 90 deg takes x to y
    x, y = project(10.0 - sign * 0.1, 0.0, 10.0, 0.0, 90.0)
    assert abs(x) < 1e-6
    assert np.sign(y) == sign


def test_arguments_broadcast() -> None:
    x, y = project(np.full((4, 1), 10.0), np.zeros(3), 10.0, 0.0, np.zeros((4, 3)))
    assert x.shape == y.shape == (4, 3)


def test_directions_beyond_the_horizon_of_the_plane_have_no_projection() -> None:
    x, y = project([0.0, 90.5, 180.0], 0.0, 0.0, 0.0, 0.0)
    np.testing.assert_array_equal(np.isnan(x), [False, True, True])
    np.testing.assert_array_equal(np.isnan(y), [False, True, True])


def _aspect(ra: list[float], dec: list[float], roll: list[float]) -> Aspect:
    n = len(ra)
    return Aspect(
        np.arange(n) * 1000, np.array(ra), np.array(dec), np.array(roll), np.zeros(n, np.int64)
    )


def test_aspect_offsets_turn_with_the_roll_of_each_row() -> None:
    aspect = _aspect([359.9] * 3, [0.0] * 3, [0.0, 90.0, 180.0])
    axi, aeta = aspect_offsets(aspect, Boresight(0.0, 0.0, 0.0))
    reach = np.tan(np.radians(0.1)) * np.degrees(36000)
    np.testing.assert_allclose(axi, [reach, 0, -reach], atol=1e-6)
    np.testing.assert_allclose(aeta, [0, -reach, 0], atol=1e-6)


def test_a_boresight_on_the_other_side_of_the_sky_is_an_error() -> None:
    with pytest.raises(PointingError, match=r"t = 1\.000 .*90 deg or more away"):
        aspect_offsets(_aspect([0.0, 180.0], [0.0, 0.0], [0.0, 0.0]), Boresight(0.0, 0.0, 0.0))
