"""Events at each distinct time."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.ingest.kernels.reduction import PhotonRecords


@njit(cache=True, nogil=True)
def count_ticks(
    photons: PhotonRecords,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Count events at each distinct time.

    Parameters
    ----------
    photons : (n,) PHOTON
        In the order of their times.

    Returns
    -------
    tick_ms : (m,) int32
        The distinct times, ms since the start of the leg.
    events, unflagged : (m,) int32
        How many photons there are, and how many with flag 0.
    """
    n = len(photons)
    tick_ms = np.empty(n, np.int32)
    events = np.zeros(n, np.int32)
    unflagged = np.zeros(n, np.int32)
    m = -1
    for k in range(n):
        if m < 0 or photons[k].offset_ms != tick_ms[m]:
            m += 1
            tick_ms[m] = photons[k].offset_ms
        events[m] += 1
        if photons[k].flags == 0:
            unflagged[m] += 1
    m += 1
    return tick_ms[:m].copy(), events[:m].copy(), unflagged[:m].copy()
