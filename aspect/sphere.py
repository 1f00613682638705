"""Directions on the sphere: separations, circular means, and bounds in right ascension and dec.

Everything here holds at RA 0/360 and at the poles.  All angles are degrees.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gphoton_db.aspect.pointing import FloatArray
from gphoton_db.errors import PointingError

BOUNDS_MARGIN_DEG = 1e-9
"""Bounds err outwards by this much, so that rounding never puts an edge point outside."""

POLE_MARGIN_DEG = 1e-6
"""A disc that comes this close to a pole counts as containing it: its RA width is about 180 deg
there, and ``asin`` of a number near 1 would lose half of the digits."""

_SHORTEST_RESULTANT = 1e-9


def normalised_angle(angle: ArrayLike) -> FloatArray:
    """Return angles, deg, brought into [0, 360)."""
    wrapped = np.mod(np.asarray(angle, dtype=np.float64), 360.0)
    # The remainder of a tiny negative number rounds to 360 itself.
    return np.where(wrapped == 360.0, 0.0, wrapped)


def separation(ra1: ArrayLike, dec1: ArrayLike, ra2: ArrayLike, dec2: ArrayLike) -> FloatArray:
    """Return the angle between two directions, deg, accurate from micro-arcseconds to 180 deg.

    Parameters
    ----------
    ra1, dec1, ra2, dec2 : array_like
        Directions, deg; they broadcast.

    Returns
    -------
    ndarray of float64
        Great-circle separation, deg, in [0, 180].

    Notes
    -----
    The arc tangent of cross and dot product (Vincenty's form), with the differences of nearly
    equal terms written as ``sin(dec2 - dec1)`` and ``sin^2(half the RA difference)``.
    """
    d1, d2 = np.radians(dec1), np.radians(dec2)
    h = np.radians(np.subtract(ra2, ra1))
    haversine = 2 * np.sin(h / 2) ** 2
    east = np.cos(d2) * np.sin(h)
    north = np.sin(d2 - d1) + np.sin(d1) * np.cos(d2) * haversine
    along = np.cos(d2 - d1) - np.cos(d1) * np.cos(d2) * haversine
    return np.asarray(np.degrees(np.arctan2(np.hypot(east, north), along)))


def unit_vectors(ra: ArrayLike, dec: ArrayLike) -> FloatArray:
    """Return directions, deg, as unit vectors along a new last axis of length 3."""
    a, d = np.radians(ra), np.radians(dec)
    return np.stack([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)], axis=-1)


def centre(ra: ArrayLike, dec: ArrayLike) -> tuple[float, float]:
    """Return the mean direction of a set: that of the sum of the unit vectors.

    Parameters
    ----------
    ra, dec : (n,) array_like
        Directions, deg.

    Returns
    -------
    ra, dec : float
        The mean direction, deg; ra in [0, 360).

    Raises
    ------
    PointingError
        If the set is empty, or has no mean direction (it surrounds the sphere).
    """
    vectors = unit_vectors(ra, dec).reshape(-1, 3)
    if not len(vectors):
        raise PointingError("an empty set of directions has no centre")
    x, y, z = vectors.mean(axis=0)
    if not np.sqrt(x * x + y * y + z * z) > _SHORTEST_RESULTANT:
        raise PointingError("directions that cancel each other have no centre")
    mean_ra = normalised_angle(np.degrees(np.arctan2(y, x)))
    return float(mean_ra), float(np.degrees(np.arctan2(z, np.hypot(x, y))))


def mean_angle(angle: ArrayLike) -> float:
    """Return the circular mean of angles such as rolls, deg, in [0, 360).

    Raises
    ------
    PointingError
        If there are no angles, or they cancel each other.
    """
    return centre(angle, np.zeros(np.shape(angle)))[0]


@dataclass(frozen=True)
class SkyBounds:
    """A range of right ascension and of declination, deg, ends included.

    Parameters
    ----------
    ra_min, ra_max : float
        In [0, 360].  ``ra_min > ra_max`` when the region spans RA 0; 0 and 360 when it goes
        round the sphere, as a region with a pole in it does.
    dec_min, dec_max : float
        In [-90, 90].

    Raises
    ------
    PointingError
        If a value lies outside these ranges.
    """

    ra_min: float
    ra_max: float
    dec_min: float
    dec_max: float

    def __post_init__(self) -> None:
        inside = 0 <= self.ra_min <= 360 and 0 <= self.ra_max <= 360
        if not (inside and -90 <= self.dec_min <= self.dec_max <= 90):
            raise PointingError(f"impossible bounds on the sky: {self}")

    @property
    def spans_ra_zero(self) -> bool:
        """Whether the region runs from below RA 360 on to beyond RA 0."""
        return self.ra_min > self.ra_max

    def contains(self, ra: ArrayLike, dec: ArrayLike) -> NDArray[np.bool_]:
        """Return which directions, deg, lie within the bounds (arrays broadcast)."""
        ra, dec = normalised_angle(ra), np.asarray(dec, dtype=np.float64)
        above, below = ra >= self.ra_min, ra <= self.ra_max
        in_ra = (above | below) if self.spans_ra_zero else (above & below)
        return np.asarray(in_ra & (dec >= self.dec_min) & (dec <= self.dec_max))


def bounds_of_discs(ra: ArrayLike, dec: ArrayLike, radius: float) -> SkyBounds:
    """Return the smallest bounds that contain every disc of a set.

    Parameters
    ----------
    ra, dec : (n,) array_like
        Centres, deg.
    radius : float
        Angular radius of every disc, deg, in [0, 90).

    Returns
    -------
    SkyBounds
        Larger than the exact bounds by `BOUNDS_MARGIN_DEG` on each side.

    Raises
    ------
    PointingError
        If there are no discs, a centre is no direction, or `radius` is out of range.

    Notes
    -----
    A disc of radius r about declination d reaches ``asin(sin r / cos d)`` in right ascension to
    either side of its centre, where its edge touches a meridian; this is more than
    ``r / cos d``.
    """
    ra, dec = normalised_angle(ra).ravel(), np.asarray(dec, dtype=np.float64).ravel()
    if not ra.size or not np.isfinite(ra).all() or not (np.abs(dec) <= 90).all():
        raise PointingError("bounds need at least one disc, each with a finite ra and |dec| <= 90")
    if not 0 <= radius < 90:
        raise PointingError(f"the radius of a disc lies in [0, 90) deg, not {radius}")
    reach = radius + BOUNDS_MARGIN_DEG
    ra_min, ra_max = 0.0, 360.0
    if np.abs(dec).max() + radius < 90 - POLE_MARGIN_DEG:
        sine = np.sin(np.radians(radius)) / np.cos(np.radians(dec))
        half_width = np.degrees(np.arcsin(sine)) + BOUNDS_MARGIN_DEG
        ra_min, ra_max = _arc_around(ra - half_width, 2 * half_width)
    return SkyBounds(
        ra_min, ra_max, max(float(dec.min()) - reach, -90.0), min(float(dec.max()) + reach, 90.0)
    )


def _arc_around(start: FloatArray, length: FloatArray) -> tuple[float, float]:
    """Return first and last angle of the shortest arc, deg, that contains all the given arcs.

    The shortest arc leaves out the widest gap between arcs; (0, 360) when there is no gap.
    """
    start = normalised_angle(start)
    order = np.argsort(start)
    start, stop = start[order], start[order] + length[order]
    # What is covered up to each arc, counting the arcs that come round past 360.
    covered = np.maximum(np.maximum.accumulate(stop), stop.max() - 360)
    gaps = np.append(start[1:], start[0] + 360) - covered
    widest = int(np.argmax(gaps))
    if gaps[widest] <= 0:
        return 0.0, 360.0
    last = float(covered[widest])
    return float(start[(widest + 1) % len(start)]), last - 360 if last > 360 else last
