"""The manifest in a leg's files, and the catalogue made again from manifests."""

import json
import logging
from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from gphoton_db.aspect.pointing import VisitMetadata
from gphoton_db.catalogue.records import CalibrationFileRecord, FileRecord, IngestRecord, LegRecord
from gphoton_db.catalogue.segment_files import digest_of
from gphoton_db.catalogue.staged import IngestedBand
from gphoton_db.errors import ArchiveError
from gphoton_db.ingest.leg_files import read_manifest
from gphoton_db.mission import Band
from gphoton_db.paths import FILE_KINDS, leg_file, photon_file
from gphoton_db.system.cores import usable_cores
from gphoton_db.system.inside import checked_inside, inside
from gphoton_db.system.threads import in_order

logger = logging.getLogger(__name__)

Record = TypeVar("Record")

EclipseBand = tuple[int, str]
"""Number of an eclipse, and name of a band."""

READERS = 2 * usable_cores()
"""Threads that read files: some of them wait for the disk."""


@dataclass(frozen=True)
class Manifest:
    """Everything that the catalogue says of one leg, but for the file that holds the manifest.

    ``replaces`` has the generations of the legs that it took the place of.  Their files stay for a
    while, and a clock may have been set back: it is this, and not the time, that says which of two
    counts.
    """

    leg: LegRecord
    files: tuple[FileRecord, ...]
    calibration: tuple[CalibrationFileRecord, ...]
    visit: VisitMetadata
    ingest: IngestRecord
    replaces: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the manifest as JSON; times in ISO format, UTC."""
        return json.dumps(asdict(self), default=datetime.isoformat)

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read a manifest back.

        Raises
        ------
        ArchiveError
            If it is not one, or of a version of gphoton-db that wrote other fields.
        """
        try:
            fields: dict[str, Any] = json.loads(text)
            leg, ingest = fields["leg"], fields["ingest"]
            leg["ingested_at"] = datetime.fromisoformat(leg["ingested_at"])
            ingest["started_at"] = datetime.fromisoformat(ingest["started_at"])
            return cls(
                _typed(LegRecord(**leg)),
                tuple(_typed(FileRecord(**file)) for file in fields["files"]),
                tuple(_typed(CalibrationFileRecord(**file)) for file in fields["calibration"]),
                _typed(VisitMetadata(**fields["visit"])),
                _typed(IngestRecord(**ingest)),
                tuple(str(name) for name in fields.get("replaces", ())),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ArchiveError(f"not a manifest of this version of gphoton-db ({error})") from None


def _typed(record: Record) -> Record:
    """Return a record, if its values are of the types that it declares."""
    kind_of_record: Any = type(record)
    for name, kind in _types(kind_of_record).items():
        value = getattr(record, name)
        if not isinstance(value, kind):
            raise TypeError(f"{name} is {value!r}")
    return record


@cache
def _types(record: type[Any]) -> dict[str, Any]:
    """Return which types the values of a record may be of; a whole number is a number, too."""
    hints = get_type_hints(record).items()
    return {n: kind | int if kind in (float, float | None) else kind for n, kind in hints}


def scan_archive(root: Path, known: Collection[EclipseBand] = ()) -> list[IngestedBand]:
    """Find every complete, newest ingest among the Parquet files of an archive.

    Parameters
    ----------
    root : Path
        The archive's folder.
    known : collection of (int, str)
        Eclipses and bands whose legs and files are known: only the manifest of one of their legs
        is read.

    Returns
    -------
    list of IngestedBand
        One for each band of each eclipse, in the order of the ingests; without legs and files for
        what is known.  An ingest that lacks a file, or has one of the wrong size, is left out, and
        logged.
    """
    paths: dict[EclipseBand, list[Path]] = defaultdict(list)
    for path in sorted((root / "ticks").glob("band=*/eclipse=*/leg=*/*.parquet")):
        band, eclipse = (folder.name.partition("=")[2] for folder in (*path.parents[2:0:-1],))
        paths[int(eclipse) if eclipse.isdigit() else -1, band].append(path)
    bands = in_order(
        lambda key: _one_known(root, paths[key]) if key in known else _found(root, paths[key]),
        paths,
        threads=READERS,
    )
    return sorted((band for band in bands if band), key=lambda band: band.ingest.started_at)


@dataclass(frozen=True)
class _Found:
    """A ticks file, with what it says of its leg, and how many rows it has."""

    path: Path
    manifest: Manifest
    n_rows: int


def _read(root: Path, path: Path) -> _Found | None:
    try:
        checked_inside(root, path)
        text, n_rows = read_manifest(path)
        manifest = Manifest.from_json(text)
        _check_names(root, path, manifest)
        return _Found(path, manifest, n_rows)
    except ArchiveError as error:
        logger.warning("%s: left out: %s", path, error)
        return None


def _check_names(root: Path, path: Path, manifest: Manifest) -> None:
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
    if path != root / names["ticks"]:
        raise ArchiveError(f"its manifest is of another leg, {names['ticks']}")
    for file in manifest.files:
        name = names.get(file.kind)
        if file.kind == "photons":
            name = photon_file(*key, leg.generation, file.part)
        if file.path != name or (file.eclipse, file.band, file.leg) != (key[1], leg.band, key[2]):
            raise ArchiveError(f"its manifest lists {file.path!r}, which is no file of that leg")


def _one_known(root: Path, paths: list[Path]) -> IngestedBand | None:
    """Return what any manifest says of an ingest whose legs are known."""
    found = next(filter(None, (_read(root, path) for path in paths)), None)
    if found is None:
        return None
    manifest = found.manifest
    return IngestedBand((), (), manifest.calibration, manifest.visit, manifest.ingest)


def _found(root: Path, paths: list[Path]) -> IngestedBand | None:
    """Return the newest complete ingest of a band of an eclipse."""
    generations: dict[str, list[_Found]] = defaultdict(list)
    for found in filter(None, (_read(root, path) for path in paths)):
        generations[found.manifest.leg.generation].append(found)
    complete = [legs for legs in generations.values() if _is_complete(root, legs)]
    replaced = {name for legs in complete for name in legs[0].manifest.replaces}
    # Those of an older gphoton-db do not say what they replaced: there the time has to do.
    counts = [legs for legs in complete if _generation(legs) not in replaced] or complete
    newest = max(counts, key=lambda legs: legs[0].manifest.leg.ingested_at, default=None)
    return None if newest is None else _ingested(root, newest)


def _generation(legs: list[_Found]) -> str:
    return legs[0].manifest.leg.generation


def _is_complete(root: Path, legs: list[_Found]) -> bool:
    n_photons = sum(leg.manifest.leg.n_photons for leg in legs)
    if n_photons != legs[0].manifest.ingest.n_photons:
        logger.warning("%s: its ingest lacks a leg; left out", legs[0].path)
        return False
    for leg in legs:
        for file in leg.manifest.files:
            target = inside(root, file.path)
            if not target.is_file() or target.stat().st_size != file.size_bytes:
                logger.warning("%s: lacks %s, or that is damaged; left out", leg.path, target)
                return False
    return True


def _ingested(root: Path, legs: list[_Found]) -> IngestedBand:
    files: list[FileRecord] = []
    for found in legs:
        path, leg = found.path, found.manifest.leg
        name = path.relative_to(root).as_posix()
        key = (leg.eclipse, leg.band, leg.leg, "ticks", 0, name)
        files += found.manifest.files
        files.append(FileRecord(*key, found.n_rows, path.stat().st_size, digest_of(path)))
    first = legs[0].manifest
    return IngestedBand(
        tuple(found.manifest.leg for found in legs),
        tuple(files),
        first.calibration,
        first.visit,
        first.ingest,
    )
