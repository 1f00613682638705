"""Filling polygons in an image."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True, error_model="numpy")
def fill_polygon(
    x: Floats, y: Floats, first: NDArray[np.int64], bit: int, image: NDArray[np.uint8]
) -> None:
    """Set a bit of every pixel whose centre lies inside a polygon, in place.

    Parameters
    ----------
    x, y : (n,) float64
        Corners of all rings one after the other, pixels from 0 at the centre of the first one.
    first : (m + 1,) int64
        Where each of the m rings begins, and n.  What lies within an odd number of rings is
        inside, so holes are rings like any other.
    bit : int
        To be set.
    image : (rows, columns) uint8
        Changed.
    """
    crossing = np.empty(len(x))
    for j in range(image.shape[0]):
        m = 0
        for ring in range(len(first) - 1):
            previous = first[ring + 1] - 1
            for k in range(first[ring], first[ring + 1]):
                # Half-open, so that a corner on the scan line counts for one of its two sides.
                if (y[previous] <= j) != (y[k] <= j):
                    slope = (x[k] - x[previous]) / (y[k] - y[previous])
                    # In order: a scan line crosses few sides.
                    here, at = x[previous] + (j - y[previous]) * slope, m
                    while at > 0 and crossing[at - 1] > here:
                        crossing[at] = crossing[at - 1]
                        at -= 1
                    crossing[at] = here
                    m += 1
                previous = k
        for k in range(0, m - 1, 2):
            start = max(math.ceil(crossing[k]), 0)
            stop = min(math.ceil(crossing[k + 1]), image.shape[1])
            for i in range(start, stop):
                image[j, i] |= bit
