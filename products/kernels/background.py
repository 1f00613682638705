"""The background of an image: statistics in boxes, medians over them, a spline between them."""

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
            if n <= least * side * side:
                continue
            kept = clipped(np.sort(values[:n]), n_sigma)
            if len(kept) > least * side * side:
                median[i, j] = _middle(kept)
                deviation[i, j] = np.std(kept)
    return median, deviation


@njit(cache=True, nogil=True)
def clipped(values: Floats, n_sigma: float) -> Floats:
    """Return the part of sorted values that lies near their median, clipped again and again."""
    for _ in range(MOST_CLIPS):
        middle, reach = _middle(values), n_sigma * np.std(values)
        first, stop = 0, len(values)
        while first < stop and not values[first] >= middle - reach:
            first += 1
        while stop > first and not values[stop - 1] <= middle + reach:
            stop -= 1
        if stop - first == len(values):
            break
        values = values[first:stop]
        if len(values) == 0:
            break
    return values


@njit(cache=True, nogil=True)
def _middle(values: Floats) -> float:
    """Return the median of sorted values."""
    half = len(values) // 2
    middle: float = values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2
    return middle


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


@njit(cache=True, nogil=True)
def spline_rows(coefficients: Floats, side: int, rows: tuple[int, int], n_columns: int) -> Floats:
    """Return rows of the cubic spline through the middles of boxes.

    Beyond the outermost boxes it is mirrored about the border of the grid, as with
    ``scipy.ndimage.zoom(..., order=3, mode="reflect", grid_mode=True)``.

    Parameters
    ----------
    coefficients : (boxes, boxes) float64
        Of the B-splines (``scipy.ndimage.spline_filter``).
    side : int
        Of a box, pixels.
    rows : tuple of int
        First row, and the one after the last.
    n_columns : int
        How long they are.
    """
    first, stop = rows
    values = np.empty((stop - first, n_columns))
    column = np.empty((n_columns, 4), np.int64)
    weight = np.empty((n_columns, 4))
    for x in range(n_columns):
        _splines_at((x + 0.5) / side - 0.5, coefficients.shape[1], column[x], weight[x])
    row, row_weight = np.empty(4, np.int64), np.empty(4)
    line = np.empty(coefficients.shape[1])
    for y in range(first, stop):
        _splines_at((y + 0.5) / side - 0.5, coefficients.shape[0], row, row_weight)
        for j in range(len(line)):
            line[j] = 0.0
            for k in range(4):
                line[j] += row_weight[k] * coefficients[row[k], j]
        for x in range(n_columns):
            value = 0.0
            for k in range(4):
                value += weight[x, k] * line[column[x, k]]
            values[y - first, x] = value
    return values


@njit(cache=True, nogil=True)
def _splines_at(place: float, n: int, at: NDArray[np.int64], weight: Floats) -> None:
    """Give the four cubic B-splines that are not 0 at a place: their numbers and values."""
    below = math.floor(place)
    after = place - below
    before = 1.0 - after
    weight[0] = before * before * before / 6.0
    weight[1] = (after * after * (after - 2.0) * 3.0 + 4.0) / 6.0
    weight[2] = (before * before * (before - 2.0) * 3.0 + 4.0) / 6.0
    weight[3] = 1.0 - weight[0] - weight[1] - weight[2]
    for k in range(4):
        mirrored = (below - 1 + k) % (2 * n)
        at[k] = min(mirrored, 2 * n - 1 - mirrored)
