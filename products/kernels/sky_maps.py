"""Photons to the pixels of maps, with the selection that exposure maps assume."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.mission import DETECTOR_CENTRE, Flag
from gphoton_db.products.kernels.projection import Projection, index_of, pixel_of, plane_of

_GOOD = int(Flag.GOOD)


class MappedPhotons(NamedTuple):
    """Photons that count in a map, n of them.

    ``pixel``: int64, in the flattened image; ``weight``: float64, 1 / response; ``interval``:
    int32, which of the time intervals they are in.
    """

    pixel: NDArray[np.int64]
    weight: NDArray[np.float64]
    interval: NDArray[np.int32]


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def is_usable(
    col: float, row: float, response: float, masked: bool, flag: int, edge: float
) -> bool:
    """Return whether a photon counts: flag 0, on a good detector pixel, within the edge."""
    x, y = col - DETECTOR_CENTRE, row - DETECTOR_CENTRE
    return flag == _GOOD and not masked and response > 0.0 and x * x + y * y < edge * edge


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def interval_at(t_ms: int, intervals: NDArray[np.int64]) -> int:
    """Return in which of some rising, disjoint intervals a time is; -1 in none."""
    i = np.searchsorted(intervals[:, 0], t_ms, side="right") - 1
    return -1 if i < 0 or t_ms >= intervals[i, 1] else int(i)


@njit(cache=True, nogil=True, error_model="numpy")
def photons_of_map(
    position: tuple[NDArray[np.float64], NDArray[np.float64]],
    detector: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]],
    mask: NDArray[np.bool_],
    flags: NDArray[np.uint8],
    t_ms: NDArray[np.int64],
    intervals: NDArray[np.int64],
    edge: float,
    projection: Projection,
) -> MappedPhotons:
    """Return the photons that count: flag 0, on good detector pixels, in time and in the map.

    Parameters
    ----------
    position : ra, dec
        Deg, NaN where unknown.
    detector : col, row, response
        Detector pixels, and response (NaN beyond the flat).
    mask, flags, t_ms : (n,)
        True on masked pixels (all False where hotspots are to count); flags; GALEX ms.
    intervals : (m, 2) int64
        From and to (not included), GALEX ms; rising, without overlap.
    edge : float
        Detector radius, pixels, beyond which photons do not count.
    projection : Projection
        Of the map.
    """
    (ra, dec), (col, row, response) = position, detector
    n, m = len(ra), 0
    pixel, weight = np.empty(n, np.int64), np.empty(n, np.float64)
    interval = np.empty(n, np.int32)
    plane = plane_of(projection)
    for k in range(n):
        if not is_usable(col[k], row[k], response[k], mask[k], flags[k], edge):
            continue
        i = interval_at(t_ms[k], intervals)
        if i < 0 or math.isnan(ra[k]):
            continue
        at_x, at_y = pixel_of(ra[k], dec[k], plane)
        index = index_of(at_x, at_y, projection)
        if index < 0:
            continue
        pixel[m], weight[m], interval[m] = index, 1.0 / np.float64(response[k]), i
        m += 1
    return MappedPhotons(pixel[:m].copy(), weight[:m].copy(), interval[:m].copy())
