"""The mission's gnomonic projection, between the sky and the plane of the detector.

The signs and the sense of rotation are those of the mission's processing chain: with no rotation,
x grows towards smaller right ascension and y to the north.  Lengths on the plane are tenths of an
arcsecond, all angles degrees.

See docs/specification.md, 'Detector-sky coordinates to the sky' (spec-sky).
"""

import numpy as np
from numpy.typing import ArrayLike

from gphoton_db.aspect.pointing import Aspect, Boresight, FloatArray
from gphoton_db.aspect.sphere import normalised_angle
from gphoton_db.errors import PointingError

PLANE_UNITS_PER_DEG = 36000.0
"""Tenths of an arcsecond in a degree."""


def project(
    ra: ArrayLike, dec: ArrayLike, ra0: ArrayLike, dec0: ArrayLike, rotation: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Project directions onto the plane that touches the sphere at (ra0, dec0).

    Parameters
    ----------
    ra, dec : array_like
        Directions, deg.
    ra0, dec0 : array_like
        Tangent point, deg.
    rotation : array_like
        Angle by which the plane is turned after projecting, deg, counter-clockwise in (x, y);
        the mission uses minus the roll.  All arguments broadcast.

    Returns
    -------
    x, y : ndarray of float64
        Position on the plane, 0.1 arcsec; NaN for a direction 90 deg or more from the tangent
        point, which has no projection.

    Notes
    -----
    The formula is that of docs/specification.md (spec-sky), with its differences of nearly
    equal terms written as ``sin(dec - dec0)`` and ``sin^2(half the RA difference)``, so that the
    result is good to the last digits everywhere.
    """
    d, d0 = np.radians(dec), np.radians(dec0)
    h = np.radians(np.subtract(ra0, ra))
    haversine = 2 * np.sin(h / 2) ** 2
    along = np.asarray(np.cos(d - d0) - np.cos(d) * np.cos(d0) * haversine)
    scale = np.degrees(1.0) * PLANE_UNITS_PER_DEG / np.where(along > 0, along, np.nan)
    xp = scale * np.cos(d) * np.sin(h)
    yp = scale * (np.sin(d - d0) + np.cos(d) * np.sin(d0) * haversine)
    c = np.radians(rotation)
    return (
        np.asarray(xp * np.cos(c) - yp * np.sin(c)),
        np.asarray(xp * np.sin(c) + yp * np.cos(c)),
    )


def deproject(
    x: ArrayLike, y: ArrayLike, ra0: ArrayLike, dec0: ArrayLike, rotation: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Return the directions of points on the plane: the inverse of `project`.

    Parameters
    ----------
    x, y : array_like
        Position on the plane, 0.1 arcsec.
    ra0, dec0 : array_like
        Tangent point, deg.
    rotation : array_like
        As for `project`, deg.  All arguments broadcast.

    Returns
    -------
    ra, dec : ndarray of float64
        Direction, deg; ra in [0, 360).

    Notes
    -----
    The point is made a vector, in axes turned so that the tangent point lies at RA 0; this has
    no special cases at the tangent point or at the poles.
    """
    c, d0 = np.radians(rotation), np.radians(dec0)
    x = np.radians(np.asarray(x, dtype=np.float64) / PLANE_UNITS_PER_DEG)
    y = np.radians(np.asarray(y, dtype=np.float64) / PLANE_UNITS_PER_DEG)
    west = x * np.cos(c) + y * np.sin(c)
    north = -x * np.sin(c) + y * np.cos(c)
    forward = np.cos(d0) - north * np.sin(d0)
    up = np.sin(d0) + north * np.cos(d0)
    ra = normalised_angle(ra0 + np.degrees(np.arctan2(-west, forward)))
    return ra, np.asarray(np.degrees(np.arctan2(up, np.hypot(forward, west))))


def aspect_offsets(aspect: Aspect, boresight: Boresight) -> tuple[FloatArray, FloatArray]:
    """Return how far each aspect row points from the boresight, on the detector's axes.

    Parameters
    ----------
    aspect : Aspect
        n attitude samples.
    boresight : Boresight
        The nominal pointing of their leg.

    Returns
    -------
    axi, aeta : (n,) float64
        Offsets, 0.1 arcsec: the projection about the boresight, turned by minus each row's roll.

    Raises
    ------
    PointingError
        If a row points 90 deg or more away from the boresight.
    """
    axi, aeta = project(aspect.ra, aspect.dec, boresight.ra0, boresight.dec0, -aspect.roll)
    lost = np.flatnonzero(np.isnan(axi))
    if lost.size:
        row = int(lost[0])
        raise PointingError(
            f"the aspect at t = {aspect.time_ms[row] / 1000:.3f} (ra {aspect.ra[row]:.4f}, dec "
            f"{aspect.dec[row]:.4f}) points 90 deg or more away from its leg's boresight (ra "
            f"{boresight.ra0:.4f}, dec {boresight.dec0:.4f}): one of the two is wrong"
        )
    return axi, aeta
