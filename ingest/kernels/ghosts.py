"""Post-CSP ghost images: spots of many photons whose mean y wiggle phase is impossibly low.

Positions come as offsets from the leg's boresight so that a field across RA 0 is one piece.

See docs/specification.md, 'Ghosts after CSP' (spec-ghosts).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

GRID = 1600
"""Cells of the search grid on each axis."""

MIN_PHOTONS = 15
"""A ghost cell holds more photons than this ..."""

MAX_MEAN_YA = 6.0
"""... and their mean ya is below this."""


@njit(cache=True, nogil=True, error_model="numpy")
def grid_cell(x: float, y: float, bounds: NDArray[np.float64]) -> int:
    """Return the flat grid cell of a position within `bounds` (x_min, x_max, y_min, y_max).

    The upper edge belongs to the last cell, as in a histogram.
    """
    width = bounds[1] - bounds[0]
    height = bounds[3] - bounds[2]
    i = min(int((x - bounds[0]) / width * GRID), GRID - 1) if width > 0.0 else 0
    j = min(int((y - bounds[2]) / height * GRID), GRID - 1) if height > 0.0 else 0
    return i * GRID + j


@njit(cache=True, nogil=True)
def accumulate(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    ya: NDArray[np.uint8],
    candidate: NDArray[np.bool_],
    bounds: NDArray[np.float64],
    count: NDArray[np.int64],
    ya_sum: NDArray[np.int64],
) -> None:
    """Add the candidates of a chunk to the (GRID*GRID,) `count` and `ya_sum`, in place."""
    for k in range(len(x)):
        if candidate[k]:
            cell = grid_cell(x[k], y[k], bounds)
            count[cell] += 1
            ya_sum[cell] += ya[k]


@njit(cache=True, nogil=True, error_model="numpy")
def in_ghost(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    candidate: NDArray[np.bool_],
    bounds: NDArray[np.float64],
    count: NDArray[np.int64],
    ya_sum: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Return which photons of a chunk lie in a ghost cell, (n,) bool."""
    ghost = np.zeros(len(x), np.bool_)
    for k in range(len(x)):
        if candidate[k]:
            cell = grid_cell(x[k], y[k], bounds)
            ghost[k] = count[cell] > MIN_PHOTONS and ya_sum[cell] / count[cell] < MAX_MEAN_YA
    return ghost
