"""Legs: the nominal pointings of an eclipse, each with its stretch of the aspect."""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Aspect, Boresight, IntArray, Leg
from gphoton_db.aspect.sphere import (
    SkyBounds,
    bounds_of_discs,
    centre,
    mean_angle,
    normalised_angle,
    separation,
    unit_vectors,
)
from gphoton_db.errors import PointingError
from gphoton_db.mission import DETECTOR_RADIUS_DEG

log = logging.getLogger(__name__)

FIX_STEP_MS = 1000
"""Aspect rows come once a second; a good fix has its neighbours exactly this far away."""

TARGET_RADIUS_DEG = 0.1
"""Pointing farther than this from a leg's nominal target has left the leg (see spec-legs)."""

SHORTEST_PAUSE_S = 10
"""Good fixes that pause for this long end a leg.

A slew lasts tens of seconds (docs/specification.md, spec-legs); one bad row costs three good
fixes.  So single bad rows, even a few together, do not end a leg.
"""

SHORTEST_LEG_S = 30
"""Legs found in the aspect alone with fewer seconds of good fixes are dropped (see spec-legs)."""


def good_fixes(aspect: Aspect) -> NDArray[np.bool_]:
    """Return which aspect rows are good fixes.

    These are the rows with an even flag, whose neighbours on both sides have even flags too and
    are exactly 1 s away.  The first and the last row never are.

    Parameters
    ----------
    aspect : Aspect
        n rows.

    Returns
    -------
    (n,) bool
        A photon whose last aspect row is a good fix gets a trusted position.
    """
    good = np.zeros(len(aspect), dtype=bool)
    even = aspect.flags & 1 == 0
    step = np.diff(aspect.time_ms) == FIX_STEP_MS
    good[1:-1] = even[:-2] & even[1:-1] & even[2:] & step[:-1] & step[1:]
    return good


def dither_boresight(aspect: Aspect) -> Boresight:
    """Return the centre of the dither: mean direction and mean roll of the good fixes.

    Without any good fix, all rows count.

    Raises
    ------
    PointingError
        If there are no rows.
    """
    used = good_fixes(aspect)
    if not used.any():
        used[:] = True
    return Boresight(*centre(aspect.ra[used], aspect.dec[used]), mean_angle(aspect.roll[used]))


def nominal_boresight(
    aspect: Aspect, *, ra0: float | None, dec0: float | None, roll0: float | None
) -> Boresight:
    """Return a leg's boresight from what a header or table gives; the rest is `dither_boresight`.

    Parameters
    ----------
    aspect : Aspect
        The rows of the leg.
    ra0, dec0, roll0 : float or None
        Nominal pointing, deg; None = not given.  Position counts only if both parts are given.

    Raises
    ------
    PointingError
        If `dec0` lies outside -90..90 deg, or there are no rows.
    """
    dither = dither_boresight(aspect)
    roll0 = dither.roll0 if roll0 is None else roll0
    if ra0 is None or dec0 is None:
        return Boresight(dither.ra0, dither.dec0, roll0)
    if abs(dec0) > 90:
        raise PointingError(f"the boresight's dec, {dec0}, lies outside -90..90 deg")
    return Boresight(float(normalised_angle(ra0)), dec0, roll0)


@dataclass(frozen=True)
class LegStart:
    """A row of a boresight table.

    Parameters
    ----------
    number : int
        The leg, counted from 0.
    start_ms : int
        GALEX time, milliseconds, at which the leg starts.
    ra0, dec0, roll0 : float or None
        Its nominal pointing, deg; None = not given.
    """

    number: int
    start_ms: int
    ra0: float | None = None
    dec0: float | None = None
    roll0: float | None = None


def legs_from_boresights(aspect: Aspect, starts: Sequence[LegStart]) -> tuple[Leg, ...]:
    """Split an eclipse's aspect at the starts of its legs.

    A leg holds the rows from its start on and before the start of the next one; the last leg
    holds all the rest.  Rows before the first start belong to no leg, and a leg without rows is
    left out.

    Raises
    ------
    PointingError
        If two legs have one start or one number, their numbers do not follow their starts, or a
        boresight is impossible.
    """
    starts = sorted(starts, key=lambda leg: leg.start_ms)
    for one, other in pairwise(starts):
        if one.start_ms == other.start_ms or one.number >= other.number:
            raise PointingError(
                f"legs {one.number} and {other.number} start at t = {one.start_ms / 1000:.3f} and "
                f"{other.start_ms / 1000:.3f}: legs must be numbered in order of time"
            )
    stops = [leg.start_ms for leg in starts[1:]] + [np.iinfo(np.int64).max]
    legs = []
    for start, stop_ms in zip(starts, stops, strict=True):
        rows = aspect.between(start.start_ms, stop_ms)
        if len(rows):
            boresight = nominal_boresight(rows, ra0=start.ra0, dec0=start.dec0, roll0=start.roll0)
            legs.append(Leg(start.number, boresight, rows))
        else:
            log.warning("leg %d has no aspect; left out", start.number)
    return tuple(legs)


def legs_from_aspect(aspect: Aspect, *, planned: Sequence[Boresight] = ()) -> tuple[Leg, ...]:
    """Find the legs of an eclipse in its aspect alone.

    A leg is a run of good fixes that ends where the pointing leaves the current nominal target,
    here the mean pointing of the leg so far, by more than `TARGET_RADIUS_DEG`, or where the good
    fixes pause for `SHORTEST_PAUSE_S`.  Runs with fewer than `SHORTEST_LEG_S` good fixes are
    dropped: slews, mostly.  The legs are numbered from 0 as they come.

    Parameters
    ----------
    aspect : Aspect
        All rows of the eclipse.
    planned : sequence of Boresight
        Nominal pointings where a header gives them.

    Returns
    -------
    tuple of Leg
        Each holds the rows from the one before its first good fix to the one after its last, so
        that slews are in no leg.  Its boresight is the nearest planned one, if that lies within
        `TARGET_RADIUS_DEG` of the centre of the dither, else the centre of the dither.
    """
    runs = [run for run in _runs_on_target(aspect) if len(run) >= SHORTEST_LEG_S]
    legs = []
    previous_end = -1
    for number, run in enumerate(runs):
        # The rows around the run let its first and last fix be used; no row is in two legs.
        begin = max(int(run[0]) - 1, previous_end + 1)
        end = int(run[-1]) + 1
        if number + 1 < len(runs):
            end = min(end, int(runs[number + 1][0]) - 1)
        previous_end = end
        rows = aspect.between(int(aspect.time_ms[begin]), int(aspect.time_ms[end]) + 1)
        legs.append(Leg(number, _planned_near(dither_boresight(rows), planned), rows))
    return tuple(legs)


def _runs_on_target(aspect: Aspect) -> list[IntArray]:
    """Return the runs of good fixes that stay on one target, as arrays of row numbers."""
    fixes = np.flatnonzero(good_fixes(aspect))
    if not fixes.size:
        return []
    cosine = math.cos(math.radians(TARGET_RADIUS_DEG))
    vectors = unit_vectors(aspect.ra[fixes], aspect.dec[fixes]).tolist()
    paused = np.diff(aspect.time_ms[fixes], prepend=0) >= SHORTEST_PAUSE_S * 1000
    breaks = [0]
    sx = sy = sz = 0.0
    for i, ((x, y, z), pause) in enumerate(zip(vectors, paused.tolist(), strict=True)):
        length = math.sqrt(sx * sx + sy * sy + sz * sz)
        if i and (pause or sx * x + sy * y + sz * z < cosine * length):
            breaks.append(i)
            sx = sy = sz = 0.0
        sx, sy, sz = sx + x, sy + y, sz + z
    return np.split(fixes, breaks[1:])


def _planned_near(dither: Boresight, planned: Sequence[Boresight]) -> Boresight:
    """Return the planned boresight nearest to the centre of a dither, or else that centre."""
    if planned:
        away = separation(
            [p.ra0 for p in planned], [p.dec0 for p in planned], dither.ra0, dither.dec0
        )
        nearest = int(np.argmin(away))
        if away[nearest] <= TARGET_RADIUS_DEG:
            return planned[nearest]
    return dither


@dataclass(frozen=True)
class LegGeometry:
    """When and where a leg observed.

    Parameters
    ----------
    t0_ms, t1_ms : int
        GALEX time of its first and last aspect row, milliseconds.
    good_s : int
        Seconds of good fixes.
    ra0, dec0 : float
        Its boresight, deg.
    radius : float
        Radius of the smallest circle about the boresight that holds the discs of all good fixes,
        deg; a disc has `mission.DETECTOR_RADIUS_DEG`.
    bounds : SkyBounds
        Bounds of those discs.
    """

    t0_ms: int
    t1_ms: int
    good_s: int
    ra0: float
    dec0: float
    radius: float
    bounds: SkyBounds


def leg_geometry(leg: Leg) -> LegGeometry:
    """Return when and where a leg observed.

    Raises
    ------
    PointingError
        If the leg has no good fix.
    """
    aspect, boresight = leg.aspect, leg.boresight
    good = good_fixes(aspect)
    if not good.any():
        raise PointingError(f"leg {leg.number} has no good aspect fix, so it observed nowhere")
    ra, dec = aspect.ra[good], aspect.dec[good]
    dither_radius = float(separation(ra, dec, boresight.ra0, boresight.dec0).max())
    return LegGeometry(
        t0_ms=int(aspect.time_ms[0]),
        t1_ms=int(aspect.time_ms[-1]),
        good_s=int(good.sum()),
        ra0=boresight.ra0,
        dec0=boresight.dec0,
        radius=dither_radius + DETECTOR_RADIUS_DEG,
        bounds=bounds_of_discs(ra, dec, DETECTOR_RADIUS_DEG),
    )
