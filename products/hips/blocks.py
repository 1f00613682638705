"""Tiles from the photons of all legs that saw them."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial

import numpy as np

from gphoton_db.products.hips.exposure import DetectorSums, TileExposure
from gphoton_db.products.hips.photons import add_to_tile, read_tiled
from gphoton_db.products.hips.plan import HipsPlan, leg_tiles
from gphoton_db.products.hips.tiles import TILE_PIXELS, Floats, SkyTile
from gphoton_db.products.maps.detector_weights import detector_weights
from gphoton_db.products.maps.exposure_map import Attitudes, leg_attitudes
from gphoton_db.products.maps.make import LegTime
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.system.threads import in_order

_LEGS_AT_HAND = 64
"""Legs whose pointing is kept: neighbouring parts of the sky are seen by the same ones."""


class LegExposures:
    """Where the detector looked in legs, and what counts of it; what was read last is kept.

    Parameters
    ----------
    archive : ArchiveReader
        Has the legs.
    plan : HipsPlan
        Says which part of the detector counts, and where the calibration is.
    """

    def __init__(self, archive: ArchiveReader, plan: HipsPlan) -> None:
        self._archive, self._plan = archive, plan
        self._detectors: dict[str, DetectorSums] = {}
        self.attitudes: Callable[[LegTime], Attitudes] = lru_cache(_LEGS_AT_HAND)(self._attitudes)

    def _attitudes(self, timed: LegTime) -> Attitudes:
        return leg_attitudes(self._archive, timed.leg, timed.intervals)

    def detector(self, timed: LegTime) -> DetectorSums:
        """Return what a second on each detector pixel counts, as a leg was calibrated."""
        name = timed.leg.calibration
        if name not in self._detectors:
            weight = detector_weights(
                self._archive, timed.leg, self._plan.usable, calibration=self._plan.calibration
            )
            self._detectors[name] = DetectorSums(weight)
        return self._detectors[name]


def tiles_of(
    archive: ArchiveReader,
    plan: HipsPlan,
    exposures: LegExposures,
    block: tuple[int, int],
    timed: Sequence[LegTime],
) -> Iterator[SkyTile]:
    """Make the tiles of the plan's order in a part of the sky, from the archive's files.

    Parameters
    ----------
    archive, plan, exposures
        What they are made of, and how.
    block : (order, number)
        The part: a tile of this order or a lower one.  All counts of it are in memory at once, 2
        MB a tile.
    timed : sequence of LegTime
        Legs that may have seen it.

    Yields
    ------
    SkyTile
        Rising, those without photons and exposure left out.
    """
    counts: dict[int, Floats] = {}
    seen: dict[int, TileExposure] = {}
    for each in timed:
        _count(archive, plan, block, each, counts)
        _expose(plan, exposures, block, each, seen)
    for tile in sorted({*counts, *seen}):
        count = counts.pop(tile) if tile in counts else np.zeros(TILE_PIXELS)
        exposure = seen[tile].values() if tile in seen else np.zeros(TILE_PIXELS, np.float32)
        made = SkyTile(plan.order, tile, count, exposure)
        if not made.is_empty:
            yield made


def make_tile(archive: ArchiveReader, plan: HipsPlan, tile: int) -> SkyTile:
    """Return one tile of the plan's order, straight from the archive's files.

    It may be without photons and exposure.  Tiles of lower orders than 3 can be made as well, with
    ``dataclasses.replace(plan, order=...)``.
    """
    timed = [each for each in plan.timed if tile in leg_tiles(each.leg, plan.order)]
    block = (plan.order, tile)
    for made in tiles_of(archive, plan, LegExposures(archive, plan), block, timed):
        return made
    nothing = np.zeros(TILE_PIXELS)
    return SkyTile(plan.order, tile, nothing, nothing.astype(np.float32))


def _count(
    archive: ArchiveReader,
    plan: HipsPlan,
    block: tuple[int, int],
    timed: LegTime,
    counts: dict[int, Floats],
) -> None:
    """Add a leg's photons to the counts of the tiles of a block."""
    finer = 2 * (plan.order - block[0])
    first, stop = block[1] << finer, (block[1] + 1) << finer
    parts = read_tiled(archive, timed, plan.usable, plan.order, within=block, threads=plan.threads)
    for photons in parts:
        for tile in np.unique(photons.tiles).tolist():
            if first <= tile < stop:
                values = counts.setdefault(tile, np.zeros(TILE_PIXELS))
                add_to_tile(values, photons, plan.order, tile)


def _expose(
    plan: HipsPlan,
    exposures: LegExposures,
    block: tuple[int, int],
    timed: LegTime,
    seen: dict[int, TileExposure],
) -> None:
    """Add a leg's exposure to that of the tiles of a block."""
    finer = 2 * (plan.order - block[0])
    tiles = leg_tiles(timed.leg, plan.order)
    attitudes, detector = exposures.attitudes(timed), exposures.detector(timed)
    inside = tiles[tiles >> finer == block[1]].tolist()
    for tile in inside:
        if tile not in seen:
            seen[tile] = TileExposure(plan.order, tile)
    add = partial(_add, attitudes=attitudes, detector=detector)
    for _ in in_order(add, [seen[tile] for tile in inside], threads=plan.threads):
        pass


def _add(tile: TileExposure, attitudes: Attitudes, detector: DetectorSums) -> None:
    tile.add(attitudes, detector)
