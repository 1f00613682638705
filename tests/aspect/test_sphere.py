import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from hypothesis import example, given
from hypothesis import strategies as st

from gphoton_db.aspect.gnomonic import deproject
from gphoton_db.aspect.sphere import (
    SkyBounds,
    bounds_of_discs,
    centre,
    mean_angle,
    normalised_angle,
    separation,
)
from gphoton_db.errors import PointingError

ras = st.floats(0, 360, exclude_max=True)
decs = st.one_of(st.floats(-90, 90), st.floats(89, 90), st.floats(-90, -89))


@given(st.floats(-1e6, 1e6))
@example(-1e-20)
def test_normalised_angles_lie_in_one_turn(angle: float) -> None:
    assert 0 <= normalised_angle(angle) < 360


@given(ras, decs, ras, decs)
def test_separation_agrees_with_astropy(ra1: float, dec1: float, ra2: float, dec2: float) -> None:
    expected = SkyCoord(ra1 * u.deg, dec1 * u.deg).separation(SkyCoord(ra2 * u.deg, dec2 * u.deg))
    assert separation(ra1, dec1, ra2, dec2) == pytest.approx(expected.deg, abs=1e-12)


@pytest.mark.parametrize("small", [1e-12, 1e-9, 1e-3])
def test_separation_keeps_its_digits_when_small(small: float) -> None:
    assert separation(0.0, 0.0, 360 - small, 0.0) == pytest.approx(small, rel=0.05)
    assert separation(0.0, 0.0, 0.0, small) == pytest.approx(small, rel=1e-12)


@given(ra0=ras, dec0=decs, angle=st.floats(0, 360))
@example(ra0=0.0, dec0=0.0, angle=0.0)
@example(ra0=0.0, dec0=90.0, angle=0.0)
def test_centre_of_a_ring_is_its_middle(ra0: float, dec0: float, angle: float) -> None:
    turn = np.radians(angle + np.arange(0, 360, 45))
    ra, dec = deproject(3600 * np.cos(turn), 3600 * np.sin(turn), ra0, dec0, 0.0)
    assert separation(ra0, dec0, *centre(ra, dec)) < 1e-12


def test_directions_without_a_middle_are_an_error() -> None:
    with pytest.raises(PointingError, match="cancel"):
        centre([0.0, 180.0], [0.0, 0.0])
    with pytest.raises(PointingError, match="empty"):
        centre([], [])


def test_mean_angle_is_circular() -> None:
    assert mean_angle([359.0, 1.0, 2.0, 358.0]) % 360 == pytest.approx(0, abs=1e-12)
    assert mean_angle([-10.0, 30.0]) == pytest.approx(10)


discs = st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=1, max_size=8)


@given(ra0=ras, dec0=decs, offsets=discs, radius=st.floats(0, 2))
@example(ra0=0.0, dec0=0.0, offsets=[(0.0, 0.0)], radius=0.625)
@example(ra0=0.0, dec0=89.375, offsets=[(0.0, 0.0)], radius=0.625)
@example(ra0=180.0, dec0=89.374, offsets=[(0.0, 0.0)], radius=0.625)
def test_every_point_of_every_disc_is_within_the_bounds(
    ra0: float, dec0: float, offsets: list[tuple[float, float]], radius: float
) -> None:
    x, y = np.array(offsets).T * 36000
    ra, dec = deproject(x, y, ra0, dec0, 0.0)
    bounds = bounds_of_discs(ra, dec, radius)
    turn = np.radians(np.arange(0, 360, 3.0))
    reach = np.tan(np.radians(radius * np.array([[[0.5]], [[1 - 1e-12]]]))) * np.degrees(36000)
    x, y = reach * np.cos(turn), reach * np.sin(turn)
    assert bounds.contains(*deproject(x, y, ra[:, None], dec[:, None], 0.0)).all()


@given(ra0=ras, dec0=st.floats(-88, 88), radius=st.floats(1e-3, 1.5))
def test_bounds_of_one_disc_are_tight(ra0: float, dec0: float, radius: float) -> None:
    bounds = bounds_of_discs([ra0], [dec0], radius)
    width = (bounds.ra_max - bounds.ra_min) % 360
    sine = np.sin(np.radians(radius)) / np.cos(np.radians(dec0))
    assert width == pytest.approx(2 * np.degrees(np.arcsin(sine)), abs=1e-8)
    assert bounds.dec_max - bounds.dec_min == pytest.approx(2 * radius, abs=1e-8)


@given(ra0=ras, n=st.integers(2, 9), step=st.floats(0.1, 4))
def test_bounds_of_a_row_of_discs_run_from_the_first_to_the_last(
    ra0: float, n: int, step: float
) -> None:
    bounds = bounds_of_discs((ra0 + step * np.arange(n)) % 360, np.zeros(n), 0.5)
    assert (bounds.ra_max - bounds.ra_min) % 360 == pytest.approx(step * (n - 1) + 1, abs=1e-7)
    assert bool(bounds.contains(ra0, 0.0))
    assert not bool(bounds.contains(ra0 - 0.6, 0.0))


def test_a_field_across_ra_zero_has_bounds_that_turn_round() -> None:
    bounds = bounds_of_discs([359.9, 0.1], [0.0, 0.0], 0.5)
    assert bounds.spans_ra_zero
    assert (bounds.ra_min, bounds.ra_max) == pytest.approx((359.4, 0.6), abs=1e-3)
    np.testing.assert_array_equal(
        bounds.contains([0.0, 360.0, 359.5, 0.5, 180.0], 0.0), [True, True, True, True, False]
    )


@pytest.mark.parametrize("sign", [1, -1])
def test_a_field_over_a_pole_goes_all_the_way_round(sign: int) -> None:
    bounds = bounds_of_discs([10.0], [sign * 89.9], 0.625)
    assert (bounds.ra_min, bounds.ra_max) == (0.0, 360.0)
    assert bool(bounds.contains(190.0, sign * 90.0))
    assert sign * (bounds.dec_min + bounds.dec_max) > 178.5


def test_discs_all_around_the_sphere_go_all_the_way_round() -> None:
    bounds = bounds_of_discs(np.arange(0, 360, 10), np.zeros(36), 6.0)
    assert (bounds.ra_min, bounds.ra_max) == (0.0, 360.0)


@pytest.mark.parametrize(
    ("ra", "dec", "radius"), [([], [], 1), ([0.0], [91.0], 1), ([np.nan], [0.0], 1), ([0], [0], 90)]
)
def test_impossible_discs_are_errors(ra: list[float], dec: list[float], radius: float) -> None:
    with pytest.raises(PointingError):
        bounds_of_discs(ra, dec, radius)


@pytest.mark.parametrize("bounds", [(-1, 10, 0, 1), (0, 361, 0, 1), (0, 1, 5, 4), (0, 1, 0, 91)])
def test_impossible_bounds_are_errors(bounds: tuple[float, float, float, float]) -> None:
    with pytest.raises(PointingError, match="impossible"):
        SkyBounds(*bounds)
