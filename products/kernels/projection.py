"""Directions on the sky to pixels of an image in the gnomonic projection of FITS (TAN).

Calabretta & Greisen (2002), A&A 395, 1077, section 5.1.3, with the pole of the projection at the
reference pixel; differences of nearly equal terms are written as ``sin(dec - dec0)`` and
``sin^2(half the RA difference)``, so that the result is good to the last digits.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_HALF_DEGREE = math.pi / 360.0

_S3, _S5, _S7, _S9 = -1.0 / 6.0, 1.0 / 120.0, -1.0 / 5040.0, 1.0 / 362880.0
"""Coefficients of the sine's series."""

SMALL = 0.06
"""Radians."""


class Projection(NamedTuple):
    """The six numbers of a TAN world coordinate system without rotation, and the image's size.

    ``crval`` and ``cdelt`` in deg, ``crpix`` counted from 1 at the centre of the first pixel;
    ``n_columns``, ``n_rows``: NAXIS1, NAXIS2.
    """

    crval1: float
    crval2: float
    crpix1: float
    crpix2: float
    cdelt1: float
    cdelt2: float
    n_columns: int
    n_rows: int


class Plane(NamedTuple):
    """A projection as the loop over photons wants it: nothing left to divide by."""

    ra0: float
    dec0: float
    sin_dec0: float
    cos_dec0: float
    crpix1: float
    crpix2: float
    pixels_per_radian1: float
    pixels_per_radian2: float


@njit(cache=True, nogil=True, error_model="numpy")
def plane_of(projection: Projection) -> Plane:
    """Return a projection in the form that `pixel_of` takes."""
    return Plane(
        projection.crval1,
        projection.crval2,
        math.sin(math.radians(projection.crval2)),
        math.cos(math.radians(projection.crval2)),
        projection.crpix1,
        projection.crpix2,
        math.degrees(1.0) / projection.cdelt1,
        math.degrees(1.0) / projection.cdelt2,
    )


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _small_sine(angle: float) -> float:
    """Return the sine of less than `SMALL` by its series, whose next term is under 1e-17 of it."""
    s = angle * angle
    return angle * (1.0 + s * (_S3 + s * (_S5 + s * (_S7 + s * _S9))))


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _sine(angle: float) -> float:
    if abs(angle) < SMALL:
        return _small_sine(angle)
    return math.sin(angle)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _pixel(
    sin_half_h: float, sign_half_h: float, sin_half_d: float, plane: Plane
) -> tuple[float, float]:
    """Return a pixel from sines of half the differences; the sign of the first one's cosine."""
    cos_half_h = sign_half_h * math.sqrt(max(1.0 - sin_half_h * sin_half_h, 0.0))
    # Half of a difference of declinations is never beyond a right angle.
    cos_half_d = math.sqrt(max(1.0 - sin_half_d * sin_half_d, 0.0))
    sin_d, cos_d = 2.0 * sin_half_d * cos_half_d, 1.0 - 2.0 * sin_half_d * sin_half_d
    cos_dec = cos_d * plane.cos_dec0 - sin_d * plane.sin_dec0
    haversine = 2.0 * sin_half_h * sin_half_h * cos_dec
    along = cos_d - haversine * plane.cos_dec0
    inverse = 1.0 / along if along > 0.0 else math.nan
    east = 2.0 * sin_half_h * cos_half_h * cos_dec * inverse
    north = (sin_d + haversine * plane.sin_dec0) * inverse
    return (
        plane.crpix1 + east * plane.pixels_per_radian1,
        plane.crpix2 + north * plane.pixels_per_radian2,
    )


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def pixel_of(ra: float, dec: float, plane: Plane) -> tuple[float, float]:
    """Return the FITS pixel coordinates of a direction, deg; NaN where it has none.

    Directions 90 deg or more from the reference have no projection.
    """
    # Half of a difference in right ascension may be beyond a right angle.
    sign = -1.0 if abs(ra - plane.ra0) > 180.0 else 1.0
    half_h, half_d = _HALF_DEGREE * (ra - plane.ra0), _HALF_DEGREE * (dec - plane.dec0)
    return _pixel(_sine(half_h), sign, _sine(half_d), plane)


@njit(cache=True, nogil=True, error_model="numpy")
def indices_near(ra: Floats, dec: Floats, projection: Projection, index: Floats) -> bool:
    """Give what `sky_to_index` returns, as floats, where all directions are near to the reference.

    Without a branch, so that the processor takes several directions at a time.

    Returns
    -------
    bool
        Whether all are near; if not, `index` is of no use.
    """
    plane, n_far = plane_of(projection), 0
    n_columns, n_rows = float(projection.n_columns), float(projection.n_rows)
    for k in range(len(ra)):
        half_h, half_d = _HALF_DEGREE * (ra[k] - plane.ra0), _HALF_DEGREE * (dec[k] - plane.dec0)
        n_far += int((abs(half_h) >= SMALL) | (abs(half_d) >= SMALL))
        x, y = _pixel(_small_sine(half_h), 1.0, _small_sine(half_d), plane)
        i, j = math.floor(x - 0.5), math.floor(y - 0.5)
        inside = (i >= 0.0) & (i < n_columns) & (j >= 0.0) & (j < n_rows)
        index[k] = j * n_columns + i if inside else -1.0
    return n_far == 0


@njit(cache=True, nogil=True, error_model="numpy")
def sky_to_pixel(ra: Floats, dec: Floats, projection: Projection) -> tuple[Floats, Floats]:
    """Return FITS pixel coordinates of directions.

    Parameters
    ----------
    ra, dec : (n,) float64
        Deg.
    projection : Projection
        Of the image.

    Returns
    -------
    x, y : (n,) float64
        Counted from 1 at the centre of the first pixel; NaN without a projection.
    """
    plane = plane_of(projection)
    x, y = np.empty(len(ra)), np.empty(len(ra))
    for k in range(len(ra)):
        x[k], y[k] = pixel_of(ra[k], dec[k], plane)
    return x, y


@njit(cache=True, nogil=True, error_model="numpy")
def sky_to_index(ra: Floats, dec: Floats, projection: Projection) -> NDArray[np.int64]:
    """Return the position in the flattened image of the pixel that each direction falls into.

    Pixel: ``floor(x - 0.5)`` of the FITS coordinate.  -1 outside of the image.
    """
    plane = plane_of(projection)
    index = np.empty(len(ra), np.int64)
    for k in range(len(ra)):
        x, y = pixel_of(ra[k], dec[k], plane)
        index[k] = index_of(x, y, projection)
    return index


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def index_of(x: float, y: float, projection: Projection) -> int:
    """Return the position in the flattened image of FITS pixel coordinates; -1 outside."""
    i, j = math.floor(x - 0.5), math.floor(y - 0.5)
    if not (0.0 <= i < projection.n_columns and 0.0 <= j < projection.n_rows):
        return -1
    return int(j) * projection.n_columns + int(i)
