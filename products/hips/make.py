"""A HiPS of legs, made block by block and written as it is made."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from astropy.io import fits

from gphoton_db.mission import Band
from gphoton_db.products.hips.blocks import LegExposures, tiles_of
from gphoton_db.products.hips.folder import BlockNotes, HipsFolder, PartialHips, partial_hips
from gphoton_db.products.hips.moc import Moc
from gphoton_db.products.hips.options import HipsOptions
from gphoton_db.products.hips.pictures import cuts_of, draw_all, write_fits
from gphoton_db.products.hips.plan import HipsPlan, plan_of
from gphoton_db.products.hips.properties import write_properties
from gphoton_db.products.hips.pyramid import Pyramid
from gphoton_db.products.hips.tiles import Ints, SkyTile, fits_image
from gphoton_db.products.maps.make import LegTime
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.progress import counter

MOC_DEPTH = 3
"""Orders that the pixels of the coverage are above the finest tiles: 1.7 arcmin of order 8."""


@dataclass(frozen=True)
class WrittenHips:
    """A HiPS that was written.

    Parameters
    ----------
    path : Path
        Its folder.
    band, plane : str
        What it shows.
    order : int
        Of the finest tiles.
    n_legs : int
        Legs that it is made of.
    n_tiles : int
        Tiles of all orders.
    sky_fraction : float
        Part of the sky of which anything was seen.
    """

    path: Path
    band: str
    plane: str
    order: int
    n_legs: int
    n_tiles: int
    sky_fraction: float


def write_hips(
    archive: ArchiveReader,
    folder: str | Path,
    band: str | Band,
    eclipses: Iterable[int] | None,
    options: HipsOptions,
) -> WrittenHips:
    """Write the HiPS of eclipses; see `Archive.hips`.

    Raises
    ------
    ProductError
        If an option is not valid, an eclipse is not ingested, or the folder cannot be written.
    """
    target = Path(folder).expanduser().absolute()
    plan = plan_of(archive, Band.parse(band), eclipses, options)
    with partial_hips(target, plan) as partial:
        moc = _write_tiles(archive, plan, partial)
        cuts = cuts_of(partial.folder, plan)
        draw_all(partial.folder, plan, cuts, archive.on_progress)
        moc.write(partial.folder.moc)
        write_properties(partial.folder, plan, cuts, moc)
    made = HipsFolder(target)
    n_tiles = sum(len(made.tiles(order, "fits")) for order in range(plan.order + 1))
    shown = (str(plan.band), str(plan.plane), plan.order)
    return WrittenHips(target, *shown, len(plan.timed), n_tiles, moc.sky_fraction)


def _write_tiles(archive: ArchiveReader, plan: HipsPlan, partial: PartialHips) -> Moc:
    """Write all tiles as FITS, but for blocks that were finished before; return the coverage."""
    blocks = plan.blocks()
    exposures = LegExposures(archive, plan)
    pyramid = Pyramid(lambda tile: _write_tile(partial.folder, plan, tile))
    seen: list[Ints] = []
    done = counter(archive.on_progress, "legs by part of the sky", sum(map(len, blocks.values())))
    for block, timed in blocks.items():
        notes = partial.read_block(block)
        if notes is None:
            notes = _write_block(archive, plan, exposures, pyramid, (block, timed))
            if notes is not None:
                partial.note_block(block, notes)
        elif plan.block_order:
            pyramid.add_quarter(plan.block_order - 1, block, notes.quarter)
        if notes is not None:
            seen.append(notes.seen)
        done(len(timed))
    pyramid.finish()
    return Moc.of(plan.order + MOC_DEPTH, seen)


def _write_block(
    archive: ArchiveReader,
    plan: HipsPlan,
    exposures: LegExposures,
    pyramid: Pyramid,
    block: tuple[int, list[LegTime]],
) -> BlockNotes | None:
    """Write the tiles of a block; return what is to be known of them, None if there are none."""
    number, timed = block
    seen: list[Ints] = []
    for tile in tiles_of(archive, plan, exposures, (plan.block_order, number), timed):
        seen.append(tile.seen_cells(MOC_DEPTH))
        pyramid.add(tile)
    sums = pyramid.close(plan.block_order)
    if sums is None:
        return None
    return BlockNotes(sums.quarter(), Moc.of(plan.order + MOC_DEPTH, seen).pixels)


def _write_tile(folder: HipsFolder, plan: HipsPlan, tile: SkyTile) -> None:
    values = tile.plane(plan.plane, plan.longest)
    header = fits.Header()
    header["BUNIT"] = plan.plane.unit
    header["ORDER"] = (tile.order, "HEALPix order of the tile")
    header["NPIX"] = (tile.number, "number of the tile, nested")
    write_fits(folder.tile(tile.order, tile.number, "fits"), fits_image(values), header)
