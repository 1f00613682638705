"""How much of an annulus about a source no other source covers."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.products.kernels.rings import Directions, RingLimits

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True, error_model="numpy")
def free_parts(
    targets: Directions, start: NDArray[np.int64], near: NDArray[np.int64], limits: RingLimits
) -> Floats:
    """Return the part of each position's annulus that no source covers.

    Parameters
    ----------
    targets : Directions
        n of them: sources, too.
    start : (n + 1,) int64
        Those near the k-th are ``near[start[k]:start[k + 1]]``, itself left out.
    near : (p,) int64
        Numbers of targets.
    limits : RingLimits
        Annulus and mask.
    """
    inner, outer = 2.0 * math.sqrt(limits.sky_inner), 2.0 * math.sqrt(limits.sky_outer)
    points = _points(inner, outer, 1500)
    x, y = np.empty(len(near)), np.empty(len(near))
    free = np.ones(len(targets.ra))
    for k in range(len(targets.ra)):
        first, stop = start[k], start[k + 1]
        for j in range(first, stop):
            east = (targets.ra[near[j]] - targets.ra[k] + math.pi) % (2 * math.pi) - math.pi
            x[j] = east * targets.cosine[k]
            y[j] = targets.dec[near[j]] - targets.dec[k]
        if stop > first:
            free[k] = _part_free(points, x[first:stop], y[first:stop], 4.0 * limits.mask)
    return free


@njit(cache=True, nogil=True, error_model="numpy")
def _points(inner: float, outer: float, n: int) -> Floats:
    """Return points that are spread evenly over an annulus (a sunflower's spiral), (n, 2)."""
    points = np.empty((n, 2))
    for k in range(n):
        radius = math.sqrt(inner * inner + (outer * outer - inner * inner) * (k + 0.5) / n)
        angle = math.pi * (3.0 - math.sqrt(5.0)) * k
        points[k, 0] = radius * math.cos(angle)
        points[k, 1] = radius * math.sin(angle)
    return points


@njit(cache=True, nogil=True, error_model="numpy")
def _part_free(points: Floats, x: Floats, y: Floats, reach2: float) -> float:
    """Return the part of some points that is further than that from all of (x, y)."""
    n = 0
    for p in range(len(points)):
        for j in range(len(x)):
            dx, dy = points[p, 0] - x[j], points[p, 1] - y[j]
            if dx * dx + dy * dy <= reach2:
                n += 1
                break
    return 1.0 - n / len(points)
