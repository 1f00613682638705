"""Look-ups in calibration tables; off a table, or among missing values, the answer is 0."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Image = NDArray[np.float32]

MISSING = -999.0


@njit(cache=True, nogil=True, error_model="numpy")
def on_line(table: Image, phase: int, f: float) -> float:
    """Return ``table[phase, f]``, linear in f."""
    if not 0 < f < table.shape[1] - 1:
        return 0.0
    cell = int(f)
    low, high = table[phase, cell], table[phase, cell + 1]
    return float(low + (high - low) * (f - cell))


@njit(cache=True, nogil=True, error_model="numpy")
def on_plane(x_table: Image, y_table: Image, fx: float, fy: float) -> tuple[float, float, bool]:
    """Return ``table[fy, fx]`` of two tables, bilinear, and whether both have it."""
    rows, columns = x_table.shape
    if not (0 < fx < columns - 1 and 0 < fy < rows - 1):
        return 0.0, 0.0, False
    x, y = int(fx), int(fy)
    for row in (y, y + 1):
        for column in (x, x + 1):
            if x_table[row, column] == MISSING or y_table[row, column] == MISSING:
                return 0.0, 0.0, False
    return _bilinear(x_table, x, y, fx, fy), _bilinear(y_table, x, y, fx, fy), True


@njit(cache=True, nogil=True, error_model="numpy")
def _bilinear(table: Image, x: int, y: int, fx: float, fy: float) -> float:
    u, v = fx - x, fy - y
    lower = table[y, x] + (table[y, x + 1] - table[y, x]) * u
    upper = table[y + 1, x] + (table[y + 1, x + 1] - table[y + 1, x]) * u
    return float(lower + (upper - lower) * v)
