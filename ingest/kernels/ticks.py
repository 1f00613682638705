"""Events per distinct time, and the exposure that follows from them."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def count_ticks(
    offset_ms: NDArray[np.int32], flags: NDArray[np.uint8]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Count events at each distinct time.

    Parameters
    ----------
    offset_ms : (n,) int32
        Times, not decreasing, ms.
    flags : (n,) uint8
        Flags of the photons.

    Returns
    -------
    tick_ms : (m,) int32
        The distinct times.
    events, unflagged : (m,) int32
        How many photons there are, and how many with flag 0.
    """
    n = len(offset_ms)
    tick_ms = np.empty(n, np.int32)
    events = np.zeros(n, np.int32)
    unflagged = np.zeros(n, np.int32)
    m = -1
    for k in range(n):
        if m < 0 or offset_ms[k] != tick_ms[m]:
            m += 1
            tick_ms[m] = offset_ms[k]
        events[m] += 1
        if flags[k] == 0:
            unflagged[m] += 1
    m += 1
    return tick_ms[:m].copy(), events[:m].copy(), unflagged[:m].copy()


@njit(cache=True, nogil=True)
def closed_shutter_ms(times_ms: NDArray[np.int64], gap_ms: int) -> int:
    """Return the sum of the gaps >= `gap_ms` between consecutive times, ms."""
    closed = 0
    for k in range(1, len(times_ms)):
        gap = times_ms[k] - times_ms[k - 1]
        if gap >= gap_ms:
            closed += gap
    return closed
