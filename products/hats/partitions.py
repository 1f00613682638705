"""Partitions of the sky, smaller where there are more rows: HEALPix pixels, nested.

Positions are numbers of the pixels of order 29, as HATS has them (column ``_healpix_29``): the
pixels of a lower order, and so the partitions, are ranges of them.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from cdshealpix.nested import lonlat_to_healpix, neighbours
from numpy.typing import NDArray

from gphoton_db.mission import CELL_ORDER

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

INDEX_ORDER = 29
"""Of the numbers of positions: no photon is alone for want of digits (pixels of 0.4 mas)."""

HIGHEST_ORDER = 11
"""Of the smallest partitions, 1.7 arcmin wide."""

_EMPTY_ORDER = 7
"""Of the largest partitions where there is no row yet: a visit's photons would fill one."""


def indices_of(ra: Floats, dec: Floats) -> Ints:
    """Return the numbers of positions (deg) among the pixels of order 29."""
    from astropy.coordinates import Latitude, Longitude

    lon, lat = (cls(each, "deg", copy=False) for cls, each in ((Longitude, ra), (Latitude, dec)))
    return np.asarray(lonlat_to_healpix(lon, lat, INDEX_ORDER, num_threads=1)).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Partitions:
    """All of the sky, divided.

    Parameters
    ----------
    order : (n,) int64
        Of the pixels that are partitions.
    pixel : (n,) int64
        Their numbers; the partitions are in the order of their places.
    """

    order: Ints
    pixel: Ints

    def __len__(self) -> int:
        return len(self.order)

    @cached_property
    def first(self) -> Ints:
        """The first position of each, rising."""
        return self.pixel << 2 * (INDEX_ORDER - self.order)

    def of(self, indices: Ints) -> Ints:
        """Return the partitions of positions."""
        return np.searchsorted(self.first, indices, side="right") - 1

    def beside(self, indices: Ints) -> tuple[Ints, Ints]:
        """Return the positions at the border of a partition, and that partition: its margin.

        All positions in the photons' cells (26 arcsec wide) that touch a partition are taken, so
        that none within 10 arcsec is missed.

        Parameters
        ----------
        indices : (n,) int64

        Returns
        -------
        (m,) int64, (m,) int64
            Places in `indices`, and a partition that each is beside; some are beside several.
        """
        down = 2 * (INDEX_ORDER - CELL_ORDER)
        cells, place = np.unique(indices >> down, return_inverse=True)
        around = neighbours(cells.astype(np.uint64), CELL_ORDER, num_threads=1).astype(np.int64)
        near = np.where(around >= 0, self.of(around << down), -1)
        near[near == self.of(cells << down)[:, None]] = -1
        near.sort(axis=1)
        near[:, 1:][near[:, 1:] == near[:, :-1]] = -1
        rows = np.flatnonzero(np.any(near >= 0, axis=1)[place])
        found, column = np.nonzero(near[place[rows]] >= 0)
        return rows[found], near[place[rows[found]], column]


def divide(pixels: Ints, counts: Ints, most_rows: int) -> Partitions:
    """Divide the sky so that no partition has more rows than asked, if the order allows it.

    Parameters
    ----------
    pixels : (n,) int64
        Pixels of `HIGHEST_ORDER` that have rows, rising.
    counts : (n,) int64
        How many.
    most_rows : int
        Of a partition.

    Returns
    -------
    Partitions
        As large as can be; where there is no row, of order 7 and above.
    """
    orders, numbers = [], []
    for order in range(HIGHEST_ORDER + 1):
        inside = pixels >> 2 * (HIGHEST_ORDER - order)
        each, start = np.unique(inside, return_index=True)
        sums = np.add.reduceat(counts, start) if len(each) else counts
        taken = each[(sums <= most_rows) | (order == HIGHEST_ORDER)]
        orders.append(np.full(len(taken), order))
        numbers.append(taken)
        left = ~np.isin(inside, taken)
        pixels, counts = pixels[left], counts[left]
    found = _sorted(np.concatenate(orders), np.concatenate(numbers))
    return _with_empty(found)


def _with_empty(found: Partitions) -> Partitions:
    """Add partitions where there are none."""
    orders, numbers = [found.order], [found.pixel]
    candidates = np.arange(12 * 4**_EMPTY_ORDER)
    for order in range(_EMPTY_ORDER, HIGHEST_ORDER + 1):
        first = candidates << 2 * (INDEX_ORDER - order)
        end = (candidates + 1) << 2 * (INDEX_ORDER - order)
        within = _holds(found, first, end)
        some = np.searchsorted(found.first, end) > np.searchsorted(found.first, first)
        empty = candidates[~within & ~some]
        orders.append(np.full(len(empty), order))
        numbers.append(empty)
        candidates = (4 * candidates[some & ~within, None] + np.arange(4)).ravel()
    return _sorted(np.concatenate(orders), np.concatenate(numbers))


def _holds(partitions: Partitions, first: Ints, end: Ints) -> NDArray[np.bool_]:
    """Return whether ranges lie in one of partitions, which need not cover the sky."""
    if not len(partitions):
        return np.zeros(len(first), bool)
    which = np.maximum(partitions.of(first), 0)
    ends = (partitions.pixel + 1) << 2 * (INDEX_ORDER - partitions.order)
    held: NDArray[np.bool_] = (first >= partitions.first[which]) & (end <= ends[which])
    return held


def _sorted(order: Ints, pixel: Ints) -> Partitions:
    place = np.argsort(pixel << 2 * (INDEX_ORDER - order), kind="stable")
    return Partitions(order[place].astype(np.int64), pixel[place].astype(np.int64))
