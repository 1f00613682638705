"""Where the telescope pointed: a dither about each boresight, a slew between two."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Aspect, Boresight, Leg
from gphoton_db.errors import SimulationError
from gphoton_db.simulate.plan import Interval, LegPlan, Spiral
from gphoton_db.simulate.projection import plane_to_sky, sky_frames, sky_to_plane

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ROLL_DRIFT_DEG_PER_S = 4e-5


def fly(plans: Sequence[LegPlan], start_ms: int) -> tuple[Leg, ...]:
    """Return the true attitude of each leg, one row a second from `start_ms` on.

    It follows from the plans alone, so that two bands of one visit share it.

    Raises
    ------
    SimulationError
        If there is no leg.
    """
    if not plans:
        raise SimulationError("no leg: a visit needs at least one pointing")
    legs = []
    for number, plan in enumerate(plans):
        boresight = Boresight(plan.ra0, plan.dec0, plan.roll0)
        legs.append(Leg(number, boresight, _dithered(plan, start_ms)))
        start_ms += 1000 * (plan.duration + plan.slew)
    return tuple(legs)


def reported(legs: Sequence[Leg], plans: Sequence[LegPlan]) -> tuple[Leg, ...]:
    """Return the legs as pointing files have them, without the rows that are missing there.

    Raises
    ------
    SimulationError
        If less than two rows of a leg are left.
    """
    known = []
    for leg, plan in zip(legs, plans, strict=True):
        aspect = leg.aspect
        there = ~inside(np.arange(len(aspect)), plan.missing_aspect)
        if there.sum() < 2:
            raise SimulationError(f"leg[{leg.number}].missing_aspect: leaves no aspect of the leg")
        left = Aspect(
            aspect.time_ms[there],
            aspect.ra[there],
            aspect.dec[there],
            aspect.roll[there],
            aspect.flags[there],
        )
        known.append(Leg(leg.number, leg.boresight, left))
    return tuple(known)


def inside(
    seconds: NDArray[np.int64] | NDArray[np.float64], intervals: Iterable[Interval]
) -> NDArray[np.bool_]:
    """Return which times lie in any of the intervals, whose ends are not part of them."""
    found = np.zeros(len(seconds), np.bool_)
    for start, stop in intervals:
        found |= (seconds >= start) & (seconds < stop)
    return found


def _dithered(plan: LegPlan, start_ms: int) -> Aspect:
    second = np.arange(plan.duration + 1)
    if isinstance(plan.dither, Spiral):
        radius = plan.dither.radius * np.sqrt((second + 1) / (plan.duration + 1))
        angle = 2 * np.pi * second / plan.dither.period
        x, y = radius * np.cos(angle), radius * np.sin(angle)
    else:
        x, y = (np.array(v[: len(second)]) for v in (plan.dither.x, plan.dither.y))
    ra, dec = plane_to_sky(x, y, plan.ra0, plan.dec0, 0.0)
    odd = inside(second, plan.bad_aspect)
    odd[: plan.odd_rows[0]] = True
    odd[len(odd) - plan.odd_rows[1] :] = True
    roll = plan.roll0 + ROLL_DRIFT_DEG_PER_S * second.astype(np.float64)
    return Aspect(start_ms + 1000 * second, ra, dec, roll, odd.astype(np.int64))


@dataclass(frozen=True, eq=False)
class Attitude:
    """The attitude of a leg, laid out for the kernels: one row for each second but the last.

    Parameters
    ----------
    axes : (rows, 3, 3) float64
        Unit vectors: where x grows on the detector, where y grows, and the pointing.
    drift : (rows, 2) float64
        How the pointing moves until the next row, arcsec/s along x and y.
    """

    start_ms: int
    axes: Floats
    drift: Floats

    @classmethod
    def of(cls, leg: Leg) -> "Attitude":
        """Return the attitude of a leg that has an aspect row for every second."""
        aspect, boresight = leg.aspect, leg.boresight
        east, north, pointing = np.moveaxis(sky_frames(aspect.ra, aspect.dec), 1, 0)
        roll = np.radians(aspect.roll)[:, None]
        axis_x = -east * np.cos(roll) + north * np.sin(roll)
        axis_y = east * np.sin(roll) + north * np.cos(roll)
        x, y = sky_to_plane(aspect.ra, aspect.dec, boresight.ra0, boresight.dec0, aspect.roll)
        return cls(
            int(aspect.time_ms[0]),
            np.stack([axis_x, axis_y, pointing], axis=1)[:-1].copy(),
            np.stack([np.diff(x), np.diff(y)], axis=1),
        )

    def rows(self, time_ms: Integers) -> tuple[Integers, Floats]:
        """Return the row of each time, and the seconds since then."""
        row = np.clip((time_ms - self.start_ms) // 1000, 0, len(self.axes) - 1)
        return row, (time_ms - self.start_ms - 1000 * row) / 1000


def slew(start: Aspect, stop: Aspect) -> tuple[Floats, Floats, Floats]:
    """Return ra, dec, roll for each second between two legs, along the straight line in space."""
    n = int(stop.time_ms[0] - start.time_ms[-1]) // 1000 - 1
    part = (np.arange(1, n + 1) / (n + 1))[:, None]
    a, b = (
        sky_frames(aspect.ra[[row]], aspect.dec[[row]])[0, 2]
        for aspect, row in ((start, -1), (stop, 0))
    )
    x, y, z = (a * (1 - part) + b * part).T
    ra = np.degrees(np.arctan2(y, x)) % 360
    roll = start.roll[-1] * (1 - part[:, 0]) + stop.roll[0] * part[:, 0]
    return ra, np.degrees(np.arctan2(z, np.hypot(x, y))), roll
