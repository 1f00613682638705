"""What sources have in all apertures, frames and the sky about them: one pass over the photons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.products.apertures.aperture import haversine_of
from gphoton_db.products.apertures.targets import Targets, grid_of, unit_vectors
from gphoton_db.products.frame_times import FrameTimes
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.products.kernels.free_sky import free_parts
from gphoton_db.products.kernels.placing import Edges
from gphoton_db.products.kernels.rings import (
    N_MOMENTS,
    Directions,
    FrameClock,
    PhotonColumns,
    RingLimits,
    RingSums,
    add_to_rings,
)
from gphoton_db.products.masks.applied import Cells, of_masked
from gphoton_db.products.photon_batches import Photons, map_photons, row_groups
from gphoton_db.products.reader import ArchiveReader, photon_files

if TYPE_CHECKING:
    from collections.abc import Callable

SKY_ANNULUS = (20.0, 35.0)
"""Arcsec: where the background of a source is measured."""

SKY_MASK_ARCSEC = 12.8
"""Of that annulus, what is closer than this to any source does not count."""

BOXES = 3.0
"""Boxes of the grid along the reach of a source: of smaller ones fewer sources are looked at."""

RING_BINS = 2048
"""Equal steps in haversine, for which the ring is looked up, up to the largest radius."""

COLUMNS = ("ra", "dec", "col", "row", "response", "mask", "flags", "q", "ya")
"""Columns of the photon files that are read; with frames ``t_ms``, too."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SourceSums:
    """What n sources have in m apertures.

    Parameters
    ----------
    photons, counts, variance : (n, frames, m) float64
        In the apertures: photons, their weights, and the squares of these; one frame is the leg.
    bits : (n, frames, m) uint8
        Of any photon in the aperture, as in the flag image.
    moments : (n, N_MOMENTS) float64
        See `kernels.rings`; over all frames.
    sky : (n, 3) float64
        Photons, weights, and squares of these in the annulus, without what other sources cover.
    free : (n,) float64
        Part of the annulus that none covers.
    """

    photons: Floats
    counts: Floats
    variance: Floats
    bits: NDArray[np.uint8]
    moments: Floats
    sky: Floats
    free: Floats

    def whole(self) -> tuple[Floats, Floats, Floats, NDArray[np.uint8]]:
        """Return photons, counts, variance and bits of the leg, (n, m) each."""
        sums = (each.sum(axis=1) for each in (self.photons, self.counts, self.variance))
        photons, counts, variance = sums
        return photons, counts, variance, np.bitwise_or.reduce(self.bits, axis=1)


def ring_limits(radii: Sequence[float], reference: int) -> RingLimits:
    """Return the ends of rings as kernels compare them; `reference`: number of the aperture."""
    sky_inner, sky_outer = SKY_ANNULUS
    outer = np.array([*map(haversine_of, radii), np.inf])
    bins = RING_BINS / outer[-2]
    # A little before a bin begins: no distance in it is in an earlier ring.
    ring = np.searchsorted(outer, np.arange(RING_BINS) / bins * (1.0 - 1e-9))
    return RingLimits(
        outer,
        reference,
        haversine_of(sky_inner),
        haversine_of(sky_outer),
        haversine_of(SKY_MASK_ARCSEC),
        ring.astype(np.uint16),
        bins,
    )


def measure_sources(
    archive: ArchiveReader,
    leg: LegRecord,
    targets: Targets,
    limits: RingLimits,
    free: Floats,
    frames: FrameTimes | None,
    cells: Cells | None,
    threads: int,
) -> SourceSums:
    """Return what sources have in the photons of a leg.

    Parameters
    ----------
    archive, leg
        The photons.
    targets : Targets
        By declination.
    limits : RingLimits
        Where the rings end.
    free : (n,) float64
        Of the targets; see `free_sky`.
    frames : FrameTimes or None
        None: the leg as a whole.
    cells : (800, 800) bool or None
        That count as hotspots; None: no others than photons say.
    threads : int
        How many read.
    """
    n, m = len(targets), len(limits.outer) - 1
    n_frames = 1 if frames is None else frames.n_frames
    sums = empty_rings(n, n_frames, m)
    if n:
        groups = row_groups(photon_files(archive, leg))
        columns = COLUMNS if frames is None else (*COLUMNS, "t_ms")
        find = of_masked(_adder(targets, limits, frames), cells)
        for first, part in map_photons(groups, columns, find, threads=threads):
            _add(part, first, sums)
    rings = np.cumsum(sums.rings[:, :, :m], axis=2)
    return SourceSums(
        rings[..., 0],
        rings[..., 1],
        rings[..., 2],
        np.bitwise_or.accumulate(sums.bits[:, :, :m], axis=2),
        sums.moments,
        sums.sky,
        free,
    )


def empty_rings(n: int, n_frames: int, n_rings: int) -> RingSums:
    """Return sums of nothing."""
    return RingSums(
        np.zeros((n, n_frames, n_rings + 1, 3)),
        np.zeros((n, N_MOMENTS)),
        np.zeros((n, 3)),
        np.zeros((n, n_frames, n_rings + 1), np.uint8),
    )


def _adder(
    targets: Targets, limits: RingLimits, frames: FrameTimes | None
) -> "Callable[[Photons], tuple[int, RingSums]]":
    """Return what sums up a row group, over the sources that it may reach.

    It returns the number of the first of these, too.
    """
    edges = Edges(*ImageOptions.edges)
    reach_deg = float(np.degrees(2.0 * np.arcsin(np.sqrt(_largest(limits))))) * (1.0 + 1e-6)
    clock = FrameClock(0, 0, 1)
    if frames is not None:
        clock = FrameClock(frames.start_ms, frames.depth_ms, frames.n_frames)
    no_times = np.zeros(0, np.int64)
    grid = grid_of(targets, reach_deg, boxes=BOXES)
    places = directions_of(targets.take(grid.target.astype(np.int64)))

    def add(photons: Photons) -> tuple[int, RingSums]:
        first, last = reached(targets, photons["dec"], reach_deg)
        sums = empty_rings(last - first, clock.n_frames, len(limits.outer) - 1)
        if last > first:
            columns = {name: photons[name] for name in COLUMNS}
            of = PhotonColumns(**columns, t_ms=photons.get("t_ms", no_times))
            add_to_rings(of, places, grid, limits, edges, clock, first, sums)
        return first, sums

    return add


def _largest(limits: RingLimits) -> float:
    return max(float(limits.outer[-2]), limits.sky_outer)


def reached(targets: Targets, dec: Floats, reach_deg: float) -> tuple[int, int]:
    """Return the first of the sources that photons may reach, and the one behind the last."""
    known = dec[np.isfinite(dec)]
    if not len(known):
        return 0, 0
    bounds = known.min() - reach_deg, known.max() + reach_deg
    first, last = np.searchsorted(targets.dec, bounds)
    return int(first), int(last)


def _add(part: RingSums, first: int, sums: RingSums) -> None:
    rows = slice(first, first + len(part.sky))
    sums.rings[rows] += part.rings
    sums.moments[rows] += part.moments
    sums.sky[rows] += part.sky
    sums.bits[rows] |= part.bits


def directions_of(targets: Targets) -> Directions:
    """Return targets as kernels have them."""
    dec = np.radians(targets.dec)
    return Directions(np.radians(targets.ra), dec, np.cos(dec))


def free_sky(targets: Targets, limits: RingLimits) -> Floats:
    """Return the part of each source's annulus that no source covers."""
    from scipy.spatial import cKDTree

    if not len(targets):
        return np.empty(0)
    vectors = unit_vectors(targets.ra, targets.dec)
    reach = 2.0 * (np.sqrt(limits.sky_outer) + np.sqrt(limits.mask))
    pairs = cKDTree(vectors).query_pairs(reach, output_type="ndarray")
    both = np.concatenate([pairs, pairs[:, ::-1]]).astype(np.int64)
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    start = np.searchsorted(both[:, 0], np.arange(len(targets) + 1))
    found: Floats = free_parts(
        directions_of(targets), start.astype(np.int64), both[:, 1].copy(), limits
    )
    return found
