"""Where the pointing between two fixes is: exact at both, straight in between, without steps."""

import numpy as np
import pytest
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Leg
from gphoton_db.ingest.kernels.sky import EclipseSky, aspect_rows, deproject, drift
from gphoton_db.ingest.sky import eclipse_sky
from gphoton_db.simulate.attitude import fly
from gphoton_db.simulate.plan import LegPlan
from tests.ingest.reduced import distance_arcsec
from tests.oracle.sky import forward, inverse

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

FIELDS = [(323.4928, -2.064), (0.0, 40.0), (200.0, -60.0)]


def leg_at(ra0: float, dec0: float) -> Leg:
    (leg,) = fly([LegPlan(ra0, dec0)], 874_361_240_995)
    return leg


def centre_at(sky: EclipseSky, time_ms: Rows, row: Rows) -> tuple[Floats, Floats]:
    """Return ra, dec (deg) of the detector's centre, in the seconds that start at fixes `row`."""
    xi, eta, good = np.zeros(len(row)), np.zeros(len(row)), np.zeros(len(row), np.uint8)
    drift(xi, eta, time_ms, row, sky.time_ms, sky.axi_rate, sky.aeta_rate)
    ra, dec, _ = deproject(xi, eta, row, good, sky.pointing, sky.axes)
    return ra, dec


@pytest.mark.parametrize("field", [*FIELDS, (200.0, 85.0), (12.0, -89.99)])
def test_at_a_fix_the_centre_is_that_fix(field: tuple[float, float]) -> None:
    leg = leg_at(*field)
    aspect = leg.aspect
    row = aspect_rows(aspect.time_ms, aspect.time_ms)
    ra, dec = centre_at(eclipse_sky((leg,)), aspect.time_ms, row)
    assert np.array_equal(row, np.arange(len(aspect)))
    assert distance_arcsec(ra, dec, aspect.ra, aspect.dec).max() < 1e-9 * 3600
    np.testing.assert_allclose(dec, aspect.dec, atol=1e-9)


@pytest.mark.parametrize("field", FIELDS)
def test_at_the_middle_of_a_second_it_is_half_way(field: tuple[float, float]) -> None:
    leg = leg_at(*field)
    aspect, boresight = leg.aspect, leg.boresight
    row = np.arange(len(aspect) - 1)
    ra, dec = centre_at(eclipse_sky((leg,)), aspect.time_ms[:-1] + 500, row)
    x, y = forward(aspect.ra, aspect.dec, boresight, np.full(len(aspect), boresight.roll0))
    middle_x, middle_y = (v[:-1] + np.diff(v) / 2 for v in (x, y))
    same = (np.full(len(row), v) for v in (boresight.ra0, boresight.dec0, boresight.roll0))
    expected = inverse(middle_x, middle_y, *same)
    # The drift is laid on the plane about each fix, not the boresight, and turned by its roll.
    assert distance_arcsec(ra, dec, *expected).max() < 0.0005


def step_arcsec(leg: Leg) -> float:
    """Return the largest step of the centre from the end of a second to the next fix."""
    aspect = leg.aspect
    row = np.arange(len(aspect) - 1)
    ra, dec = centre_at(eclipse_sky((leg,)), aspect.time_ms[1:], row)
    return float(distance_arcsec(ra, dec, aspect.ra[1:], aspect.dec[1:]).max())


@pytest.mark.parametrize("field", FIELDS)
def test_a_second_ends_where_the_next_begins(field: tuple[float, float]) -> None:
    assert step_arcsec(leg_at(*field)) < 0.001


def test_near_the_poles_the_mission_s_own_method_leaves_milliarcseconds() -> None:
    # The drift is measured against north at the boresight and applied against north at the fix.
    assert 0.002 < step_arcsec(leg_at(200.0, 85.0)) < 0.008


def test_seconds_with_a_bad_fix_around_or_of_another_length_give_no_position() -> None:
    (leg,) = fly([LegPlan(10.0, 20.0, duration=12, odd_rows=(0, 0))], 0)
    aspect = leg.aspect
    aspect.flags[4] = 1
    aspect.time_ms[9:] += 500
    usable = eclipse_sky((leg,)).usable
    # Rows 3 to 5 have the bad fix among their neighbours; the second of row 8 is too long.
    assert np.flatnonzero(usable).tolist() == [1, 2, 6, 7, 9, 10, 11]


def test_the_aspect_of_all_legs_is_one_list() -> None:
    legs = fly([LegPlan(10.0, 20.0, duration=5, slew=2), LegPlan(10.0, 20.0, duration=5)], 0)
    sky = eclipse_sky(legs)
    assert len(sky.time_ms) == 12
    assert np.array_equal(sky.time_ms, 1000 * np.array([*range(6), *range(7, 13)]))
    assert (sky.axi_rate[[5, 11]] == 0).all()
