"""Where the telescope pointed: a spiral dither about each boresight, a slew between two."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Aspect, Boresight, Leg
from gphoton_db.simulate.plan import LegPlan
from gphoton_db.simulate.projection import plane_to_sky, sky_to_plane

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DITHER_ARCSEC = 45.0
DITHER_PERIOD_S = 120.0
ROLL_DRIFT_DEG_PER_S = 4e-5


def fly(plans: Sequence[LegPlan], start_ms: int) -> tuple[Leg, ...]:
    """Return the refined aspect of each leg, one row a second from `start_ms` on.

    It follows from the plans alone, so that two bands of one visit share it.
    """
    legs = []
    for number, plan in enumerate(plans):
        boresight = Boresight(plan.ra0, plan.dec0, plan.roll0)
        legs.append(Leg(number, boresight, _dither(plan, start_ms)))
        start_ms += 1000 * (plan.duration + plan.slew)
    return tuple(legs)


def _dither(plan: LegPlan, start_ms: int) -> Aspect:
    second = np.arange(plan.duration + 1)
    radius = DITHER_ARCSEC * np.sqrt((second + 1) / (plan.duration + 1))
    angle = 2 * np.pi * second / DITHER_PERIOD_S
    ra, dec = plane_to_sky(radius * np.cos(angle), radius * np.sin(angle), plan.ra0, plan.dec0, 0.0)
    flags = np.zeros(len(second), np.int64)
    flags[: plan.odd_rows[0]] = 1
    flags[len(flags) - plan.odd_rows[1] :] = 1
    roll = plan.roll0 + ROLL_DRIFT_DEG_PER_S * second.astype(np.float64)
    return Aspect(start_ms + 1000 * second, ra, dec, roll, flags)


def plane_to_true_sky(time_ms: Integers, x: Floats, y: Floats, leg: Leg) -> tuple[Floats, Floats]:
    """Return ra, dec of detector-plane positions (arcsec) at given times."""
    row, drift_x, drift_y = _drift(time_ms, leg)
    aspect = leg.aspect
    return plane_to_sky(x + drift_x, y + drift_y, aspect.ra[row], aspect.dec[row], aspect.roll[row])


def true_sky_to_plane(
    time_ms: Integers, ra: Floats, dec: Floats, leg: Leg
) -> tuple[Floats, Floats]:
    """Return detector-plane positions (arcsec) of sky positions at given times."""
    row, drift_x, drift_y = _drift(time_ms, leg)
    aspect = leg.aspect
    x, y = sky_to_plane(ra, dec, aspect.ra[row], aspect.dec[row], aspect.roll[row])
    return x - drift_x, y - drift_y


def _drift(time_ms: Integers, leg: Leg) -> tuple[Integers, Floats, Floats]:
    """Return the aspect row of each time, and how far the dither moved since that row, arcsec."""
    aspect, boresight = leg.aspect, leg.boresight
    x, y = sky_to_plane(aspect.ra, aspect.dec, boresight.ra0, boresight.dec0, aspect.roll)
    row = np.searchsorted(aspect.time_ms, time_ms, side="right") - 1
    row = np.clip(row, 0, len(aspect) - 2)
    part = (time_ms - aspect.time_ms[row]) / 1000
    return row, np.diff(x)[row] * part, np.diff(y)[row] * part


def slew(start: Aspect, stop: Aspect) -> tuple[Floats, Floats, Floats]:
    """Return ra, dec, roll for each second between two legs, along the straight line in space."""
    n = int(stop.time_ms[0] - start.time_ms[-1]) // 1000 - 1
    part = np.arange(1, n + 1) / (n + 1)
    a, b = (
        _vector(ra, dec) for ra, dec in ((start.ra[-1], start.dec[-1]), (stop.ra[0], stop.dec[0]))
    )
    x, y, z = a[:, None] * (1 - part) + b[:, None] * part
    ra = np.degrees(np.arctan2(y, x)) % 360
    roll = start.roll[-1] * (1 - part) + stop.roll[0] * part
    return ra, np.degrees(np.arctan2(z, np.hypot(x, y))), roll


def _vector(ra: float, dec: float) -> Floats:
    a, d = np.radians(ra), np.radians(dec)
    return np.array([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)])
