"""Matches of sources with a table of somebody else's positions, as they were at each visit."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntFlag
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.sphere import unit_vectors
from gphoton_db.products.objects.linking import arcsec_of_chord, chord_of
from gphoton_db.products.objects.reference_table import ReferenceTable, RowFlag
from gphoton_db.system.cores import usable_cores

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NO_MATCH = -1
"""In the place of the number of a row."""

SHIFTS = 8
"""Directions in which positions are shifted, to see what matches by chance."""

FARTHER = 4.0
LEAST_SHIFT = 60.0
"""How far: this many radii, and at least so many arcsec."""

MOST_SHIFTED = 100_000
"""Positions that are shifted; of more, every second or third, and so on."""


class MatchFlag(IntFlag):
    """What is to be known of a match; 0: nothing."""

    SECOND = 1
    """Another row of the table is within the radius, too."""
    SHARED = 2
    """The row is nearer to another source of the same visit."""
    NOT_MOVED = 4
    """The row stayed where it is, for its proper motion or epoch is not known."""
    NO_POSITION = 8
    """The source has no position."""
    NO_OVERLAP = 16
    """No row of the table is in the field of the visit."""


@dataclass(frozen=True, eq=False)
class Matches:
    """The best and second best row of a table for each source.

    Parameters
    ----------
    row, second_row : (n,) int64
        Numbers of rows, from 0; -1 where none is within the radius.
    separation, second_separation : (n,) float64
        Arcsec; NaN without a match.
    ra, dec : (n,) float64
        Where the best row was at the time of the visit, deg; NaN without a match.
    chance : (n,) float64
        Probability that a position without a counterpart has one within the separation.
    flags : (n,) int64
        `MatchFlag`.
    chance_rate : float
        Part of positions that match a row within the radius by chance: of shifted positions.
    """

    row: Ints
    separation: Floats
    second_row: Ints
    second_separation: Floats
    ra: Floats
    dec: Floats
    chance: Floats
    flags: Ints
    chance_rate: float

    @property
    def n_matched(self) -> int:
        """Sources with a match."""
        return int(np.count_nonzero(self.row >= 0))


@dataclass
class _Chance:
    """Shifted positions, and those of them with a match."""

    tried: int = 0
    found: int = 0

    @property
    def rate(self) -> float:
        return self.found / self.tried if self.tried else 0.0


def match_positions(
    ra: Floats, dec: Floats, visit: Ints, year: Floats, table: ReferenceTable, radius: float
) -> Matches:
    """Match sources with a table.

    Parameters
    ----------
    ra, dec : (n,) float64
        Sources, deg; NaN without a position.
    visit : (n,) int64
        Any number for the visit of each.
    year : (n,) float64
        When it was, Julian years; the same for all sources of a visit.
    table : ReferenceTable
        What to match with.
    radius : float
        Arcsec; it counts itself.
    """
    n = len(ra)
    row, second = np.full(n, NO_MATCH, np.int64), np.full(n, NO_MATCH, np.int64)
    flags = np.zeros(n, np.int64)
    there = np.isfinite(ra) & np.isfinite(dec)
    flags[~there] |= int(MatchFlag.NO_POSITION)
    distance, second_distance, at_ra, at_dec = np.full((4, n), np.nan)
    chance = _Chance()
    every = max(1, -(-n // MOST_SHIFTED))
    near = _RowsNear(table, radius)
    for members in _groups(np.flatnonzero(there), visit, moves=table.moves):
        points = unit_vectors(ra[members], dec[members])
        when = float(year[members[0]])
        rows = near.rows(points, when)
        if not len(rows):
            flags[members] |= int(MatchFlag.NO_OVERLAP)
            chance.tried += SHIFTS * len(members[::every])
            continue
        place = table.at(when, rows)
        found, apart = _nearest(unit_vectors(*place), points, radius, chance, every)
        hit = found[:, 0] < len(rows)
        best, mine = found[hit, 0], members[hit]
        row[mine], distance[mine] = rows[best], apart[hit, 0]
        at_ra[mine], at_dec[mine] = place[0][best], place[1][best]
        hit = found[:, 1] < len(rows)
        second[members[hit]], second_distance[members[hit]] = rows[found[hit, 1]], apart[hit, 1]
    flags[near.outside(ra, dec, visit, there & (row < 0))] |= int(MatchFlag.NO_OVERLAP)
    flags[second >= 0] |= int(MatchFlag.SECOND)
    flags[_shared(row, visit, distance)] |= int(MatchFlag.SHARED)
    still = int(RowFlag.NO_MOTION | RowFlag.NO_EPOCH)
    matched = np.flatnonzero(row >= 0)
    flags[matched[(table.flags[row[matched]] & still) > 0]] |= int(MatchFlag.NOT_MOVED)
    # Counterparts by chance are as many as the area: (1 - p) is a power of it.
    by_chance = 1.0 - (1.0 - chance.rate) ** ((distance / radius) ** 2)
    by_chance[row < 0] = np.nan
    return Matches(
        row, distance, second, second_distance, at_ra, at_dec, by_chance, flags, chance.rate
    )


def _groups(there: Ints, visit: Ints, *, moves: bool) -> Iterator[Ints]:
    """Yield the sources of each visit; all together where the table is the same at all times."""
    if not moves:
        if len(there):
            yield there
        return
    order = there[np.argsort(visit[there], kind="stable")]
    starts = np.flatnonzero(np.diff(visit[order], prepend=-1) != 0)
    for first, last in zip(starts, [*starts[1:], len(order)], strict=True):
        yield order[first:last]


class _RowsNear:
    """The rows of a table that may be near some sources, by a tree that is made once."""

    def __init__(self, table: ReferenceTable, radius: float) -> None:
        self._table, self._rows = table, table.rows
        self._shift = radius + max(LEAST_SHIFT, FARTHER * radius)

    @cached_property
    def _tree(self) -> Any:
        from scipy.spatial import cKDTree

        return cKDTree(unit_vectors(self._table.ra[self._rows], self._table.dec[self._rows]))

    def rows(self, points: Floats, year: float) -> Ints:
        """Return those that may be near any of some sources in a year."""
        # Those that do not move are matched with all visits together.
        return self._within(points, year) if self._table.moves else self._rows

    def outside(
        self, ra: Floats, dec: Floats, visit: Ints, unmatched: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Return which unmatched sources are of visits without a row near, if no row moves."""
        outside = np.zeros(len(ra), np.bool_)
        matched = np.isfinite(ra + dec) & ~unmatched
        rest = np.flatnonzero(unmatched & ~np.isin(visit, visit[matched]))
        if not self._table.moves and len(rest):
            for members in _groups(rest, visit, moves=True):
                points = unit_vectors(ra[members], dec[members])
                outside[members] = not len(self._within(points, 2000.0))
        return outside

    def _within(self, points: Floats, year: float) -> Ints:
        middle = points.mean(axis=0)
        length = float(np.linalg.norm(middle))
        if not len(self._rows) or length < 0.5:
            return self._rows  # there are none, or the sources are all over the sky
        middle /= length
        reach = float(np.linalg.norm(points - middle, axis=1).max())
        limit = reach + float(chord_of(self._table.farthest(year) + self._shift))
        found: Ints = self._rows[self._tree.query_ball_point(middle, limit, return_sorted=True)]
        return found


def _nearest(
    there: Floats, here: Floats, radius: float, chance: _Chance, every: int
) -> tuple[NDArray[Any], Floats]:
    """Return the two nearest points of each, and how far they are, arcsec; see `cKDTree.query`."""
    from scipy.spatial import cKDTree

    tree = cKDTree(there)
    reach = float(chord_of(radius)) * (1.0 + 1e-12)
    cores = usable_cores()
    # Neighbours of the sky one after the other: their part of the tree is in the cache.
    order = np.lexsort(np.floor(here * 64.0).T)
    distance, found = tree.query(here[order], k=2, distance_upper_bound=reach, workers=cores)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    some = here[order][::every]
    for shifted in _shifted(some, radius):
        apart, _ = tree.query(shifted, distance_upper_bound=reach, workers=cores)
        chance.tried += len(apart)
        chance.found += int(np.isfinite(apart).sum())
    return found[back], arcsec_of_chord(distance[back])


def _shifted(points: Floats, radius: float) -> Iterator[Floats]:
    """Yield points of the sphere, moved into several directions."""
    length = float(chord_of(max(LEAST_SHIFT, FARTHER * radius)))
    x, y = points.T[:2]
    # To the west and north of each; near a pole any two directions will do.
    level = np.hypot(x, y)
    safe = np.where(level > 0, level, 1.0)
    east = np.column_stack([np.where(level > 0, -y / safe, 0.0),
                            np.where(level > 0, x / safe, 1.0), np.zeros(len(x))])  # fmt: skip
    north = np.cross(points, east)
    for angle in 2.0 * np.pi * np.arange(SHIFTS) / SHIFTS:
        moved = points + length * (np.cos(angle) * east + np.sin(angle) * north)
        yield moved / np.linalg.norm(moved, axis=1)[:, None]


def _shared(row: Ints, visit: Ints, distance: Floats) -> Ints:
    """Return the sources whose row is nearer to another one of their visit."""
    matched = np.flatnonzero(row >= 0)
    order = matched[np.lexsort((distance[matched], visit[matched], row[matched]))]
    same = (row[order][1:] == row[order][:-1]) & (visit[order][1:] == visit[order][:-1])
    shared: Ints = order[1:][same]
    return shared
