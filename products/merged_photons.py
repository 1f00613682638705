"""Photons of legs near a place from the files of merged sets, which stand for the legs' own."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from gphoton_db.catalogue.records import AnyLeg, LegRecord
from gphoton_db.products.leg_tables import (
    POSITION,
    LegKey,
    ListedFile,
    check_photons_near,
    key_of,
    photons_near,
)
from gphoton_db.products.merged_sets import LEAST_PART, by_leg, read_columns, sets_of_legs
from gphoton_db.products.photon_batches import Photons, check_files
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sky_boxes import SkyBox
from gphoton_db.query.sql_files import literal
from gphoton_db.schemas import MERGED
from gphoton_db.system.inside import inside


def photons_of_legs_near(
    archive: ArchiveReader,
    legs: Sequence[AnyLeg],
    files: Mapping[LegKey, Sequence[ListedFile]],
    box: SkyBox,
    names: Sequence[str],
) -> Iterator[Photons]:
    """Yield the photons of each leg in a small part of the sky.

    Parameters
    ----------
    files : mapping
        As `leg_tables.files_of_legs` returns them: of the legs that are in no merged set.
    box : SkyBox
        Where.
    names : sequence of str
        Columns of the photon files.
    """
    merged = merged_photons_near(archive, legs, box, names)
    others = [files[key_of(leg)] for leg in legs if key_of(leg) not in merged]
    own = iter(photons_near(archive, others, box, names))
    for leg in legs:
        yield merged[key_of(leg)] if key_of(leg) in merged else next(own)


def merged_photons_near(
    archive: ArchiveReader, legs: Sequence[AnyLeg], box: SkyBox, names: Sequence[str]
) -> dict[LegKey, Photons]:
    """Return the photons in a small part of the sky of those legs that are in merged sets.

    Those of each leg are the same as from its own files, and in the same order.
    """
    found: dict[LegKey, Photons] = {}
    for name, wanted in sets_of_legs(archive, legs, LEAST_PART).items():
        files = _files_near(archive, name, box)
        _check_files(files, (*names, "eclipse", "leg"), box)
        found |= _by_leg(archive, files, wanted, box, names)
    return found


def check_merged_near(
    archive: ArchiveReader, legs: Sequence[LegRecord], box: SkyBox, names: Sequence[str]
) -> None:
    """Compare the photons of legs in a small part of the sky, which SQL will read, with checksums.

    Raises
    ------
    ArchiveError
        If a file is missing or damaged.
    """
    sets = sets_of_legs(archive, legs)
    for name in sets:
        _check_files(_files_near(archive, name, box), names, box)
    merged = {leg for keys in sets.values() for leg in keys}
    check_photons_near(archive, [leg for leg in legs if key_of(leg) not in merged], box, names)


def _files_near(archive: ArchiveReader, name: str, box: SkyBox) -> list[Path]:
    files = archive.rows(
        "SELECT path, cell_min, cell_max, dec_min, dec_max FROM merged_files "
        f"WHERE merged = {literal(name)} ORDER BY part"
    )
    return [
        inside(archive.root, row["path"])
        for row in files
        if box.meets((row["cell_min"], row["cell_max"]), (row["dec_min"], row["dec_max"]))
    ]


def _check_files(files: Sequence[Path], names: Sequence[str], box: SkyBox) -> None:
    columns = (*names, *POSITION)
    check_files(files, columns, near=(box.cells, box.dec), schema=MERGED)


def _by_leg(
    archive: ArchiveReader,
    files: Sequence[Path],
    legs: Sequence[LegKey],
    box: SkyBox,
    names: Sequence[str],
) -> dict[LegKey, Photons]:
    """Return what the files of a set have of some legs, all of one band."""
    if not files:
        return {leg: {name: np.empty(0) for name in names} for leg in legs}
    keys, columns = read_columns(archive, files, names, box.where)
    # Stable: within a leg they stay in the order of their cells and times.
    order = np.argsort(keys, kind="stable")
    return by_leg(keys[order], {name: values[order] for name, values in columns.items()}, legs)
