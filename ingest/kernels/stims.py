"""Finding the electronic test pulses among the events.

See docs/specification.md, 'Stims and stim separation' (spec-stims).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.ingest.kernels.decode import Bytes, Floats, microns, unpack
from gphoton_db.mission import CentreScale

_SLACK = 1e-3
"""Microns: far more than rounding, far less than a box."""


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
    # The wave is -16 to 15, so what is nearer to the centre than this is in none of the boxes.
    least_x, least_y = abs(stim_x[0]), abs(stim_y[0])
    for s in range(1, 4):
        least_x, least_y = min(least_x, abs(stim_x[s])), min(least_y, abs(stim_y[s]))
    least_x -= margin + 16.0 * abs(scale.xslp * scale.xscl) + _SLACK
    least_y -= margin + 16.0 * abs(scale.yslp * scale.yscl) + _SLACK
    for k in range(len(rows)):
        xb, xamc, yb, yamc, _, xa = unpack(rows, k, first_byte)
        x = (xb * scale.xclk + xamc - scale.xcen) * scale.xscl
        y = (yb * scale.yclk + yamc - scale.ycen) * scale.yscl
        if abs(x) < least_x or abs(y) < least_y:
            continue
        x, y, _ = microns(xb, xamc, yb, yamc, xa, scale)
        for s in range(4):
            if abs(x - stim_x[s]) < margin and abs(y - stim_y[s]) < margin:
                index[found] = k
                stim[found] = s
                found += 1
                break
    return index[:found].copy(), stim[:found].copy()
