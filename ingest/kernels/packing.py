"""Raw6 rows to and from the form in which they wait for the second pass.

A parked event is nine bytes: its time in ms since the first event (little-endian, unsigned), then
its five packed bytes as they were.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.ingest.kernels.decode import Bytes

PARKED_BYTES = 9
FIRST_PACKED_BYTE = 4
"""Where the packed bytes of a parked event begin."""

MAX_SPAN_MS = (1 << 32) - 1


@njit(cache=True, nogil=True, error_model="numpy")
def park(rows: Bytes, first_byte: int, t_ms: NDArray[np.int64], first_ms: int) -> Bytes:
    """Return raw6 rows as (n, 9) parked events; times count from `first_ms`."""
    n = len(rows)
    parked = np.empty((n, PARKED_BYTES), np.uint8)
    for k in range(n):
        since = t_ms[k] - first_ms
        for byte in range(FIRST_PACKED_BYTE):
            parked[k, byte] = (since >> (8 * byte)) & 255
        for byte in range(5):
            parked[k, FIRST_PACKED_BYTE + byte] = rows[k, first_byte + byte]
    return parked


@njit(cache=True, nogil=True, error_model="numpy")
def parked_times(parked: Bytes, first_ms: int) -> NDArray[np.int64]:
    """Return the GALEX times of parked events, ms."""
    t_ms = np.empty(len(parked), np.int64)
    for k in range(len(parked)):
        since = np.int64(0)
        for byte in range(FIRST_PACKED_BYTE):
            since |= np.int64(parked[k, byte]) << np.int64(8 * byte)
        t_ms[k] = first_ms + since
    return t_ms
