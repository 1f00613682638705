"""Barycentric times between the nodes of the ephemeris, against the ephemeris itself."""

import numpy as np
from astropy.coordinates import get_body_barycentric
from astropy.units import lightyear
from hypothesis import given, settings
from hypothesis import strategies as st

from gphoton_db.products.lightcurves.times import barycentric_days, earth_at
from gphoton_db.times import as_time

MISSION_MS = st.integers(740_000_000_000, 1_061_000_000_000)
J2000 = 2_451_545.0
MICROSECOND = 1e-6 / 86_400


@settings(deadline=None)
@given(st.lists(MISSION_MS, min_size=1, max_size=20))
def test_the_earth_is_where_astropy_says(t_ms: list[int]) -> None:
    time = as_time(np.array(t_ms) * 1000)
    terrestrial, dynamical = time.tt, time.tdb
    late, light_days = earth_at((terrestrial.jd1 - J2000) + terrestrial.jd2)
    exact = get_body_barycentric("earth", time, ephemeris="builtin").xyz.to_value(lightyear)
    assert np.abs(light_days - exact * 365.25).max() < 0.1 * MICROSECOND
    right = (dynamical.jd1 - terrestrial.jd1) + (dynamical.jd2 - terrestrial.jd2)
    assert np.abs(late - right).max() < 0.1 * MICROSECOND
    axes = np.eye(3)
    days = barycentric_days(np.array(t_ms), axes)
    expected = dynamical.jd1 + (dynamical.jd2 + axes @ (exact * 365.25))
    # A Julian date is a number of 40 microseconds.
    assert np.abs(days - expected).max() <= np.spacing(2.45e6)


@settings(deadline=None)
@given(st.lists(MISSION_MS, min_size=2, max_size=20))
def test_a_time_does_not_depend_on_the_others(t_ms: list[int]) -> None:
    direction = np.array([[0.6, 0.0, 0.8]])
    together = barycentric_days(np.array(t_ms), direction)
    alone = [barycentric_days(np.array([t]), direction) for t in t_ms]
    assert np.array_equal(together, np.concatenate(alone, axis=1))
