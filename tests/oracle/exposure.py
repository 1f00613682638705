"""The effective exposure of an interval (spec-exposure)."""

import numpy as np

from tests.oracle.arrays import Integers
from tests.oracle.constants import DEAD_TIME

SHUTTER_MS = 50


def exposure(time_ms: Integers, flag: Integers, start_ms: int, stop_ms: int, *, band: str) -> float:
    """Return the effective exposure of ``[start_ms, stop_ms)`` in seconds.

    Parameters
    ----------
    time_ms, flag : (n,) int64
        All photons of the leg, flagged and off the detector too.
    """
    inside = (time_ms >= start_ms) & (time_ms < stop_ms) & (flag == 0)
    times = np.unique(np.append(time_ms[inside], [start_ms, stop_ms]))
    gaps = np.diff(times)
    raw = (stop_ms - start_ms - int(gaps[gaps >= SHUTTER_MS].sum())) / 1000
    if raw == 0:
        return 0.0
    rate = inside.sum() / raw
    slope, intercept = DEAD_TIME[band]
    return float(raw * (slope * rate + intercept) / intercept)
