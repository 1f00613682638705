"""Detector-sky coordinates to the sky, with the pointing at the photon's time.

Offsets of the pointing within a second are interpolated in the plane of the detector; the plane
is then laid on the sky about the pointing at the start of that second.

See docs/specification.md, 'Detector-sky coordinates to the sky' (spec-sky).
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.ingest.kernels.healpix import cell_of
from gphoton_db.mission import Flag

Floats = NDArray[np.float64]

GOOD = int(Flag.GOOD)
NO_POINTING = int(Flag.NO_POINTING)
BAD_POINTING = int(Flag.BAD_POINTING)

_RADIANS_PER_TENTH_ARCSEC = math.pi / 180.0 / 36000.0
_SMALL_TANGENT = 0.02


class EclipseSky(NamedTuple):
    """The aspect of an eclipse, all legs, laid out for the kernel; n rows, normally one a second.

    ``time_ms``: (n,) int64; ``axi_rate``, ``aeta_rate``: (n,) float64, 0.1 arcsec/s, drift of
    the pointing towards the next row; ``usable``: (n,) bool, the rows on which a photon may get
    a position; ``pointing``: (n, 4) float64, ra and dec (radians), sine and cosine of dec;
    ``axes``: (n, 4) float64, east and north component of the direction of rising xi in the
    tangent plane, and the same of rising eta.
    """

    time_ms: NDArray[np.int64]
    axi_rate: Floats
    aeta_rate: Floats
    usable: NDArray[np.bool_]
    pointing: Floats
    axes: Floats


@njit(cache=True, nogil=True, inline="always")
def aspect_rows(t_ms: NDArray[np.int64], time_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the last aspect row at or before each of the rising times; -1 = none."""
    row = np.empty(len(t_ms), np.int64)
    i, end = -1, len(time_ms)  # as np.searchsorted finds it, which takes long to compile
    while i + 1 < end:
        middle = (i + 1 + end) // 2
        if time_ms[middle] <= t_ms[0]:
            i = middle
        else:
            end = middle
    for k in range(len(t_ms)):
        while i + 1 < len(time_ms) and time_ms[i + 1] <= t_ms[k]:
            i += 1
        row[k] = i
    return row


@njit(cache=True, nogil=True, inline="always")
def flag_pointing(
    row: NDArray[np.int64], usable: NDArray[np.bool_], flag: NDArray[np.uint8]
) -> None:
    """Turn the detector's flags into final ones: good, 7 (no pointing) or 12 (no position)."""
    last = len(usable) - 1
    for k in range(len(row)):
        if row[k] <= 0 or row[k] >= last:
            flag[k] = NO_POINTING
        elif flag[k] != GOOD or not usable[row[k]]:
            flag[k] = BAD_POINTING


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def drift(
    xi: Floats,
    eta: Floats,
    t_ms: NDArray[np.int64],
    row: NDArray[np.int64],
    time_ms: NDArray[np.int64],
    axi_rate: Floats,
    aeta_rate: Floats,
) -> None:
    """Add the drift of the pointing since the start of the second, 0.1 arcsec, in place."""
    for k in range(len(xi)):
        if row[k] >= 0:
            dt = (t_ms[k] - time_ms[row[k]]) / 1000.0
            xi[k] += axi_rate[row[k]] * dt
            eta[k] += aeta_rate[row[k]] * dt


@njit(cache=True, nogil=True, error_model="numpy")
def arctangent(y: float, x: float) -> float:
    """Return atan2(y, x); a short series serves small angles, which are nearly all.

    The first term left out, u^9 / 9, is below 6e-17 for u < 0.02.
    """
    u = y / x
    if x > 0.0 and abs(u) < _SMALL_TANGENT:
        uu = u * u
        return u * (1.0 - uu * (1.0 / 3.0 - uu * (1.0 / 5.0 - uu * (1.0 / 7.0))))
    return math.atan2(y, x)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def deproject(
    xi: Floats,
    eta: Floats,
    row: NDArray[np.int64],
    flag: NDArray[np.uint8],
    pointing: Floats,
    axes: Floats,
) -> tuple[Floats, Floats, NDArray[np.int32]]:
    """Return ra, dec (deg) and cell of unflagged photons; NaN and -1 of the others.

    A photon's direction is resolved along three axes at the pointing's right ascension: radially
    away from the Earth's axis, east, and north along the axis.  That is exact everywhere, the
    poles included.
    """
    n = len(xi)
    ra, dec, cell = np.empty(n), np.empty(n), np.empty(n, np.int32)
    for k in range(n):
        if flag[k] != GOOD:
            ra[k] = dec[k] = np.nan
            cell[k] = -1
            continue
        i = row[k]
        a = xi[k] * _RADIANS_PER_TENTH_ARCSEC
        b = eta[k] * _RADIANS_PER_TENTH_ARCSEC
        east = a * axes[i, 0] + b * axes[i, 2]
        north = a * axes[i, 1] + b * axes[i, 3]
        ra0, dec0, sin_d, cos_d = pointing[i, 0], pointing[i, 1], pointing[i, 2], pointing[i, 3]
        radial = cos_d - north * sin_d
        z = sin_d + north * cos_d
        equatorial = math.sqrt(radial * radial + east * east)
        length = math.sqrt(1.0 + east * east + north * north)
        ra_rad = ra0 + arctangent(east, radial)
        if ra_rad < 0.0:
            ra_rad += 2.0 * math.pi
        if ra_rad >= 2.0 * math.pi:
            ra_rad -= 2.0 * math.pi
        dec_rad = dec0 + arctangent(z * cos_d - equatorial * sin_d, equatorial * cos_d + z * sin_d)
        ra[k] = ra_rad * (180.0 / math.pi)
        dec[k] = dec_rad * (180.0 / math.pi)
        cell[k] = cell_of(z / length, equatorial / length, ra_rad)
    return ra, dec, cell
