"""How long the shutter was closed."""

import numpy as np
from numpy.typing import NDArray

from gphoton_db.kernels.late import late


@late(cache=True, nogil=True)
def closed_shutter_ms(times_ms: NDArray[np.int64], gap_ms: int) -> int:
    """Return the sum of the gaps >= `gap_ms` between consecutive times, ms."""
    closed = 0
    for k in range(1, len(times_ms)):
        gap = times_ms[k] - times_ms[k - 1]
        if gap >= gap_ms:
            closed += gap
    return closed
