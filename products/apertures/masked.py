"""Which photons of a leg count as those on hotspots, by the mask that was chosen."""

from collections.abc import Iterable, Sequence

from gphoton_db.catalogue.records import AnyLeg
from gphoton_db.products.masks.applied import STANDARD, Cells, Mask, with_cells
from gphoton_db.products.photon_batches import Photons
from gphoton_db.products.reader import ArchiveReader


def cells_of(archive: ArchiveReader, leg: AnyLeg, mask: Mask, threads: int) -> Cells | None:
    """Return the detector cells that count as hotspots; None: no others than photons say.

    The same as `masks.make.masked_cells`, for what imports no astropy with the standard mask.
    """
    if str(mask) == STANDARD:
        return None
    from gphoton_db.products.masks.make import masked_cells

    return masked_cells(archive, leg, mask, threads)


def masked_photons(
    archive: ArchiveReader,
    legs: Sequence[AnyLeg],
    photons: Iterable[Photons],
    mask: Mask,
    threads: int,
) -> list[Photons]:
    """Return the photons of legs, those of masked cells on hotspots."""
    return [
        with_cells(each, cells_of(archive, leg, mask, threads))
        for leg, each in zip(legs, photons, strict=True)
    ]
