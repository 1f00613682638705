"""Means and standard deviations, pixel by pixel, of what the photons in a pixel have measured."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def add_moments(
    pixel: NDArray[np.int64],
    values: NDArray[np.float32],
    photons: NDArray[np.int32],
    moments: NDArray[np.float64],
) -> None:
    """Add photons to the sums of their pixels, in place.

    Parameters
    ----------
    pixel : (n,) int64
        Positions in the flattened image; negative ones are left out.
    values : (n, 4) float32
        Column and row on the detector, from its centre, pixels; ya; q.
    photons : (pixels,) int32
        Number of photons.
    moments : (pixels, 6) float64
        Sums of column, its square, row, its square, ya, q.
    """
    for k in range(len(pixel)):
        i = pixel[k]
        if i < 0:
            continue
        x, y = np.float64(values[k, 0]), np.float64(values[k, 1])
        photons[i] += 1
        moments[i, 0] += x
        moments[i, 1] += x * x
        moments[i, 2] += y
        moments[i, 3] += y * y
        moments[i, 4] += values[k, 2]
        moments[i, 5] += values[k, 3]


@njit(cache=True, nogil=True, error_model="numpy")
def mean_and_deviation(
    photons: NDArray[np.int32], moments: NDArray[np.float64], centre: float
) -> NDArray[np.float32]:
    """Return (6, pixels) float32; NaN in pixels without photons.

    Mean and standard deviation (of the photons themselves: divided by their number) of the
    column, of the row, mean of ya, and of q; `centre`, pixels, is added to the means of column
    and row.
    """
    planes = np.full((6, len(photons)), np.nan, np.float32)
    for i in range(len(photons)):
        n = photons[i]
        if n == 0:
            continue
        for axis in range(2):
            mean = moments[i, 2 * axis] / n
            variance = moments[i, 2 * axis + 1] / n - mean * mean
            planes[2 * axis, i] = mean + centre
            planes[2 * axis + 1, i] = math.sqrt(max(variance, 0.0))
        planes[4, i] = moments[i, 4] / n
        planes[5, i] = moments[i, 5] / n
    return planes
