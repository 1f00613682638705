"""The photons of a leg in the apertures of many sources, and the sky around them, in one pass."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.products.apertures.aperture import haversine_of
from gphoton_db.products.apertures.targets import Targets, grid_of
from gphoton_db.products.catalogue.ring_photons import (
    BOXES,
    SKY_ANNULUS,
    SKY_MASK_ARCSEC,
    directions_of,
    free_sky,
    reached,
    ring_limits,
)
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.products.kernels.aperture_lists import (
    N_PARTS,
    Listed,
    ListLimits,
    ListSums,
    Times,
    list_photons,
    sort_photons,
    take_photons,
)
from gphoton_db.products.kernels.placing import Edges
from gphoton_db.products.kernels.rings import FrameClock, PhotonColumns
from gphoton_db.products.photon_batches import Photons, map_photons, row_groups
from gphoton_db.products.reader import ArchiveReader, photon_files

COLUMNS = ("ra", "dec", "col", "row", "response", "mask", "flags", "q", "ya", "t_ms")
"""Columns of the photon files that are read."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AperturePhotons:
    """What n sources have in a leg.

    Parameters
    ----------
    start : (n + 1,) int64
        Where the photons of each start in `times`, in the order of time.
    times : Times
        The photons.
    sums : ListSums
        Of artifacts and the sky.
    free : (n,) float64
        Part of the annulus that no source covers.
    """

    start: NDArray[np.int64]
    times: Times
    sums: ListSums
    free: Floats

    def __len__(self) -> int:
        return len(self.free)


class _Part(NamedTuple):
    """What a row group gives: number of the first source that it reaches, photons, sums."""

    first: int
    listed: Listed
    sums: ListSums


def photons_of_sources(
    archive: ArchiveReader,
    leg: LegRecord,
    targets: Targets,
    radius: float,
    clock: FrameClock,
    threads: int,
) -> AperturePhotons:
    """Return the photons of a leg in apertures.

    Parameters
    ----------
    archive, leg
        Where they are.
    targets : Targets
        By declination, all of them positions.
    radius : float
        Of the apertures, arcsec.
    clock : FrameClock
        Bins in which photons of artifacts are noted.
    threads : int
        How many read.
    """
    n, n_seconds = len(targets), clock.n_frames * clock.length_ms // 1000
    sums = _no_sums(n, clock)
    parts: list[Listed] = []
    if n:
        groups = row_groups(photon_files(archive, leg))
        for part in map_photons(groups, COLUMNS, _lister(targets, radius, clock), threads=threads):
            parts.append(part.listed)
            _add(part, sums)
    start = np.concatenate([[0], np.cumsum(sums.parts[:, 7])]).astype(np.int64)
    times = Times(np.empty(start[-1], np.int32), np.empty(start[-1], np.float32))
    behind = start[:-1].copy()
    while parts:  # which lets go of each part once it is taken
        take_photons(parts.pop(), behind, times)
    sort_photons(start, times, n_seconds)
    return AperturePhotons(start, times, sums, free_sky(targets, ring_limits([radius], 0)))


def _lister(targets: Targets, radius: float, clock: FrameClock) -> "Callable[[Photons], _Part]":
    """Return what lists the photons of a row group, over the sources that it may reach."""
    edges, (inner, outer) = Edges(*ImageOptions.edges), SKY_ANNULUS
    limits = ListLimits(*(haversine_of(each) for each in (radius, inner, outer, SKY_MASK_ARCSEC)))
    reach_deg = outer / 3600.0 * (1.0 + 1e-6)
    grid = grid_of(targets, reach_deg, boxes=BOXES)
    places = directions_of(targets.take(grid.target.astype(np.int64)))

    def find(photons: Photons) -> _Part:
        first, last = reached(targets, photons["dec"], reach_deg)
        columns, room = PhotonColumns(**photons), len(photons["ra"])
        while True:
            listed, sums = _room(room), _no_sums(last - first, clock)
            needed = list_photons(columns, places, grid, limits, edges, clock, first, listed, sums)
            if needed <= room:
                source, t_ms, weight = listed
                kept = Listed(source[:needed].copy(), t_ms[:needed].copy(), weight[:needed].copy())
                return _Part(first, kept, sums)
            room = needed

    return find


def _room(n: int) -> Listed:
    return Listed(np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.float32))


def _no_sums(n: int, clock: FrameClock) -> ListSums:
    n_seconds = clock.n_frames * clock.length_ms // 1000
    dirty = np.zeros((n, clock.n_frames), np.bool_)
    return ListSums(np.zeros((n, N_PARTS)), np.zeros((n, 2)), dirty, np.zeros(n_seconds, np.int64))


def _add(part: _Part, sums: ListSums) -> None:
    rows = slice(part.first, part.first + len(part.sums.sky))
    sums.parts[rows] += part.sums.parts
    sums.sky[rows] += part.sums.sky
    sums.dirty[rows] |= part.sums.dirty
    sums.seconds[:] += part.sums.seconds
