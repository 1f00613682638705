"""How long each point of the sky was on good detector pixels.

A gnomonic plane on the sky and the gnomonic plane of the detector are related by a projective
transform (a 3 x 3 matrix), so that no point needs trigonometry, and few need a division.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

SEGMENT = 32
"""Points between which the detector position is taken as linear.  At 6 arcsec a point and 5 deg
from the image's reference that is about 0.0002 detector pixels off."""


class Line(NamedTuple):
    """Detector pixels of two points of a row of the grid, `n_steps` apart."""

    col: float
    row: float
    next_col: float
    next_row: float
    n_steps: int


@njit(cache=True, nogil=True)
def summed_area(weight: Floats32) -> Floats:
    """Return sums over rectangles that begin at the first pixel, one longer on both axes."""
    sums = np.zeros((weight.shape[0] + 1, weight.shape[1] + 1))
    for c in range(weight.shape[0]):
        along = 0.0
        for r in range(weight.shape[1]):
            along += weight[c, r]
            sums[c + 1, r + 1] = sums[c, r + 1] + along
    return sums


@njit(cache=True, nogil=True, error_model="numpy")
def add_exposure(
    transforms: Floats,
    seconds: Floats,
    weight: Floats32,
    sums: Floats,
    u: Floats,
    v: Floats,
    exposure: Floats,
) -> None:
    """Add the exposure of some attitudes to the points of a grid, in place.

    Parameters
    ----------
    transforms : (n, 3, 3) float64
        For each attitude, the matrix that takes (1, u, v) to the detector: with the result
        (c, r, along), the detector pixel is (c / along, r / along).
    seconds : (n,) float64
        Live time of each attitude, s.
    weight : (800, 800) float32
        What a second on each detector pixel counts, 0 to 1, [col, row].
    sums : (801, 801) float64
        `summed_area` of it.
    u, v : (columns,), (rows,) float64
        The grid, on the tangent plane of the image, radians.
    exposure : (rows, columns) float64
        Changed, s.
    """
    for j in range(len(v)):
        for k in range(len(seconds)):
            m = transforms[k]
            col, row, known = _detector_pixel(m, u[0], v[j])
            for first in range(0, len(u), SEGMENT):
                stop = min(first + SEGMENT, len(u))
                end = min(stop, len(u) - 1)
                next_col, next_row, next_known = _detector_pixel(m, u[end], v[j])
                if known and next_known:
                    line = Line(col, row, next_col, next_row, max(end - first, 1))
                    add_segment(line, seconds[k], weight, sums, exposure[j], first, stop)
                col, row, known = next_col, next_row, next_known


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _detector_pixel(m: Floats, u: float, v: float) -> tuple[float, float, bool]:
    """Return the detector pixel of a point, and whether it has one."""
    along = m[2, 0] + m[2, 1] * u + m[2, 2] * v
    inverse = 1.0 / along
    return (
        (m[0, 0] + m[0, 1] * u + m[0, 2] * v) * inverse,
        (m[1, 0] + m[1, 1] * u + m[1, 2] * v) * inverse,
        along > 0.0,
    )


@njit(cache=True, nogil=True, inline="always")
def add_segment(
    line: Line,
    seconds: float,
    weight: Floats32,
    sums: Floats,
    exposure: Floats,
    first: int,
    stop: int,
) -> None:
    """Add the exposure of one attitude to the points from `first` to `stop`.

    Most segments lie where all pixels count fully, or none does: the sum over the rectangle
    about a segment tells.
    """
    c0, c1, c_inside = _pixels(line.col, line.next_col, weight.shape[0])
    r0, r1, r_inside = _pixels(line.row, line.next_row, weight.shape[1])
    total = sums[c1, r1] - sums[c0, r1] - sums[c1, r0] + sums[c0, r0]
    if total == 0.0:
        return
    if c_inside and r_inside and total == (c1 - c0) * (r1 - r0):
        for i in range(first, stop):
            exposure[i] += seconds
        return
    col_step = (line.next_col - line.col) / line.n_steps
    row_step = (line.next_row - line.row) / line.n_steps
    for i in range(first, stop):
        col, row = line.col + col_step * (i - first), line.row + row_step * (i - first)
        if 0.0 <= col < weight.shape[0] and 0.0 <= row < weight.shape[1]:
            exposure[i] += seconds * weight[int(col), int(row)]


@njit(cache=True, nogil=True, inline="always")
def _pixels(start: float, end: float, n: int) -> tuple[int, int, bool]:
    """Return the pixels of an axis from `start` to `end`, and whether they are all among its n."""
    low, high = min(start, end), max(start, end)
    inside = 0.0 <= low and high < n
    return int(max(min(low, n), 0.0)), int(max(min(high + 1.0, n), 0.0)), inside


@njit(cache=True, nogil=True, error_model="numpy")
def interpolate(grid: Floats, step: int, first_row: int, image: NDArray[np.float32]) -> None:
    """Fill rows of an image from a coarser grid, linearly in both directions.

    Parameters
    ----------
    grid : (m, n) float64
        Node (j, i) lies at the image's pixel (j * step, i * step).
    step : int
        Pixels from node to node.
    first_row : int
        Row of the whole image that `image` begins with.
    image : (rows, columns) float32
        Changed.
    """
    for j in range(image.shape[0]):
        y = (first_row + j) / step
        j0 = min(math.floor(y), grid.shape[0] - 2)
        fy = y - j0
        for i in range(image.shape[1]):
            x = i / step
            i0 = min(math.floor(x), grid.shape[1] - 2)
            fx = x - i0
            low = grid[j0, i0] * (1.0 - fx) + grid[j0, i0 + 1] * fx
            high = grid[j0 + 1, i0] * (1.0 - fx) + grid[j0 + 1, i0 + 1] * fx
            image[j, i] = low * (1.0 - fy) + high * fy
