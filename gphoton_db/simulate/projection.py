"""Gnomonic projection between the sky and the plane of the detector.

Plane coordinates are in arcseconds: x grows to the west and y to the north of the centre,
turned together by -roll.  These are the sign conventions of docs/specification.md,
'Detector-sky coordinates to the sky' (spec-sky).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

ARCSEC_PER_RADIAN = 180 / np.pi * 3600


def sky_to_plane(
    ra: ArrayLike, dec: ArrayLike, ra0: ArrayLike, dec0: ArrayLike, roll: ArrayLike
) -> tuple[Floats, Floats]:
    """Return x, y (arcsec) of a sky position about (ra0, dec0); all angles in deg.

    The components of the position's unit vector along east, north and the centre do it.
    """
    a, d, a0, d0, c = (np.radians(v) for v in (ra, dec, ra0, dec0, roll))
    direction = np.stack(
        np.broadcast_arrays(np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d))
    )
    zero = np.zeros_like(a0)
    centre = np.stack([np.cos(d0) * np.cos(a0), np.cos(d0) * np.sin(a0), np.sin(d0)])
    east = np.stack([-np.sin(a0), np.cos(a0), zero])
    north = np.stack([-np.sin(d0) * np.cos(a0), -np.sin(d0) * np.sin(a0), np.cos(d0)])
    depth = _dot(direction, centre)
    w, n = -_dot(direction, east) / depth, _dot(direction, north) / depth
    x, y = w * np.cos(c) + n * np.sin(c), -w * np.sin(c) + n * np.cos(c)
    return x * ARCSEC_PER_RADIAN, y * ARCSEC_PER_RADIAN


def _dot(vectors: Floats, axis: Floats) -> Floats:
    # One axis for all vectors, or one for each.
    return np.asarray((vectors * axis.reshape(3, -1)).sum(axis=0))


def plane_to_sky(
    x: Floats, y: Floats, ra0: ArrayLike, dec0: ArrayLike, roll: ArrayLike
) -> tuple[Floats, Floats]:
    """Undo `sky_to_plane`; ra in [0, 360)."""
    c, d0 = np.radians(roll), np.radians(dec0)
    w = (x * np.cos(c) - y * np.sin(c)) / ARCSEC_PER_RADIAN
    n = (x * np.sin(c) + y * np.cos(c)) / ARCSEC_PER_RADIAN
    # Tangents of the angles in the triangle of pole, centre and position.
    base = np.cos(d0) - n * np.sin(d0)
    ra = np.asarray(ra0) + np.degrees(np.arctan2(-w, base))
    dec = np.degrees(np.arctan2(np.sin(d0) + n * np.cos(d0), np.hypot(w, base)))
    ra = ra % 360
    return np.where(ra == 360, 0.0, ra), dec


def sky_frames(ra: Floats, dec: Floats) -> Floats:
    """Return the (n, 3, 3) unit vectors east, north and out of sky positions in deg, (n,)."""
    a, d = np.radians(ra), np.radians(dec)
    zero = np.zeros_like(a)
    east = [-np.sin(a), np.cos(a), zero]
    north = [-np.sin(d) * np.cos(a), -np.sin(d) * np.sin(a), np.cos(d)]
    out = [np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)]
    return np.ascontiguousarray(np.moveaxis(np.array([east, north, out]), 2, 0))
