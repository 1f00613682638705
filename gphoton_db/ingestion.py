"""Ingest one band of one eclipse: reduce it aside, then add it to the archive in one step."""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import gphoton_db
from gphoton_db.aspect.pointing import Pointing
from gphoton_db.aspect.read import read_pointing
from gphoton_db.calibration import CalibrationSet, short_identifier
from gphoton_db.catalogue import Catalogue, IngestedBand, now
from gphoton_db.errors import ArchiveError, GPhotonError
from gphoton_db.ingest.eclipse import (
    ReducedEclipse,
    ReducedLeg,
    ReductionOptions,
    reduce_eclipse,
)
from gphoton_db.ingest.files import WrittenFile
from gphoton_db.ingest.leg_files import write_aspect, write_ticks
from gphoton_db.leg_rows import leg_record
from gphoton_db.manifest import Manifest
from gphoton_db.mission import Band, check_eclipse
from gphoton_db.obtain import IngestSources
from gphoton_db.paths import leg_file, photon_file
from gphoton_db.progress import Progress
from gphoton_db.records import CalibrationFileRecord, FileRecord, IngestRecord, LegRecord
from gphoton_db.staging import staging_folder

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class IngestReport:
    """What an ingest did.

    ``outcome`` is ``ingested``, ``replaced`` or ``skipped`` (the band was there already; the
    legs are then those that were).
    """

    eclipse: int
    band: Band
    outcome: str
    legs: tuple[LegRecord, ...]
    n_events: int | None
    seconds: float

    @property
    def n_photons(self) -> int:
        """Photons in all legs."""
        return sum(leg.n_photons for leg in self.legs)

    @property
    def n_unflagged(self) -> int:
        """Photons with flag 0 in all legs."""
        return sum(leg.n_unflagged for leg in self.legs)

    @property
    def size_bytes(self) -> int:
        """Size of all photon files."""
        return sum(leg.size_bytes for leg in self.legs)


def ingest_band(
    catalogue: Catalogue,
    eclipse: int,
    band: Band,
    find_sources: Callable[[], IngestSources],
    options: ReductionOptions,
    *,
    override_limits: bool = False,
    on_progress: Progress,
) -> IngestReport:
    """Reduce one band of an eclipse and commit it to the archive.

    Everything is written to a staging folder first.  Whatever goes wrong, the archive stays as it
    was, but for a line in the log ``ingests``.  `find_sources` says where the inputs are, and may
    have to fetch them; it is asked only if the eclipse is one that is reduced.

    Raises
    ------
    GPhotonError
        If any input cannot be used, or the archive cannot be written.
    """
    attempt = _Attempt(uuid.uuid4().hex[:12], eclipse, band, None, now(), time.monotonic())
    try:
        check_eclipse(eclipse, override_limits=override_limits)
        sources = find_sources()
        attempt = replace(attempt, sources=sources)
        replaces = catalogue.has_legs(eclipse, band)
        with staging_folder(catalogue.paths.staging, attempt.generation) as staged:
            pointing = read_pointing(sources.pointing, eclipse)
            reduced = reduce_eclipse(
                sources.raw6,
                eclipse,
                band,
                pointing,
                sources.calibration,
                staged / "reduced",
                options,
                on_progress,
            )
            _warn_of_synthetic(reduced)
            ingested = _stage(attempt, reduced, pointing, options, staged, replaces=replaces)
            catalogue.commit(ingested, staged)
    except (GPhotonError, OSError) as error:
        failure = error if isinstance(error, GPhotonError) else _disk_error(catalogue, error)
        _log_failure(catalogue, attempt, failure)
        raise failure from (None if failure is error else error)
    record = ingested.ingest
    return IngestReport(
        eclipse, band, record.outcome, ingested.legs, record.n_events, attempt.seconds()
    )


def _warn_of_synthetic(reduced: ReducedEclipse) -> None:
    if reduced.calibration.synthetic:
        logger.warning(
            "eclipse %d %s: calibrated with %s, whose values are made up: not for science",
            reduced.eclipse,
            reduced.band,
            short_identifier(reduced.calibration.identifier),
        )


@dataclass(frozen=True)
class _Attempt:
    """Who, what and when of one ingest."""

    generation: str
    eclipse: int
    band: Band
    sources: IngestSources | None
    started_at: datetime
    clock_start: float

    def seconds(self) -> float:
        return time.monotonic() - self.clock_start

    def record(
        self, outcome: str, *, message: str | None = None, n_events: int | None = None,
        n_photons: int | None = None,
    ) -> IngestRecord:  # fmt: skip
        return IngestRecord(
            generation=self.generation,
            eclipse=self.eclipse,
            band=str(self.band),
            outcome=outcome,
            message=message,
            raw6=str(self.sources.raw6) if self.sources else None,
            pointing=str(self.sources.pointing) if self.sources else None,
            n_events=n_events,
            n_photons=n_photons,
            seconds=self.seconds(),
            started_at=self.started_at,
            software_version=gphoton_db.__version__,
        )


def _stage(
    attempt: _Attempt,
    reduced: ReducedEclipse,
    pointing: Pointing,
    options: ReductionOptions,
    staged: Path,
    *,
    replaces: bool,
) -> IngestedBand:
    """Bring all files of an ingest into the archive's layout below `staged`, and list them."""
    calibration = _calibration_records(reduced.calibration)
    n_photons = sum(file.n_photons for leg in reduced.legs for file in leg.files)
    ingest = attempt.record(
        "replaced" if replaces else "ingested",
        n_events=reduced.telemetry.layout.n_rows,
        n_photons=n_photons,
    )
    legs, files = [], []
    for leg in reduced.legs:
        record = leg_record(
            leg,
            reduced,
            generation=attempt.generation,
            ingested_at=attempt.started_at,
            full_precision=options.full_precision,
            pointing_source=pointing.source,
        )
        legs.append(record)
        photons = _stage_photons(record, leg, staged)
        aspect = _staged_name(record, "aspect")
        written = write_aspect(leg.leg.aspect, staged / aspect)
        others = [*photons, _file_record(record, "aspect", aspect, len(leg.leg.aspect), written)]
        manifest = Manifest(record, tuple(others), calibration, pointing.metadata, ingest)
        ticks = _staged_name(record, "ticks")
        written = write_ticks(leg.photons.ticks, staged / ticks, manifest.to_json())
        n_ticks = len(leg.photons.ticks.t_ms)
        files += [*others, _file_record(record, "ticks", ticks, n_ticks, written)]
    return IngestedBand(tuple(legs), tuple(files), calibration, pointing.metadata, ingest)


def _calibration_records(calibration: CalibrationSet) -> tuple[CalibrationFileRecord, ...]:
    directory = str(calibration.directory.resolve())
    return tuple(
        CalibrationFileRecord(calibration.identifier, file.name, file.size, file.sha256, directory)
        for file in calibration.files
    )


def _staged_name(record: LegRecord, kind: str) -> str:
    return leg_file(kind, Band(record.band), record.eclipse, record.leg, record.generation)


def _stage_photons(record: LegRecord, leg: ReducedLeg, staged: Path) -> list[FileRecord]:
    files = []
    for part in leg.files:
        name = photon_file(
            Band(record.band), record.eclipse, record.leg, record.generation, part.part
        )
        (staged / name).parent.mkdir(parents=True, exist_ok=True)
        part.file.path.rename(staged / name)
        files.append(
            FileRecord(
                record.eclipse,
                record.band,
                record.leg,
                "photons",
                part.part,
                name,
                part.n_photons,
                part.file.size,
                part.file.sha256,
                **(asdict(part.bounds) if part.bounds else {}),
            )
        )
    return files


def _file_record(
    record: LegRecord, kind: str, name: str, n_rows: int, written: WrittenFile
) -> FileRecord:
    return FileRecord(
        record.eclipse, record.band, record.leg, kind, 0, name, n_rows, written.size, written.sha256
    )


def _disk_error(catalogue: Catalogue, error: OSError) -> ArchiveError:
    where = error.filename or catalogue.paths.root
    return ArchiveError(
        f"{where}: {error.strerror or error}; the archive at {catalogue.paths.root} is as it was"
    )


def _log_failure(catalogue: Catalogue, attempt: _Attempt, failure: GPhotonError) -> None:
    try:
        catalogue.log_failure(attempt.record("failed", message=str(failure)))
    except (GPhotonError, OSError) as error:
        # The disk may be what failed; the error that is being raised matters more.
        logger.debug("the failure could not be logged: %s", error)
