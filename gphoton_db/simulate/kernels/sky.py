"""Directions on the sky, and the detector's plane as it turns under them.

A direction is a unit vector.  The attitude at each second is three of them: where x grows in the
plane, where y grows, and the pointing; the pointing drifts evenly through the plane until the
next second.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ARCSEC_PER_RADIAN = 180 / math.pi * 3600


@njit(cache=True, nogil=True, error_model="numpy")
def scatter(light: Integers, east: Floats, north: Floats, frames: Floats) -> Floats:
    """Return the (n, 3) directions of photons off the lights that they come from.

    ``east``, ``north``: offset in the tangent plane of the light, arcsec; ``frames``: (m, 3, 3),
    east, north and the direction itself of each light.
    """
    directions = np.empty((len(light), 3))
    for i in range(len(light)):
        frame = frames[light[i]]
        e, n = east[i] / ARCSEC_PER_RADIAN, north[i] / ARCSEC_PER_RADIAN
        length = math.sqrt(1 + e * e + n * n)
        for k in range(3):
            directions[i, k] = (frame[2, k] + e * frame[0, k] + n * frame[1, k]) / length
    return directions


@njit(cache=True, nogil=True, error_model="numpy")
def to_plane(
    directions: Floats, row: Integers, part: Floats, axes: Floats, drift: Floats
) -> tuple[Floats, Floats]:
    """Return x, y (arcsec) of directions on the detector; NaN for those behind it.

    ``row``: second of the leg; ``part``: time since then, s; ``axes``: (rows, 3, 3), the attitude
    at each second; ``drift``: (rows, 2), arcsec/s.
    """
    x, y = np.empty(len(row)), np.empty(len(row))
    for i in range(len(row)):
        x[i], y[i] = _project(directions[i], axes[row[i]], drift[row[i]], part[i])
    return x, y


@njit(cache=True, nogil=True, error_model="numpy")
def from_plane(
    x: Floats, y: Floats, row: Integers, part: Floats, axes: Floats, drift: Floats
) -> tuple[Floats, Floats]:
    """Return ra in [0, 360) and dec, deg, of positions (arcsec) on the detector."""
    ra, dec = np.empty(len(x)), np.empty(len(x))
    direction = np.empty(3)
    for i in range(len(x)):
        frame, moved = axes[row[i]], drift[row[i]]
        u = (x[i] + moved[0] * part[i]) / ARCSEC_PER_RADIAN
        v = (y[i] + moved[1] * part[i]) / ARCSEC_PER_RADIAN
        for k in range(3):
            direction[k] = frame[2, k] + u * frame[0, k] + v * frame[1, k]
        angle = math.degrees(math.atan2(direction[1], direction[0])) % 360.0
        ra[i] = 0.0 if angle == 360.0 else angle
        dec[i] = math.degrees(math.atan2(direction[2], math.hypot(direction[0], direction[1])))
    return ra, dec


@njit(cache=True, nogil=True, error_model="numpy")
def rates_by_second(
    directions: Floats,
    rates: Floats,
    factors: Floats,
    factor_row: Integers,
    axes: Floats,
    drift: Floats,
    weight: Floats,
    pixel: float,
    radius: float,
) -> Floats:
    """Return the photons a second that points of the sky send to the detector, second by second.

    Taken at the middle of each second.  ``rates``: quiescent, (n,); ``factors``: (m, seconds), on
    the rates of the lights whose ``factor_row`` is not -1; ``weight``: what a photon counts, a map
    of x and y with the detector's centre in its middle, in pixels of `pixel` arcsec; ``radius``:
    of the field, which lies within that map, arcsec.
    """
    found = np.zeros(len(axes))
    middle = len(weight) / 2
    for second in range(len(axes)):
        for i in range(len(rates)):
            x, y = _project(directions[i], axes[second], drift[second], 0.5)
            if not x * x + y * y < radius * radius:
                continue
            factor = 1.0 if factor_row[i] < 0 else factors[factor_row[i], second]
            seen = weight[int(x / pixel + middle), int(y / pixel + middle)]
            found[second] += rates[i] * factor * seen
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _project(direction: Floats, frame: Floats, moved: Floats, part: float) -> tuple[float, float]:
    x, y, depth = 0.0, 0.0, 0.0
    for k in range(3):
        x += direction[k] * frame[0, k]
        y += direction[k] * frame[1, k]
        depth += direction[k] * frame[2, k]
    if depth <= 0:
        return math.nan, math.nan
    return (
        x / depth * ARCSEC_PER_RADIAN - moved[0] * part,
        y / depth * ARCSEC_PER_RADIAN - moved[1] * part,
    )
