"""Reduce one band of an eclipse into a staging folder, and list what the catalogue gets of it."""

import logging
import time
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from gphoton_db._version import __version__
from gphoton_db.aspect.pointing import Pointing
from gphoton_db.aspect.read import read_pointing
from gphoton_db.calibration import CalibrationSet, short_identifier
from gphoton_db.calibration.kept import LoadCalibration
from gphoton_db.catalogue.coverage import CoverageRecord, pointing_coverage
from gphoton_db.catalogue.records import CalibrationFileRecord, FileRecord, IngestRecord, LegRecord
from gphoton_db.catalogue.staged import IngestedBand
from gphoton_db.catalogue.superseded import now
from gphoton_db.ingest.eclipse import (
    ReducedEclipse,
    ReducedLeg,
    ReductionOptions,
    reduce_eclipse,
)
from gphoton_db.ingest.files import WrittenFile
from gphoton_db.ingest.leg_files import write_aspect, write_seconds, write_ticks
from gphoton_db.intake.inputs import IngestSources
from gphoton_db.intake.leg_records import leg_record
from gphoton_db.intake.manifest import Manifest
from gphoton_db.mission import Band
from gphoton_db.paths import SECONDS, leg_file, photon_file
from gphoton_db.progress import Progress

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """Who, what and when of one ingest; without sources it failed before they were found."""

    generation: str
    eclipse: int
    band: Band
    sources: IngestSources | None
    started_at: datetime
    clock_start: float

    @classmethod
    def begin(cls, eclipse: int, band: Band) -> "Attempt":
        """Return an attempt that starts now, whose inputs are yet to be found."""
        return cls(uuid.uuid4().hex[:12], eclipse, band, None, now(), time.monotonic())

    def with_sources(self, sources: IngestSources) -> "Attempt":
        """Return the same attempt, with its inputs."""
        return replace(self, sources=sources)

    def from_now(self) -> "Attempt":
        """Return the same attempt, which begins only now."""
        return replace(self, started_at=now(), clock_start=time.monotonic())

    def seconds(self) -> float:
        """Return how long it has taken up to now."""
        return time.monotonic() - self.clock_start

    def record(
        self, outcome: str, *, message: str | None = None, n_events: int | None = None,
        n_photons: int | None = None,
    ) -> IngestRecord:  # fmt: skip
        """Return the line of the log that says how it ended."""
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
            software_version=__version__,
        )


def stage_band(
    attempt: Attempt,
    sources: IngestSources,
    staged: Path,
    options: ReductionOptions,
    *,
    replaces: tuple[str, ...],
    on_progress: Progress,
    load: LoadCalibration = CalibrationSet.load,
) -> IngestedBand:
    """Reduce one band of an eclipse into a folder, laid out as in the archive.

    Parameters
    ----------
    attempt : Attempt
        What is ingested.
    sources : IngestSources
        From where.
    staged : Path
        The folder.
    options : ReductionOptions
        Choices.
    replaces : tuple of str
        Generation of the legs that are in the archive, which these take the place of.
    on_progress : callable
        Told how far each stage is.
    load : callable
        Loads the calibration.

    Returns
    -------
    IngestedBand
        What the catalogue gets, to be committed.

    Raises
    ------
    GPhotonError
        If any input cannot be used.
    OSError
        If the disk is full or not writable.
    """
    pointing = read_pointing(sources.pointing, attempt.eclipse)
    reduced = reduce_eclipse(
        sources.raw6,
        attempt.eclipse,
        attempt.band,
        pointing,
        sources.calibration,
        staged / "reduced",
        replace(options, generation=attempt.generation),
        on_progress,
        load=load,
    )
    _warn_of_synthetic(reduced)
    return _stage(attempt, reduced, pointing, options, staged, replaces=replaces)


def _warn_of_synthetic(reduced: ReducedEclipse) -> None:
    if reduced.calibration.synthetic:
        logger.warning(
            "eclipse %d %s: calibrated with %s, whose values are made up: not for science",
            reduced.eclipse,
            reduced.band,
            short_identifier(reduced.calibration.identifier),
        )


def _stage(
    attempt: Attempt,
    reduced: ReducedEclipse,
    pointing: Pointing,
    options: ReductionOptions,
    staged: Path,
    *,
    replaces: tuple[str, ...],
) -> IngestedBand:
    """Bring all files of an ingest into the archive's layout below `staged`, and list them."""
    calibration = _calibration_records(reduced.calibration)
    n_photons = sum(file.n_photons for leg in reduced.legs for file in leg.files)
    ingest = attempt.record(
        "replaced" if replaces else "ingested",
        message="; ".join((*pointing.warnings, *reduced.warnings)) or None,
        n_events=reduced.telemetry.layout.n_rows,
        n_photons=n_photons,
    )
    legs, files, coverage = [], [], []
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
        others = [
            *_stage_photons(record, leg, staged),
            _stage_aspect(record, leg, staged),
            *_stage_seconds(record, leg, staged),
        ]
        seen = pointing_coverage(record, leg.leg.aspect)  # here: others wait for a commit
        coverage += [seen] if seen else []
        manifest = Manifest(record, tuple(others), calibration, pointing.metadata, ingest, replaces)
        files += [*others, _stage_ticks(record, leg, staged, manifest, seen)]
    return IngestedBand(
        tuple(legs), tuple(files), calibration, pointing.metadata, ingest, tuple(coverage)
    )


def _stage_ticks(
    record: LegRecord,
    leg: ReducedLeg,
    staged: Path,
    manifest: Manifest,
    seen: CoverageRecord | None,
) -> FileRecord:
    """Write a leg's ticks, with all that the catalogue says of the leg."""
    ticks, name = leg.photons.ticks, _staged_name(record, "ticks")
    outlines = seen.to_text() if seen else None
    written = write_ticks(ticks, staged / name, name, manifest.to_json(), outlines)
    return _file_record(record, "ticks", name, len(ticks.t_ms), written)


def _calibration_records(calibration: CalibrationSet) -> tuple[CalibrationFileRecord, ...]:
    directory = str(calibration.directory.resolve())
    return tuple(
        CalibrationFileRecord(calibration.identifier, file.name, file.size, file.sha256, directory)
        for file in calibration.files
    )


def _staged_name(record: LegRecord, kind: str) -> str:
    return leg_file(kind, Band(record.band), record.eclipse, record.leg, record.generation)


def _stage_aspect(record: LegRecord, leg: ReducedLeg, staged: Path) -> FileRecord:
    aspect, name = leg.leg.aspect, _staged_name(record, "aspect")
    return _file_record(
        record, "aspect", name, len(aspect), write_aspect(aspect, staged / name, name)
    )


def _stage_seconds(record: LegRecord, leg: ReducedLeg, staged: Path) -> list[FileRecord]:
    """Write a leg's ticks by the second: nothing for a leg that has no bins."""
    span = leg.photons.on_detector_ms
    if span is None:
        return []
    seconds = leg.photons.ticks.by_second(*span)
    name = _staged_name(record, SECONDS)
    written = write_seconds(seconds, staged / name, name)
    return [_file_record(record, SECONDS, name, len(seconds.t_ms), written)]


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
