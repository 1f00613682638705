"""How far the positions of a leg are from those of a table: shift, rotation and scatter."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.sphere import centre, unit_vectors

Floats = NDArray[np.float64]

FEWEST = 3
FEWEST_TO_ROTATE = 10
"""Matches from which a shift, and a rotation, is worked out."""

LARGEST_SHIFT = 1.0
"""Arcsec; more is a warning."""

_ARCSEC = math.degrees(1.0) * 3600.0
_STEPS = 20
_CLIP = 3.5
"""Standard deviations beyond which a match is taken to be by chance."""

_LEAST_GATE = 0.2
"""Arcsec, of what is not by chance: simulated positions may agree to much less."""

_MOST_COUNTED = 5_000
"""Matches among which the densest place is looked for."""


@dataclass(frozen=True)
class AstrometryFit:
    """Positions of a leg against those of a table, ours minus theirs; arcsec.

    Parameters
    ----------
    n_matched, n_used : int
        Matches, and those of them that are not taken to be by chance.
    shift_ra, shift_dec : float
        At the middle of the matches, to the east along a great circle, and to the north; NaN
        where there are too few matches.
    shift_err : float
        Of each of these.
    rotation, rotation_err : float
        About the middle, from north to east; NaN with few matches.
    scatter_ra, scatter_dec : float
        Standard deviations about the fit, from the median deviations.
    """

    n_matched: int
    n_used: int = 0
    shift_ra: float = math.nan
    shift_dec: float = math.nan
    shift_err: float = math.nan
    rotation: float = math.nan
    rotation_err: float = math.nan
    scatter_ra: float = math.nan
    scatter_dec: float = math.nan

    @property
    def shift(self) -> float:
        """Length of the shift, arcsec."""
        return math.hypot(self.shift_ra, self.shift_dec)

    @property
    def is_off(self) -> bool:
        """Whether the shift is larger than `LARGEST_SHIFT`, and than 3 of its errors."""
        return self.shift > max(LARGEST_SHIFT, 3.0 * self.shift_err)


def fit_astrometry(ra: Floats, dec: Floats, at_ra: Floats, at_dec: Floats) -> AstrometryFit:
    """Return shift, rotation and scatter of positions against their matches.

    Matches by chance do not count: the fit starts where the differences are densest, and goes on
    with those within 3.5 standard deviations.

    Parameters
    ----------
    ra, dec : (n,) float64
        Our positions, deg.
    at_ra, at_dec : (n,) float64
        Their matches, deg.
    """
    n = len(ra)
    if n < FEWEST:
        return AstrometryFit(n)
    ours, theirs = unit_vectors(ra, dec), unit_vectors(at_ra, at_dec)
    east, north, middle = _axes(*centre(at_ra, at_dec))
    away = (ours - theirs) * _ARCSEC
    used = _densest(np.column_stack([away @ east, away @ north]))
    turn, inverse = np.zeros(3), np.zeros((3, 3))
    for _ in range(_STEPS):
        before = used
        turn, inverse = _turn(theirs[used], away[used], middle)
        left = away - np.cross(turn, theirs)
        x, y = left @ east, left @ north
        scatter = max(_spread(x[used]), _spread(y[used]))
        used = np.hypot(x, y) <= max(_CLIP * scatter, _LEAST_GATE)
        if (used == before).all() or used.sum() < FEWEST:
            break
    n_used = int(used.sum())
    if n_used < FEWEST:
        return AstrometryFit(n, n_used)
    shift = np.cross(turn, middle)
    error = math.sqrt(float((left[used] ** 2).sum()) / (2 * n_used - 3))
    rotates = n_used >= FEWEST_TO_ROTATE
    return AstrometryFit(
        n,
        n_used,
        float(shift @ east),
        float(shift @ north),
        error * math.sqrt(max(float(east @ inverse @ east), float(north @ inverse @ north))),
        -float(turn @ middle) if rotates else math.nan,
        error * math.sqrt(float(middle @ inverse @ middle)) if rotates else math.nan,
        _spread(x[used]),
        _spread(y[used]),
    )


def _axes(ra: float, dec: float) -> tuple[Floats, Floats, Floats]:
    """Return the directions of east and north at a place, and the place."""
    a, d = math.radians(ra), math.radians(dec)
    east = np.array([-math.sin(a), math.cos(a), 0.0])
    north = np.array([-math.sin(d) * math.cos(a), -math.sin(d) * math.sin(a), math.cos(d)])
    return east, north, unit_vectors(ra, dec)


def _densest(away: Floats) -> NDArray[np.bool_]:
    """Return the differences about the place where they are densest."""
    from scipy.spatial import cKDTree

    some = away[:: max(1, -(-len(away) // _MOST_COUNTED))]
    tree = cKDTree(some)
    # As wide as the half of all that lies closest to the median: of true matches, or less.
    from_middle = np.linalg.norm(away - np.median(away, axis=0), axis=1)
    reach = max(float(np.quantile(from_middle, 0.5)), _LEAST_GATE)
    counts = tree.query_ball_point(some, reach, return_length=True)
    place = some[int(np.argmax(counts))]
    return np.asarray(np.linalg.norm(away - place, axis=1) <= reach)


def _turn(theirs: Floats, away: Floats, middle: Floats) -> tuple[Floats, Floats]:
    """Return the small turn of the sphere, arcsec, that brings theirs to ours, and its inverse.

    With few positions there is no turn about the middle, only a shift.
    """
    matrix = len(theirs) * np.eye(3) - theirs.T @ theirs
    if len(theirs) < FEWEST_TO_ROTATE:
        matrix = matrix + len(theirs) * np.outer(middle, middle)
    inverse = np.linalg.inv(matrix)
    turn: Floats = inverse @ np.cross(theirs, away).sum(axis=0)
    return turn, np.asarray(inverse, np.float64)


def _spread(values: Floats) -> float:
    """Return the standard deviation, from the median of deviations."""
    return float(1.4826 * np.median(np.abs(values - np.median(values))))
