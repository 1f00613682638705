"""What the ticks files of an archive say of its legs, from which a lost catalogue is made anew.

Each file is read once, on several threads, by blocks of eclipses: what is in memory does not grow
with the archive.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from gphoton_db.catalogue.coverage import CoverageRecord, stored_coverage
from gphoton_db.catalogue.kept import EclipseBand, ticks_files
from gphoton_db.catalogue.records import FileRecord
from gphoton_db.catalogue.segment_files import ECLIPSES_PER_COVERAGE_BLOCK
from gphoton_db.catalogue.shutter_gaps import ShutterGap, gaps_of
from gphoton_db.catalogue.staged import FoundBlock, IngestedBand
from gphoton_db.errors import ArchiveError
from gphoton_db.ingest.leg_files import read_manifest, read_ticks_file
from gphoton_db.intake.manifest import Manifest
from gphoton_db.mission import Band
from gphoton_db.paths import FILE_KINDS, leg_file, photon_file
from gphoton_db.system.cores import usable_cores
from gphoton_db.system.inside import checked_inside, size_inside
from gphoton_db.system.threads import in_order

logger = logging.getLogger(__name__)

READERS = usable_cores()
"""Threads that read files; with more of them they wait for each other, for most of it is Python."""


def scan_archive(root: Path, known: Collection[EclipseBand] = ()) -> Iterator[FoundBlock]:
    """Find every complete, newest ingest among the Parquet files of an archive.

    Parameters
    ----------
    root : Path
        The archive's folder.
    known : collection of (int, str)
        Eclipses and bands whose legs and files are known: only the manifest of one of their legs
        is read.

    Yields
    ------
    FoundBlock
        The bands of all eclipses that are in one file of ``coverage``, also where there are none,
        in the order of the eclipses; without legs and files for what is known.  An ingest that
        lacks a file, or has one of the wrong size, is left out, and logged.
    """
    blocks: dict[int, dict[EclipseBand, list[str]]] = defaultdict(dict)
    for key, paths in ticks_files(root).items():
        blocks[key[0] // ECLIPSES_PER_COVERAGE_BLOCK][key] = paths
    plain: set[str] = set()

    def block(number: int) -> FoundBlock:
        bands = (
            _one_known(root, paths) if key in known else _found(root, paths, plain)
            for key, paths in sorted(blocks[number].items())
        )
        return FoundBlock(number, tuple(filter(None, bands)))

    yield from in_order(block, sorted(blocks), threads=READERS)


@dataclass(frozen=True)
class _Found:
    """A ticks file, as the catalogue lists it, and what it says of its leg."""

    manifest: Manifest
    file: FileRecord
    outlines: bytes | None
    gaps: tuple[ShutterGap, ...]

    @property
    def generation(self) -> str:
        return self.manifest.leg.generation

    def coverage(self) -> CoverageRecord | None:
        return stored_coverage(self.manifest.leg, self.outlines)


def _read(root: Path, name: str, plain: set[str]) -> _Found | None:
    path = root / name
    try:
        size_inside(root, name, plain)
        found = read_ticks_file(path)
        manifest = Manifest.from_json(found.manifest)
        _check_names(name, manifest)
    except ArchiveError as error:
        logger.warning("%s: left out: %s", path, error)
        return None
    leg = manifest.leg
    key = (leg.eclipse, leg.band, leg.leg, "ticks", 0, name)
    file = FileRecord(*key, found.n_rows, found.size_bytes, found.sha256)
    return _Found(manifest, file, found.outlines, gaps_of(leg, found.t_ms, found.unflagged))


def _check_names(name: str, manifest: Manifest) -> None:
    """Check that a manifest is of the leg that its file is of, and lists files of that leg only.

    Raises
    ------
    ArchiveError
        If not: what it lists may be removed one day, so it must not be anybody else's.
    """
    leg = manifest.leg
    try:
        key = (Band(leg.band), int(leg.eclipse), int(leg.leg))
    except (TypeError, ValueError) as error:
        raise ArchiveError(f"its manifest is of no leg ({error})") from None
    names = {kind: leg_file(kind, *key, leg.generation) for kind in FILE_KINDS}
    if name != names["ticks"]:
        raise ArchiveError(f"its manifest is of another leg, {names['ticks']}")
    for file in manifest.files:
        wanted = names.get(file.kind)
        if file.kind == "photons":
            wanted = photon_file(*key, leg.generation, file.part)
        if file.path != wanted or (file.eclipse, file.band, file.leg) != (key[1], leg.band, key[2]):
            raise ArchiveError(f"its manifest lists {file.path!r}, which is no file of that leg")


def _one_known(root: Path, names: list[str]) -> IngestedBand | None:
    """Return what any manifest says of an ingest whose legs are known."""
    for name in names:
        try:
            checked_inside(root, root / name)
            manifest = Manifest.from_json(read_manifest(root / name)[0])
            _check_names(name, manifest)
        except ArchiveError as error:
            logger.warning("%s: left out: %s", root / name, error)
        else:
            return IngestedBand((), (), manifest.calibration, manifest.visit, manifest.ingest)
    return None


def _found(root: Path, names: list[str], plain: set[str]) -> IngestedBand | None:
    """Return the newest complete ingest of a band of an eclipse."""
    generations: dict[str, list[_Found]] = defaultdict(list)
    for found in filter(None, (_read(root, name, plain) for name in names)):
        generations[found.generation].append(found)
    complete = [legs for legs in generations.values() if _is_complete(root, legs, plain)]
    replaced = {name for legs in complete for name in legs[0].manifest.replaces}
    # Those of an older gphoton-db do not say what they replaced: there the time has to do.
    counts = [legs for legs in complete if legs[0].generation not in replaced] or complete
    newest = max(counts, key=lambda legs: legs[0].manifest.leg.ingested_at, default=None)
    return None if newest is None else _ingested(newest)


def _is_complete(root: Path, legs: list[_Found], plain: set[str]) -> bool:
    n_photons = sum(leg.manifest.leg.n_photons for leg in legs)
    if n_photons != legs[0].manifest.ingest.n_photons:
        logger.warning("%s: its ingest lacks a leg; left out", root / legs[0].file.path)
        return False
    for leg in legs:
        for file in leg.manifest.files:
            if size_inside(root, file.path, plain) != file.size_bytes:
                logger.warning(
                    "%s: lacks %s, or that is damaged; left out",
                    *(root / leg.file.path, root / file.path),
                )
                return False
    return True


def _ingested(legs: list[_Found]) -> IngestedBand:
    first = legs[0].manifest
    return IngestedBand(
        tuple(leg.manifest.leg for leg in legs),
        tuple(file for leg in legs for file in (*leg.manifest.files, leg.file)),
        first.calibration,
        first.visit,
        first.ingest,
        tuple(filter(None, (leg.coverage() for leg in legs))),
        tuple(gap for leg in legs for gap in leg.gaps),
    )
