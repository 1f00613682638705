"""Tiles of the sky, binned from the photons of legs when they are asked for."""

import hashlib
from dataclasses import dataclass, field

import numpy as np

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.hips.exposure import TileExposure
from gphoton_db.products.hips.options import HIGHEST_ORDER, LOWEST_ORDER
from gphoton_db.products.hips.photons import add_to_tile, read_tiled
from gphoton_db.products.hips.plan import leg_tiles
from gphoton_db.products.hips.tiles import TILE_PIXELS, Floats, Floats32, Plane, SkyTile
from gphoton_db.products.kernels.hips import centres_of
from gphoton_db.products.maps.make import LegTime, time_within
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sky_places import Range
from gphoton_db.serve.exposures import KeptExposures, thinned
from gphoton_db.serve.opened import ServedArchive, ServedLegs
from gphoton_db.serve.parameters import Leg
from gphoton_db.serve.photons import USABLE, Between, KeptPhotons, at_once
from gphoton_db.serve.refusals import NOT_FOUND, RequestError
from gphoton_db.serve.tile_files import TileFiles

MOST_LEGS = 2000
"""Of one tile: more would take minutes."""

_WIDEST_DEG = 75.0
"""More than the distance from a tile's centre to its corners, at order 0; halved by each order."""


@dataclass(frozen=True)
class TileRequest:
    """Which tile is asked for.

    Parameters
    ----------
    band : Band
        Of which band.
    order, number : int
        Which tile: a nested HEALPix pixel.
    plane : Plane
        What its pixels are to be.
    leg : (int, int), optional
        Eclipse and leg; None: all.
    within : (int, int), optional
        Only this time, GALEX ms; None: all.
    """

    band: Band
    order: int
    number: int
    plane: Plane
    leg: Leg | None = None
    within: Range | None = None

    def __post_init__(self) -> None:
        if not LOWEST_ORDER <= self.order <= HIGHEST_ORDER:
            raise RequestError(f"order {self.order}: give {LOWEST_ORDER} to {HIGHEST_ORDER}")
        if not 0 <= self.number < 12 * 4**self.order:
            raise RequestError(f"npix {self.number}: give 0 to {12 * 4**self.order - 1}")


@dataclass(frozen=True)
class TilePlan:
    """What a tile is made of.

    Parameters
    ----------
    request : TileRequest
        Which tile.
    timed : tuple of LegTime
        Legs that may have seen it, and their time that counts.
    longest : float
        Exposure of the longest of all legs that may be seen, s: what intensity is cut at.
    """

    request: TileRequest
    timed: tuple[LegTime, ...]
    longest: float

    @property
    def name(self) -> str:
        """Name of the tile, which says of which ingest of which legs and times it is."""
        request = self.request
        made_of = [
            (each.leg.eclipse, each.leg.leg, each.leg.generation, each.intervals)
            for each in self.timed
        ]
        digest = hashlib.sha256(repr((made_of, self.longest)).encode()).hexdigest()[:24]
        generation = self.timed[0].leg.generation if len(self.timed) == 1 else "several"
        what = f"{request.band}-{request.plane}-{request.order}-{request.number}"
        return f"{what}-{generation}-{digest}"


def plan_tile(legs: ServedLegs, request: TileRequest) -> TilePlan:
    """Return what a tile is made of; of no legs where none may have seen it.

    Raises
    ------
    RequestError
        If the leg is not there, or it would be of too many.
    """
    chosen = legs.chosen(request.band, request.leg)
    if request.leg is not None and not chosen.any():
        raise RequestError(
            f"there is no leg {request.leg[0]}.{request.leg[1]} in {request.band}", NOT_FOUND
        )
    ranges = None if request.within is None else [request.within]
    towards = centres_of(np.array([request.number]), request.order)[0]
    near = legs.near(towards, _WIDEST_DEG / 2**request.order, chosen)
    shown = [LegTime(leg, time_within(leg, ranges)) for leg in near]
    timed = tuple(
        each
        for each in shown
        if each.intervals and request.number in leg_tiles(each.leg, request.order)
    )
    if len(timed) > MOST_LEGS:
        raise RequestError(
            f"{len(timed)} legs are on this tile: look closer, or choose a leg or less time"
        )
    return TilePlan(request, timed, legs.longest(chosen, request.within))


@dataclass(frozen=True)
class TileMaker:
    """Makes tiles, and keeps what it will need again.

    Parameters
    ----------
    archive : ServedArchive
        What they are of.
    photons : KeptPhotons
        In memory.
    files : TileFiles
        Tiles of all of the time, on disk.
    exposures : KeptExposures
        Pointing of legs in view.
    """

    archive: ServedArchive
    photons: KeptPhotons
    files: TileFiles
    exposures: KeptExposures = field(default_factory=KeptExposures)

    def values(self, plan: TilePlan) -> Floats32 | None:
        """Return the pixels of a tile in nested order, NaN where nothing was seen; None: nowhere.

        Raises
        ------
        GPhotonError
            If a file is missing or damaged, or the calibration of a leg cannot be found.
        """
        if not plan.timed:
            return None
        kept = self.files.read(plan.name)
        if kept is not None:
            return kept if len(kept) else None
        made = self._made(plan)
        values = None if made.is_empty else made.plane(plan.request.plane, plan.longest)
        if plan.request.within is None:
            self.files.write(plan.name, np.empty(0, np.float32) if values is None else values)
        return values

    def prepare(self, leg: LegRecord, between: Between = at_once) -> None:
        """Read what tiles of a leg are made of, before the first of them is asked for.

        Parameters
        ----------
        leg : LegRecord
            The leg.
        between : callable, optional
            Called after each row group of its photons: it may wait for what is more urgent.

        Raises
        ------
        GPhotonError
            If a file is missing or damaged, or the calibration of the leg cannot be found.
        """
        with self.archive.reader() as reader:
            if reader.catalogue.address is None and self.photons.fits(leg):
                self.photons.of_leg(reader, leg, between)
                self.exposures.attitudes(reader, leg, time_within(leg, None))
                self.exposures.detector(reader, leg)

    def _made(self, plan: TilePlan) -> SkyTile:
        request = plan.request
        count = np.zeros(TILE_PIXELS)
        exposure = TileExposure(request.order, request.number)
        with self.archive.reader() as reader:
            for timed in plan.timed:
                if request.plane is not Plane.EXPOSURE:
                    self._count(reader, request, timed, count)
                self._expose(reader, request, timed, exposure)
        return SkyTile(request.order, request.number, count, exposure.values())

    def _count(
        self, reader: ArchiveReader, request: TileRequest, timed: LegTime, count: Floats
    ) -> None:
        order, number = request.order, request.number
        # Of what is afar only a part is fetched; of what fits nowhere it is all that can be had.
        if reader.catalogue.address is not None or not self.photons.fits(timed.leg):
            for part in read_tiled(reader, timed, USABLE, order, within=(order, number)):
                add_to_tile(count, part, order, number)
            return
        intervals = () if request.within is None else timed.intervals
        for part in self.photons.of_leg(reader, timed.leg):
            add_to_tile(count, part, order, number, intervals)

    def _expose(
        self,
        reader: ArchiveReader,
        request: TileRequest,
        timed: LegTime,
        exposure: TileExposure,
    ) -> None:
        try:
            detector = self.exposures.detector(reader, timed.leg)
        except ProductError:
            if request.plane is Plane.COUNT:
                return  # without its calibration nobody knows what a leg saw, but photons are there
            raise
        attitudes = self.exposures.attitudes(reader, timed.leg, timed.intervals)
        if request.plane is not Plane.COUNT:
            exposure.add(attitudes, detector)
            return
        if request.within is not None:
            # What was seen at all is wanted, soon: this tile is one of many, and not kept.
            attitudes = thinned(attitudes)
        exposure.add_seen(attitudes, detector)
