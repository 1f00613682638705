"""Which points of the sky were seen at all, without the sums of their exposure."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.products.kernels.hips import detector_pixel

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]


@njit(cache=True, nogil=True, error_model="numpy")
def mark_seen_at(
    points: Floats,
    planes: Floats,
    weight: Floats32,
    segment: int,
    field: tuple[Floats, float, float],
    seen: Floats,
) -> None:
    """Mark the points that had exposure in any of some attitudes, in place.

    Those are the ones for which `add_exposure_at` is above 0.  Most are seen in the first attitude,
    or too far from all of them; what is left of a segment is looked for in the others.

    Parameters
    ----------
    points, planes, segment
        As for `add_exposure_at`.
    weight : (800, 800) float32
        What a second on each detector pixel counts, [col, row].
    field : (3,) float64, float, float
        A direction, how far from it anything may be seen in all the attitudes, and how far in one
        of them from where that points, as chords of the unit sphere.
    seen : (rows, columns) float64
        Changed: 1 where a point is seen that was not.
    """
    n_columns = points.shape[1]
    for j in range(points.shape[0]):
        for first in range(0, n_columns, segment):
            end = min(first + segment, n_columns - 1)
            line = points[j, first : end + 1]
            left = _unseen(seen[j], first, min(first + segment, n_columns) - 1)
            middle, half = _middle(line, left[0] - first, left[1] - first)
            if left[0] > left[1] or _distance(middle, field[0]) - half > field[1]:
                continue
            for k in range(len(planes)):
                if _distance(middle, planes[k, 2]) - half > field[2]:
                    continue
                if _mark(line, planes[k], weight, first, left, seen[j]):
                    left = _unseen(seen[j], *left)
                    if left[0] > left[1]:
                        break
                    middle, half = _middle(line, left[0] - first, left[1] - first)


@njit(cache=True, nogil=True)
def _unseen(seen: Floats, first: int, last: int) -> tuple[int, int]:
    """Return the first and the last point, of some, that was not seen: 1, 0 where all were."""
    while first <= last and seen[first] > 0.0:
        first += 1
    while first <= last and seen[last] > 0.0:
        last -= 1
    return (first, last) if first <= last else (1, 0)


@njit(cache=True, nogil=True, error_model="numpy")
def _middle(line: Floats, low: int, high: int) -> tuple[tuple[float, float, float], float]:
    """Return the middle of a part of a straight line through two points, and half its length.

    Detector positions are taken as linear between them, so this is where a point is looked for.
    """
    a, b, part = line[0], line[-1], (low + high) / (2 * max(len(line) - 1, 1))
    half = _distance((a[0], a[1], a[2]), b) * (high - low) / (2 * max(len(line) - 1, 1))
    x, y, z = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    return (a[0] + part * x, a[1] + part * y, a[2] + part * z), half


@njit(cache=True, nogil=True, inline="always")
def _distance(a: tuple[float, float, float], b: Floats) -> float:
    return math.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2)


@njit(cache=True, nogil=True, error_model="numpy")
def _mark(
    line: Floats,
    axes: Floats,
    weight: Floats32,
    first: int,
    left: tuple[int, int],
    seen: Floats,
) -> bool:
    """Mark the points of a segment that an attitude saw; return whether there are any new ones."""
    n_steps = max(len(line) - 1, 1)
    col, row, known = detector_pixel(axes, line[0])
    next_col, next_row, next_known = detector_pixel(axes, line[-1])
    found = False
    if not (known and next_known):
        return found
    col_step, row_step = (next_col - col) / n_steps, (next_row - row) / n_steps
    for i in range(left[0], left[1] + 1):
        if seen[i] > 0.0:
            continue
        at_col, at_row = col + col_step * (i - first), row + row_step * (i - first)
        inside = 0.0 <= at_col < weight.shape[0] and 0.0 <= at_row < weight.shape[1]
        if inside and weight[int(at_col), int(at_row)] > 0.0:
            seen[i] = 1.0
            found = True
    return found
