"""Finding the electronic test pulses among the events.

See docs/specification.md, 'Stims and stim separation' (spec-stims).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.ingest.kernels.decode import Bytes, Floats, microns, unpack
from gphoton_db.mission import CentreScale


@njit(cache=True, nogil=True, error_model="numpy")
def find_stims(
    rows: Bytes,
    first_byte: int,
    scale: CentreScale,
    stim_x: Floats,
    stim_y: Floats,
    margin: float,
) -> tuple[NDArray[np.int64], Bytes]:
    """Find the stim events in a block of raw6 rows.

    Parameters
    ----------
    rows : (n, width) uint8
        Rows of the raw6 table as they stand in the file.
    first_byte : int
        Offset of ``phb1`` in a row.
    scale : CentreScale
        Of the band and eclipse.
    stim_x, stim_y : (4,) float64
        Expected positions and `margin`, the half-width of the boxes, in microns.

    Returns
    -------
    index : (m,) int64
        Rows that are stim events.
    stim : (m,) uint8
        Which stim, 0..3.
    """
    index = np.empty(len(rows), np.int64)
    stim = np.empty(len(rows), np.uint8)
    found = 0
    for k in range(len(rows)):
        xb, xamc, yb, yamc, _, xa = unpack(rows, k, first_byte)
        x, y, _ = microns(xb, xamc, yb, yamc, xa, scale)
        for s in range(4):
            if abs(x - stim_x[s]) < margin and abs(y - stim_y[s]) < margin:
                index[found] = k
                stim[found] = s
                found += 1
                break
    return index[:found].copy(), stim[:found].copy()
