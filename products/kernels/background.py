"""The background of an image: statistics in boxes, medians over them, a spline between them."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_CLIPS = 5
"""How often outliers are clipped at the most."""

TOGETHER = 256
"""Ranks that are counted together, too."""


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
    shape = (math.ceil(image.shape[0] / side), math.ceil(image.shape[1] / side))
    values, number = values_of_boxes(image, outside, side, shape)
    # numpy sorts faster than a kernel, and need not be compiled.
    values.sort(axis=1)
    median, deviation = statistics_of_boxes(values, number, n_sigma, least * side * side)
    return median.reshape(shape), deviation.reshape(shape)


@njit(cache=True, nogil=True, error_model="numpy")
def values_of_boxes(
    image: Floats, outside: NDArray[np.bool_], side: int, shape: tuple[int, int]
) -> tuple[Floats, NDArray[np.int64]]:
    """Return the values of each box, (boxes, side^2), infinite after the last; and how many."""
    n_rows, n_columns = image.shape
    values = np.full((shape[0] * shape[1], side * side), np.inf)
    number = np.zeros(len(values), np.int64)
    for y in range(n_rows):
        for x in range(n_columns):
            if not outside[y, x]:
                box = y // side * shape[1] + x // side
                values[box, number[box]] = image[y, x]
                number[box] += 1
    return values, number


@njit(cache=True, nogil=True, error_model="numpy")
def statistics_of_boxes(
    values: Floats, number: NDArray[np.int64], n_sigma: float, least: float
) -> tuple[Floats, Floats]:
    """Return medians and deviations of sorted values, NaN where no more than `least` are left."""
    median, deviation = np.full(len(values), np.nan), np.full(len(values), np.nan)
    for box in range(len(values)):
        if number[box] <= least:
            continue
        kept = clipped(values[box, : number[box]], n_sigma)
        if len(kept) > least:
            median[box] = _middle(kept)
            deviation[box] = _deviation(kept)
    return median, deviation


@njit(cache=True, nogil=True, error_model="numpy")
def clipped(values: Floats, n_sigma: float) -> Floats:
    """Return the part of sorted values that lies near their median, clipped again and again."""
    for _ in range(MOST_CLIPS):
        middle, reach = _middle(values), n_sigma * _deviation(values)
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


@njit(cache=True, nogil=True, error_model="numpy")
def _deviation(values: Floats) -> float:
    """Return the standard deviation: numpy's, which takes seconds to compile."""
    total = 0.0
    for value in values:
        total += value
    mean, squares = total / len(values), 0.0
    for value in values:
        squares += (value - mean) * (value - mean)
    return math.sqrt(squares / len(values))


@njit(cache=True, nogil=True, error_model="numpy")
def _middle(values: Floats) -> float:
    """Return the median of sorted values."""
    half = len(values) // 2
    middle: float = values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2
    return middle


def median_filter(grid: Floats, side: int) -> Floats:
    """Return the median about each place of a grid; beyond its borders there is nothing."""
    values, rank = np.unique(grid, return_inverse=True)
    filtered: Floats = medians_of_ranks(rank.reshape(grid.shape).astype(np.int32), values, side)
    return filtered


@njit(cache=True, nogil=True, error_model="numpy")
def medians_of_ranks(rank: NDArray[np.int32], values: Floats, side: int) -> Floats:
    """Return medians about each place of a grid that has numbers of `values`, which rise.

    How often each is in the square is counted, and in bins of `TOGETHER` of them: a step to the
    next place changes two columns of the square.
    """
    n_rows, n_columns = rank.shape
    reach = side // 2
    filtered = np.empty(rank.shape)
    coarse = np.zeros(len(values) // TOGETHER + 1, np.int32)
    fine = np.zeros(len(coarse) * TOGETHER, np.int32)
    for i in range(n_rows):
        coarse[:] = 0
        fine[:] = 0
        top, stop = max(i - reach, 0), min(i + reach + 1, n_rows)
        for j in range(-reach, n_columns):
            if j + reach < n_columns:
                _count(rank[top:stop, j + reach], 1, coarse, fine)
            if j - reach - 1 >= 0:
                _count(rank[top:stop, j - reach - 1], -1, coarse, fine)
            if j < 0:
                continue
            n = (stop - top) * (min(j + reach + 1, n_columns) - max(j - reach, 0))
            median = values[_at(n // 2, coarse, fine)]
            if n % 2 == 0:
                median = (values[_at(n // 2 - 1, coarse, fine)] + median) / 2
            filtered[i, j] = median
    return filtered


@njit(cache=True, nogil=True, error_model="numpy")
def _count(
    ranks: NDArray[np.int32], times: int, coarse: NDArray[np.int32], fine: NDArray[np.int32]
) -> None:
    for each in ranks:
        fine[each] += times
        coarse[each // TOGETHER] += times


@njit(cache=True, nogil=True, error_model="numpy")
def _at(place: int, coarse: NDArray[np.int32], fine: NDArray[np.int32]) -> int:
    """Return which rank has a place, from 0, among those that were counted."""
    part = 0
    while place >= coarse[part]:
        place -= coarse[part]
        part += 1
    rank = part * TOGETHER
    while place >= fine[rank]:
        place -= fine[rank]
        rank += 1
    return rank


@njit(cache=True, nogil=True, error_model="numpy")
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


@njit(cache=True, nogil=True, error_model="numpy")
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
