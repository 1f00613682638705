"""Which groups of points come close to each other."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True, error_model="numpy")
def groups_that_touch(
    points: NDArray[np.float64],
    start: NDArray[np.int64],
    pairs: NDArray[np.int64],
    limit: float,
) -> NDArray[np.bool_]:
    """Return which pairs of groups have two points, one of each, within a distance.

    Parameters
    ----------
    points : (n, 3) float64
        Points, those of a group one after the other.
    start : (groups + 1,) int64
        Group k is ``points[start[k]:start[k + 1]]``.
    pairs : (m, 2) int64
        Numbers of groups.
    limit : float
        The distance squared; it counts itself.
    """
    touch = np.zeros(len(pairs), np.bool_)
    for k in range(len(pairs)):
        a, b = pairs[k, 0], pairs[k, 1]
        i = start[a]
        while i < start[a + 1] and not touch[k]:
            for j in range(start[b], start[b + 1]):
                x = points[i, 0] - points[j, 0]
                y = points[i, 1] - points[j, 1]
                z = points[i, 2] - points[j, 2]
                if x * x + y * y + z * z <= limit:
                    touch[k] = True
                    break
            i += 1
    return touch
