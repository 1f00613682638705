"""Putting right what is wrong with an archive, from what is at hand."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.file import locked, remove_unfinished
from gphoton_db.catalogue.merged import FILES as MERGED_FILES
from gphoton_db.catalogue.merged import forget_sets
from gphoton_db.catalogue.session import CatalogueSession
from gphoton_db.errors import GPhotonError
from gphoton_db.intake.ingest_band import ingest
from gphoton_db.intake.opening import open_archive
from gphoton_db.intake.options import IngestOptions
from gphoton_db.intake.staging import remove_abandoned
from gphoton_db.intake.verify.archive import verify
from gphoton_db.intake.verify.faults import Fault, Verification
from gphoton_db.intake.verify.leftovers import clear
from gphoton_db.intake.writer import ArchiveWriter
from gphoton_db.paths import ArchivePaths
from gphoton_db.progress import Progress
from gphoton_db.query.sql_files import literal
from gphoton_db.system.inside import inside, remove_file

logger = logging.getLogger(__name__)


def verify_archive(
    paths: ArchivePaths,
    eclipses: Collection[int] | None,
    *,
    deep: bool,
    writer: ArchiveWriter | None,
    on_progress: Progress,
) -> Verification:
    """Look at an archive and, with a writer, put right what can be, and look again.

    A catalogue that is at fault is made anew, from its own files and those of legs; then legs that
    are at fault are ingested anew, from the inputs that they were made of or that are found as
    usual.
    """
    look = partial(verify, paths, eclipses, deep=deep, on_progress=on_progress)
    found = look()
    if writer is not None and eclipses is None:
        # Of processes that were killed behind their commit: the next ones may find nothing to do.
        remove_abandoned(paths.staging)
        remove_unfinished(paths)
    if writer is None or not (found.faults or found.remarks):
        return found
    # Before the catalogue, which says so, is made anew.
    wanted = {band: _as_before(writer, *band) for band in _bands_of(found.faults)}
    done = []
    damaged = [fault.path for fault in found.faults if fault.kind == "catalogue"]
    if damaged:
        done.append(_made_anew(paths, damaged))
        found = look()
    merged = [fault.path for fault in found.faults if fault.kind == "merged"]
    if merged:
        done.append(_forgotten(writer.catalogue, merged))
    for band in _bands_of(found.faults):
        options = wanted.get(band) or _as_before(writer, *band)
        try:
            ingest(writer, *band, options, on_progress=on_progress)
            done.append(f"eclipse {band[0]} {band[1]}: ingested anew")
        except GPhotonError as error:
            done.append(f"eclipse {band[0]} {band[1]}: cannot be ingested anew: {error}")
    if eclipses is None and (removed := clear(writer.catalogue)):
        done.append(f"{removed:,} file{'s' * (removed != 1)} that no catalogue lists removed")
    return replace(look(), repaired=tuple(done)) if done else found


def _bands_of(faults: Sequence[Fault]) -> list[tuple[int, str]]:
    """Return the bands of eclipses whose legs are at fault."""
    of_legs = [fault for fault in faults if fault.kind in ("file", "leg")]
    return sorted(
        {(f.eclipse, f.band) for f in of_legs if f.eclipse is not None and f.band is not None}
    )


def _as_before(writer: ArchiveWriter, eclipse: int, band: str) -> IngestOptions:
    """Return how a band was ingested: from the same inputs, where they are in the archive still."""
    sql = (
        "SELECT raw6, pointing, directory, full_precision, separation_clamped "
        f"FROM rows_of('legs', [{int(eclipse)}]) AS leg "
        "LEFT JOIN ingests USING (generation) LEFT JOIN calibration_files USING (calibration) "
        f"WHERE leg.band = {literal(band)} LIMIT 1"
    )
    try:
        with writer.catalogue.reader() as connection:
            rows = connection.execute(sql).fetchall()
    except (GPhotonError, duckdb.Error) as error:
        logger.debug("how eclipse %d %s was ingested is not known: %s", eclipse, band, error)
        rows = []
    raw6, pointing, directory, full_precision, clamped = rows[0] if rows else [None] * 5
    return IngestOptions(
        raw6=_there(raw6),
        pointing=_there(pointing),
        calibration=_there(directory),
        full_precision=bool(full_precision),
        clamp_separation=bool(clamped),
        override_limits=True,  # it was in the archive
        force=True,
    )


def _there(name: str | None) -> Path | None:
    """Return a path if there is something; None, and inputs are looked for as usual."""
    return Path(name) if name and Path(name).exists() else None


def _forgotten(catalogue: Catalogue, damaged: Sequence[str]) -> str:
    """Forget the sets of legs whose merged files are damaged: their legs' own files are read."""
    names = ", ".join(map(literal, damaged))
    with locked(catalogue.paths), catalogue.changing() as connection:
        rows = connection.execute(
            f"SELECT DISTINCT merged FROM {MERGED_FILES} WHERE path IN ({names})"
        ).fetchall()
        forget_sets(connection, [name for (name,) in rows])
    what = "merged field is" if len(rows) == 1 else "merged fields are"
    them = "it" if len(rows) == 1 else "them"
    return f"{len(rows):,} {what} read from its legs again: gphoton-db compact merges {them} anew"


def _made_anew(paths: ArchivePaths, damaged: Sequence[str]) -> str:
    """Move the head away, remove damaged files of the catalogue, and make it from what is left."""
    aside = paths.catalogue.with_name(f"{paths.catalogue.name}.damaged")
    paths.catalogue.replace(aside)
    for name in damaged:
        if name.startswith("catalogue/") and name.endswith(".parquet"):
            remove_file(paths.root, inside(paths.root, name))
    session = CatalogueSession(Catalogue(paths))
    try:
        open_archive(session)
        session.connection()
    finally:
        session.close()
    return f"the catalogue was made anew; the one before is {aside.name}"
