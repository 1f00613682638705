"""Positions to be measured: where they are, what is wrong with them, a grid to find them."""

from dataclasses import dataclass
from enum import IntFlag
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.apertures.aperture import Aperture, free_part, haversine_of
from gphoton_db.products.kernels.aperture_photons import Neighbours, TargetGrid
from gphoton_db.products.sky_places import LARGEST_RA, LEAST_RA

Floats = NDArray[np.float64]

SMALLEST_BOX_DEG = 10.0 / 3600.0
MOST_BOXES = 512
"""Of the grid, along a side."""

MANY = 1_000
"""So many positions are looked at in the order of declination, those about a circle alone."""


class PositionFlag(IntFlag):
    """What is wrong with a position of a list; 0: nothing."""

    NO_POSITION = 1
    """Right ascension or declination is missing, or no angle on the sky."""
    DUPLICATE = 2
    """An earlier row has the very same position; it is measured all the same."""
    OFF_FIELD = 4
    """No ingested leg (of these bands and times) had it in its field."""


@dataclass(frozen=True, eq=False)
class Targets:
    """Positions on the sky, in the order that they were given.

    Parameters
    ----------
    ra, dec : (n,) float64
        Deg; NaN where there is none.
    """

    ra: Floats
    dec: Floats

    def __len__(self) -> int:
        return len(self.ra)

    @classmethod
    def of(cls, ra: Floats, dec: Floats) -> "Targets":
        """Return targets; what is no position on the sky becomes NaN.

        Right ascension is -180 to 360 deg, declination -90 to 90: sentinels such as -999 are none.
        """
        right = (ra >= LEAST_RA) & (ra <= LARGEST_RA) & (np.abs(dec) <= 90.0)
        wrapped = np.mod(np.where(right, ra, 0.0), 360.0)
        return cls(np.where(right, wrapped, np.nan), np.where(right, dec, np.nan))

    @property
    def flags(self) -> NDArray[np.int64]:
        """`PositionFlag` of each, but for OFF_FIELD."""
        missing = np.isnan(self.ra)
        _, first, which = np.unique(
            np.column_stack([self.ra, self.dec]), axis=0, return_index=True, return_inverse=True
        )
        again = first[which.ravel()] != np.arange(len(self))
        flags = np.where(missing, int(PositionFlag.NO_POSITION), 0)
        return np.where(again & ~missing, int(PositionFlag.DUPLICATE), flags)

    def take(self, rows: NDArray[np.int64]) -> "Targets":
        """Return some of them."""
        return Targets(self.ra[rows], self.dec[rows])

    @property
    def unit_vectors(self) -> Floats:
        """(n, 3)."""
        return unit_vectors(self.ra, self.dec)

    def within(self, ra: float, dec: float, radius: float) -> NDArray[np.bool_]:
        """Return which lie in a circle, deg."""
        limit = haversine_of(radius * 3600.0)
        if len(self) < MANY:
            return np.asarray(haversines(ra, dec, self.ra, self.dec) <= limit)
        rows, rising = self._by_declination
        first, last = np.searchsorted(rising, [dec - radius - 1e-6, dec + radius + 1e-6])
        rows = rows[first:last]
        found = np.zeros(len(self), bool)
        found[rows] = haversines(ra, dec, self.ra[rows], self.dec[rows]) <= limit
        return found

    @cached_property
    def _by_declination(self) -> tuple[NDArray[np.int64], Floats]:
        """All of them in the order of declination, and these; what is no position comes last."""
        rows = np.argsort(self.dec, kind="stable")
        return rows, self.dec[rows]


@dataclass(frozen=True, eq=False)
class MaskedSources:
    """Known sources that do not belong to the background.

    Parameters
    ----------
    ra, dec : (n,) float64
        Deg.
    radius : float
        Arcsec around each that do not count.
    """

    ra: Floats
    dec: Floats
    radius: float

    @classmethod
    def none(cls) -> "MaskedSources":
        """Return no sources."""
        return cls(np.empty(0), np.empty(0), 1.0)


def neighbours_of(
    targets: Targets, aperture: Aperture, known: MaskedSources
) -> tuple[Neighbours, Floats]:
    """Return the known sources in the annuli of targets, and the part of each annulus left over.

    A source within the aperture is the target itself.
    """
    start, found, free = [0], [], np.ones(len(targets))
    order = np.argsort(known.dec)
    dec = known.dec[order]
    reach = (aperture.largest_arcsec + known.radius) / 3600.0
    bounds = np.searchsorted(dec, [targets.dec - reach, targets.dec + reach])
    for k in range(len(targets) if aperture.annulus else 0):
        near = order[bounds[0, k] : bounds[1, k]]
        distance = haversines(targets.ra[k], targets.dec[k], known.ra[near], known.dec[near])
        near = near[
            (distance > haversine_of(aperture.radius)) & (distance <= haversine_of(reach * 3600.0))
        ]
        found.append(near)
        start.append(start[-1] + len(near))
        free[k] = free_part(aperture, _offsets(targets, k, known, near), known.radius)
    start += [start[-1]] * (len(targets) + 1 - len(start))
    rows = np.concatenate(found).astype(np.int64) if found else np.empty(0, np.int64)
    limit = haversine_of(known.radius)
    return Neighbours(np.array(start), known.ra[rows], known.dec[rows], limit), free


def grid_of(targets: Targets, reach_deg: float, *, boxes: float = 0.5) -> TargetGrid:
    """Return a grid that says which targets lie within `reach_deg` of a place.

    Parameters
    ----------
    targets : Targets
        At least one; all of them positions.
    reach_deg : float
        Deg.
    boxes : float
        How many boxes of the grid a reach is long, or a little fewer.
    """
    ra0 = _middle(targets.ra)
    east = np.mod(targets.ra - ra0 + 540.0, 360.0) - 180.0
    half = _half_width(targets.dec, reach_deg)
    # What reaches over the far side of the sky, or a pole, is everywhere in right ascension.
    whole = (east - half < -180.0) | (east + half > 180.0)
    low = np.where(whole, -180.0, east - half)
    high = np.where(whole, 180.0, east + half)
    bottom, top = targets.dec - reach_deg - 1e-9, targets.dec + reach_deg + 1e-9
    ra_low, ra_step, n_ra = _divided(low, high, float(half.min()) / boxes)
    dec_low, dec_step, n_dec = _divided(bottom, top, reach_deg / boxes)
    i0, i1 = (_box(edge, dec_low, dec_step, n_dec) for edge in (bottom, top))
    j0, j1 = (_box(edge, ra_low, ra_step, n_ra) for edge in (low, high))
    wide, tall = j1 - j0 + 1, i1 - i0 + 1
    each = np.repeat(np.arange(len(targets)), wide * tall)
    number = np.arange(len(each)) - np.repeat(np.cumsum(wide * tall) - wide * tall, wide * tall)
    box = (i0[each] + number // wide[each]) * n_ra + j0[each] + number % wide[each]
    order = np.argsort(box, kind="stable")
    start = np.searchsorted(box[order], np.arange(n_ra * n_dec + 1))
    return TargetGrid(
        ra0, ra_low, ra_step, n_ra, dec_low, dec_step, n_dec, start, each[order].astype(np.int32)
    )


def haversines(ra1: float, dec1: float, ra2: Floats, dec2: Floats) -> Floats:
    """Return the squares of the sines of half the angles between a direction and others, deg."""
    across = np.cos(np.radians(dec1)) * np.cos(np.radians(dec2))
    south_north = np.sin(np.radians(dec2 - dec1) / 2)
    west_east = np.sin(np.radians(ra2 - ra1) / 2)
    return np.asarray(south_north * south_north + across * west_east * west_east)


def unit_vectors(ra: Floats, dec: Floats) -> Floats:
    """Return directions (deg) as unit vectors, (n, 3)."""
    a, d = np.radians(ra), np.radians(dec)
    return np.column_stack([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)])


def _offsets(targets: Targets, k: int, known: MaskedSources, near: NDArray[np.int64]) -> Floats:
    """Return where sources lie about a target: arcsec to the east and north."""
    east = np.mod(known.ra[near] - targets.ra[k] + 540.0, 360.0) - 180.0
    north = known.dec[near] - targets.dec[k]
    return np.column_stack([east * np.cos(np.radians(targets.dec[k])), north]) * 3600.0


def _middle(ra: Floats) -> float:
    angle = np.radians(ra)
    return float(np.degrees(np.arctan2(np.sin(angle).mean(), np.cos(angle).mean())))


def _half_width(dec: Floats, reach_deg: float) -> Floats:
    """Return how far circles reach in right ascension, deg; 360 over a pole."""
    sine = np.sin(np.radians(reach_deg)) / np.maximum(np.cos(np.radians(dec)), 1e-12)
    over_pole = np.abs(dec) + reach_deg >= 90.0 - 1e-6
    return np.where(over_pole, 360.0, np.degrees(np.arcsin(np.minimum(sine, 1.0))) + 1e-9)


def _divided(low: Floats, high: Floats, step: float) -> tuple[float, float, int]:
    """Return start, step and number of boxes that hold all from `low` to `high`."""
    start, extent = float(low.min()), float(high.max() - low.min())
    n = int(np.clip(extent / max(step, SMALLEST_BOX_DEG), 1, MOST_BOXES))
    # A little more, so that the upper end lies in the last box.
    return start, extent / n * (1.0 + 1e-12), n


def _box(value: Floats, low: float, step: float, n: int) -> NDArray[np.int64]:
    return np.clip(((value - low) / step).astype(np.int64), 0, n - 1)
