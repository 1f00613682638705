"""What a HiPS is made of: legs, their time, and the parts of the sky that are made in turn."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gphoton_db.catalogue.records import LegRecord, leg_of
from gphoton_db.errors import NoCoverageError, ProductError
from gphoton_db.mission import Band
from gphoton_db.products.hips.options import HipsOptions
from gphoton_db.products.hips.tiles import Ints, Plane, tiles_in_disc
from gphoton_db.products.maps.detector_weights import UsableDetector
from gphoton_db.products.maps.make import LegTime, time_within
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sky_places import ranges_of

BLOCK_DEPTH = 3
"""A block is a tile so many orders below the finest: its 64 finest tiles are in memory at once."""

_BEYOND_DEG = 0.05
"""The circle of a leg holds the field of 375 pixels' radius; an edge may be at 400, and cut
pixels reach a bit further."""


@dataclass(frozen=True)
class HipsPlan:
    """How a HiPS is made, all of it checked.

    Parameters
    ----------
    band : Band
        Of which band.
    order : int
        Of the finest tiles.
    plane : Plane
        What the pixels are.
    usable : UsableDetector
        Which part of the detector counts.
    timed : tuple of LegTime
        The legs, and their time that counts, in the order of time.
    calibration : Path, optional
        Directory with the flat and the mask that the legs were calibrated with.
    threads : int
        How many read and compute.
    """

    band: Band
    order: int
    plane: Plane
    usable: UsableDetector
    timed: tuple[LegTime, ...]
    calibration: Path | None = None
    threads: int = 1

    @property
    def block_order(self) -> int:
        """Order of the tiles that are blocks."""
        return self.order - BLOCK_DEPTH

    @property
    def longest(self) -> float:
        """Exposure of the longest of the legs in its time that counts, s, at most."""
        return max(
            min(each.leg.exposure, sum(stop - start for start, stop in each.intervals) / 1000)
            for each in self.timed
        )

    def blocks(self) -> dict[int, list[LegTime]]:
        """Return the blocks that legs may have seen, rising, each with those legs."""
        found: dict[int, list[LegTime]] = {}
        for each in self.timed:
            for block in leg_tiles(each.leg, self.block_order).tolist():
                found.setdefault(block, []).append(each)
        return dict(sorted(found.items()))


def plan_of(
    archive: ArchiveReader,
    band: Band,
    eclipses: Iterable[int] | None,
    options: HipsOptions,
) -> HipsPlan:
    """Return how a HiPS is made that a user asked for.

    Raises
    ------
    ProductError
        If an option is not valid, an eclipse is not ingested in this band, or there are no photons
        in this time.
    """
    ranges = ranges_of(options.time_ranges)
    legs = legs_with_photons(archive, band, eclipses)
    timed = [LegTime(leg, time_within(leg, ranges)) for leg in legs]
    chosen = tuple(each for each in timed if each.intervals)
    if not chosen:
        raise NoCoverageError(
            f"no {band} leg was observed in these time ranges: the {len(legs)} legs are of "
            f"{legs[0].t0:.0f} to {legs[-1].t1:.0f} s (GALEX time)"
        )
    calibration = Path(options.calibration).expanduser() if options.calibration else None
    return HipsPlan(
        band,
        options.order,
        Plane.parse(options.plane),
        UsableDetector(options.edge),
        chosen,
        calibration,
        options.threads,
    )


def legs_with_photons(
    archive: ArchiveReader, band: Band, eclipses: Iterable[int] | None
) -> list[LegRecord]:
    """Return the legs of eclipses, None: of all, that have good photons, in the order of time.

    Raises
    ------
    ProductError
        If an eclipse is not ingested in this band, or no leg has good photons.
    """
    wanted = None if eclipses is None else sorted({int(each) for each in eclipses})
    legs = "legs" if wanted is None else f"rows_of('legs', {wanted})"
    if wanted is not None and not wanted:
        raise ProductError("no eclipse was given: name some, or take all")
    found = [
        leg_of(row)
        for row in archive.rows(f"SELECT * FROM {legs} WHERE band = '{band}' ORDER BY t0, leg")
    ]
    missing = sorted({*(wanted or ())} - {leg.eclipse for leg in found})
    if missing:
        raise ProductError(
            f"eclipse {missing[0]} {band} is not ingested"
            + (f", nor are {len(missing) - 1} others" if missing[1:] else "")
            + f": run `gphoton-db ingest {missing[0]} {band}`, or leave it out"
        )
    good = [leg for leg in found if leg.photon_t0 is not None]
    if not good:
        raise NoCoverageError(
            f"none of the {len(found)} {band} legs that were asked for has good photons; ingest a "
            "visit that has (gphoton-db ingest ECLIPSE BAND)"
        )
    return good


def leg_tiles(leg: LegRecord, order: int) -> Ints:
    """Return the tiles of an order that a leg may have photons or exposure on."""
    return tiles_in_disc(order, leg.ra0, leg.dec0, leg.radius + _BEYOND_DEG)
