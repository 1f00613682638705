"""Statistics of an image in boxes, clipped, and medians over neighbouring boxes."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_CLIPS = 5
"""How often outliers are clipped at the most."""


@njit(cache=True, nogil=True)
def box_statistics(
    image: Floats, outside: NDArray[np.bool_], side: int, n_sigma: float, least: float
) -> tuple[Floats, Floats]:
    """Return the median and the standard deviation in boxes, outliers clipped.

    Parameters
    ----------
    image : (rows, columns) float64
        The image.
    outside : (rows, columns) bool
        Pixels that do not count.
    side : int
        Of a box, pixels; the last ones may reach over the image.
    n_sigma : float
        Deviations from the median beyond which a value is clipped.
    least : float
        Part of a box's pixels; with that many left or fewer it has no statistics: NaN.
    """
    n_rows, n_columns = image.shape
    shape = (math.ceil(n_rows / side), math.ceil(n_columns / side))
    median, deviation = np.full(shape, np.nan), np.full(shape, np.nan)
    values = np.empty(side * side)
    for i in range(shape[0]):
        for j in range(shape[1]):
            n = 0
            for y in range(i * side, min((i + 1) * side, n_rows)):
                for x in range(j * side, min((j + 1) * side, n_columns)):
                    if not outside[y, x]:
                        values[n] = image[y, x]
                        n += 1
            kept = clipped(values[:n], n_sigma)
            if len(kept) > least * side * side:
                median[i, j] = np.median(kept)
                deviation[i, j] = np.std(kept)
    return median, deviation


@njit(cache=True, nogil=True)
def clipped(values: Floats, n_sigma: float) -> Floats:
    """Return the values that lie near their median, found by clipping again and again."""
    for _ in range(MOST_CLIPS):
        if len(values) == 0:
            break
        middle, reach = np.median(values), n_sigma * np.std(values)
        kept = values[(values >= middle - reach) & (values <= middle + reach)]
        if len(kept) == len(values):
            break
        values = kept
    return values


@njit(cache=True, nogil=True)
def median_filter(grid: Floats, side: int) -> Floats:
    """Return the median about each place of a grid; beyond its borders there is nothing."""
    n_rows, n_columns = grid.shape
    reach = side // 2
    filtered = np.empty(grid.shape)
    for i in range(n_rows):
        rows = slice(max(i - reach, 0), min(i + reach + 1, n_rows))
        for j in range(n_columns):
            columns = slice(max(j - reach, 0), min(j + reach + 1, n_columns))
            filtered[i, j] = np.median(grid[rows, columns])
    return filtered
