"""Stim events and the line of stim separation against time (spec-stims)."""

from dataclasses import dataclass

import numpy as np

from gphoton_db.errors import ReductionError
from tests.oracle.arrays import Floats, Integers
from tests.oracle.constants import (
    ARCSEC_PER_MICRON,
    LAST_PRE_CSP_ECLIPSE,
    POST_CSP_SEPARATION,
    STIM_GROUP,
    STIMS,
    epoch_key,
    stim_margin,
)
from tests.oracle.raw6 import DetectorEvents, RawEvents


@dataclass(frozen=True)
class SeparationLine:
    """Stim separation, arcsec: ``mean + slope * (t - t_mean)`` with t in GALEX seconds.

    Kept about its mean time: t is 1e9, and ``c0 + c1 t`` would lose digits.
    """

    mean: float
    slope: float
    t_mean: float

    def at(self, time_ms: Integers) -> Floats:
        """Return the separation at each time."""
        return np.asarray(self.mean + self.slope * (time_ms / 1000 - self.t_mean))


def stim_numbers(raw: RawEvents, events: DetectorEvents) -> Integers:
    """Return the stim (1..4) that each event belongs to; 0 for none."""
    margin = stim_margin(raw.eclipse)
    x_as, y_as = events.x * ARCSEC_PER_MICRON, events.y * ARCSEC_PER_MICRON
    number = np.zeros(len(x_as), np.int64)
    for k, (x, y) in enumerate(zip(*STIMS[epoch_key(raw.band, raw.eclipse)], strict=True), start=1):
        number[(abs(x_as - x) < margin) & (abs(y_as - y) < margin)] = k
    return number


def mean_positions(events: DetectorEvents, number: Integers) -> tuple[list[float], list[float]]:
    """Return mean x and mean y (arcsec) of stims 1 to 4."""
    for k in (1, 2, 3, 4):
        if not (number == k).any():
            raise ReductionError(f"there is no event of stim {k}")
    x = [float(events.x[number == k].mean()) * ARCSEC_PER_MICRON for k in (1, 2, 3, 4)]
    y = [float(events.y[number == k].mean()) * ARCSEC_PER_MICRON for k in (1, 2, 3, 4)]
    return x, y


def separation(x: list[float], y: list[float]) -> float:
    """Return the stim separation of four stim positions, in their unit."""
    (x1, x2, x3, x4), (y1, y2, y3, y4) = x, y
    return ((x2 - x1) + (x4 - x3) + (y1 - y3) + (y2 - y4)) / 4


def separation_line(raw: RawEvents, events: DetectorEvents) -> SeparationLine:
    """Fit the separation of consecutive groups of stim events; fixed after CSP."""
    if raw.eclipse > LAST_PRE_CSP_ECLIPSE:
        return SeparationLine(POST_CSP_SEPARATION[0], POST_CSP_SEPARATION[1], 0.0)
    number = stim_numbers(raw, events)
    of_stims = np.flatnonzero(number)
    of_stims = of_stims[np.argsort(raw.time_ms[of_stims], kind="stable")]
    times, separations = [], []
    for first in range(0, len(of_stims) - STIM_GROUP, STIM_GROUP):
        group = of_stims[first : first + STIM_GROUP]
        members = DetectorEvents(events.x[group], events.y[group], events.ya[group])
        times.append(raw.time_ms[group].mean() / 1000)
        separations.append(separation(*mean_positions(members, number[group])))
    if len(times) < 2:
        raise ReductionError(
            f"eclipse {raw.eclipse} has {len(of_stims)} stim events; a line needs 2,001"
        )
    t, s = np.array(times), np.array(separations)
    t_mean, s_mean = t.mean(), s.mean()
    slope = ((t - t_mean) * (s - s_mean)).sum() / ((t - t_mean) ** 2).sum()
    return SeparationLine(float(s_mean), float(slope), float(t_mean))
