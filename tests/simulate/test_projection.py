import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from gphoton_db.aspect.pointing import Boresight
from gphoton_db.simulate.projection import plane_to_sky, sky_to_plane
from tests.oracle.sky import forward, inverse

RA, DEC, ROLL = st.floats(0, 359.999), st.floats(-89.5, 89.5), st.floats(-360, 360)
OFFSET = st.floats(-3000, 3000)


@given(OFFSET, OFFSET, RA, DEC, ROLL)
@example(1500.0, -1500.0, 0.0, 85.0, 30.0)
@example(0.0, 0.0, 0.0, 0.0, 0.0)
def test_the_plane_comes_back(x: float, y: float, ra0: float, dec0: float, roll: float) -> None:
    ra, dec = plane_to_sky(np.array([x]), np.array([y]), ra0, dec0, roll)
    back = sky_to_plane(ra, dec, ra0, dec0, roll)
    assert np.allclose(np.ravel(back), [x, y], atol=1e-6)
    assert 0 <= ra[0] < 360


@given(OFFSET, OFFSET, RA, DEC, ROLL)
def test_it_is_the_oracle_s_projection(
    x: float, y: float, ra0: float, dec0: float, roll: float
) -> None:
    xs, ys, rolls = np.array([x]), np.array([y]), np.array([roll])
    ra, dec = plane_to_sky(xs, ys, ra0, dec0, roll)
    tenths = forward(ra, dec, Boresight(ra0, dec0, roll), rolls)
    assert np.allclose(np.ravel(tenths), [10 * x, 10 * y], atol=1e-4)
    theirs = inverse(10 * xs, 10 * ys, np.array([ra0]), np.array([dec0]), rolls)
    assert np.allclose(sky_to_plane(*theirs, ra0, dec0, roll), [[x], [y]], atol=1e-6)


def test_north_is_up_and_west_is_right_without_roll() -> None:
    x, y = sky_to_plane([10.0, 9.99], [0.01, 0.0], 10.0, 0.0, 0.0)
    assert np.allclose(x, [0, 36], atol=1e-3)
    assert np.allclose(y, [36, 0], atol=1e-3)
