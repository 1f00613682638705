"""Means and standard deviations, pixel by pixel, of what the photons in a pixel have measured."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]

MOMENTS = np.dtype([(name, np.float64) for name in ("x", "squared_x", "y", "squared_y", "ya", "q")])
"""Sums over the photons of a pixel: of column and row on the detector, from its centre (pixels),
and the squares of these, of ya, and of q."""


class Readings(NamedTuple):
    """What photons have measured, (n,) each.

    ``x``, ``y``: column and row on the detector, from its centre, pixels; ``ya``; ``q``.
    """

    x: Floats32
    y: Floats32
    ya: Floats32
    q: Floats32


class MeansAndDeviations(NamedTuple):
    """Planes, (pixels,) each; NaN in pixels without photons.

    Standard deviations are those of the photons themselves: divided by their number.
    """

    col_mean: Floats32
    col_std: Floats32
    row_mean: Floats32
    row_std: Floats32
    ya_mean: Floats32
    q_mean: Floats32


@njit(cache=True, nogil=True)
def add_moments(
    pixel: NDArray[np.int64],
    readings: Readings,
    photons: NDArray[np.int32],
    moments: NDArray[np.void],
) -> None:
    """Add photons to the sums of their pixels, in place.

    Parameters
    ----------
    pixel : (n,) int64
        Positions in the flattened image; negative ones are left out.
    readings : Readings
        Of the n photons.
    photons : (pixels,) int32
        Number of photons.
    moments : (pixels,) of MOMENTS
        Sums.
    """
    for k in range(len(pixel)):
        i = pixel[k]
        if i < 0:
            continue
        x, y = np.float64(readings.x[k]), np.float64(readings.y[k])
        photons[i] += 1
        moments[i]["x"] += x
        moments[i]["squared_x"] += x * x
        moments[i]["y"] += y
        moments[i]["squared_y"] += y * y
        moments[i]["ya"] += readings.ya[k]
        moments[i]["q"] += readings.q[k]


@njit(cache=True, nogil=True, error_model="numpy")
def means_and_deviations(
    photons: NDArray[np.int32], moments: NDArray[np.void], centre: float
) -> MeansAndDeviations:
    """Return what the photons of each pixel have measured.

    Parameters
    ----------
    photons, moments
        As `add_moments` left them.
    centre : float
        Added to the means of column and row, pixels.
    """
    nothing = np.full(len(photons), np.nan, np.float32)
    col_mean, col_std, row_mean = nothing.copy(), nothing.copy(), nothing.copy()
    row_std, ya_mean, q_mean = nothing.copy(), nothing.copy(), nothing.copy()
    planes = MeansAndDeviations(col_mean, col_std, row_mean, row_std, ya_mean, q_mean)
    for i in range(len(photons)):
        n = photons[i]
        if n == 0:
            continue
        x, y = moments[i]["x"] / n, moments[i]["y"] / n
        planes.col_mean[i] = x + centre
        planes.col_std[i] = _deviation(x, moments[i]["squared_x"] / n)
        planes.row_mean[i] = y + centre
        planes.row_std[i] = _deviation(y, moments[i]["squared_y"] / n)
        planes.ya_mean[i] = moments[i]["ya"] / n
        planes.q_mean[i] = moments[i]["q"] / n
    return planes


@njit(cache=True, nogil=True, error_model="numpy")
def _deviation(mean: float, mean_square: float) -> float:
    return math.sqrt(max(mean_square - mean * mean, 0.0))
