"""Ingest one band of one eclipse: reduce it aside, then add it to the archive in one step."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.catalogue.session import list_legs
from gphoton_db.catalogue.staged import IngestedBand, StagedBand
from gphoton_db.errors import ArchiveError, GPhotonError
from gphoton_db.ingest.eclipse import ReductionOptions
from gphoton_db.ingest.kernels.examples import GROUPS
from gphoton_db.intake.inputs import IngestSources, obtain
from gphoton_db.intake.options import IngestOptions
from gphoton_db.intake.stage import Attempt, stage_band
from gphoton_db.intake.staging import staging_folder
from gphoton_db.intake.writer import ArchiveWriter
from gphoton_db.mission import Band, check_eclipse
from gphoton_db.progress import Progress, no_progress
from gphoton_db.system.compiling import compile_ahead
from gphoton_db.system.cores import usable_cores

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


def ingest(
    writer: ArchiveWriter,
    eclipse: int,
    band: str | Band,
    options: IngestOptions,
    *,
    on_progress: Progress = no_progress,
    on_download: Progress = no_progress,
) -> IngestReport:
    """Add the photons of one band of an eclipse to an archive; see `Archive.ingest`.

    Raises
    ------
    GPhotonError
        If an input cannot be used, or the archive cannot be written.  The archive is then as it
        was.
    """
    band = Band.parse(band)
    if not options.force and writer.catalogue.generations(eclipse, band):
        return _skipped(writer.catalogue, eclipse, band)
    given, service = writer.given(options), writer.service
    find_sources = partial(
        obtain, writer.paths, eclipse, band, given, service, on_download=on_download
    )
    threads = options.threads or usable_cores()
    done = ingest_band(
        writer.catalogue,
        eclipse,
        band,
        find_sources,
        ReductionOptions(options.full_precision, options.clamp_separation, threads),
        force=options.force,
        override_limits=options.override_limits,
        on_progress=on_progress,
    )
    # Another process may have been faster.
    return done or _skipped(writer.catalogue, eclipse, band)


def ingest_band(
    catalogue: Catalogue,
    eclipse: int,
    band: Band,
    find_sources: Callable[[], IngestSources],
    options: ReductionOptions,
    *,
    force: bool = False,
    override_limits: bool = False,
    on_progress: Progress,
) -> IngestReport | None:
    """Reduce one band of an eclipse and commit it to the archive.

    Everything is written to a staging folder first.  Whatever goes wrong, the archive stays as it
    was, but for a line in the log ``ingests``.  Another process that ingests the same band is
    waited for.  `find_sources` says where the inputs are, and may have to fetch them; it is asked
    only if the band is to be reduced.

    Returns
    -------
    IngestReport or None
        What was done; None where the band is there, and `force` does not ask for it anew.

    Raises
    ------
    GPhotonError
        If any input cannot be used, or the archive cannot be written.
    """
    attempt = Attempt.begin(eclipse, band)
    try:
        check_eclipse(eclipse, override_limits=override_limits)
        with staging_folder(catalogue.paths.staging, eclipse, band) as staged:
            replaces = catalogue.generations(eclipse, band)
            if replaces and not force:
                return None
            sources = find_sources()
            attempt = attempt.with_sources(sources)
            compile_ahead(GROUPS, on_progress)
            ingested = stage_band(
                attempt, sources, staged, options, replaces=replaces, on_progress=on_progress
            )
            catalogue.commit([StagedBand(ingested, staged)])
    except (GPhotonError, OSError) as error:
        failure = as_failure(error, catalogue.paths.root)
        _log_failure(catalogue, attempt, failure)
        raise failure from (None if failure is error else error)
    return report_of(ingested)


def _skipped(catalogue: Catalogue, eclipse: int, band: Band) -> IngestReport:
    with catalogue.reader() as connection:
        there = list_legs(connection, eclipse)
    legs = tuple(leg for leg in there if leg.band == str(band))
    return IngestReport(eclipse, band, "skipped", legs, None, 0.0)


def report_of(ingested: IngestedBand) -> IngestReport:
    """Return what an ingest did that is committed."""
    record = ingested.ingest
    return IngestReport(
        record.eclipse,
        Band(record.band),
        record.outcome,
        ingested.legs,
        record.n_events,
        record.seconds,
    )


def as_failure(error: GPhotonError | OSError, root: Path) -> GPhotonError:
    """Return the error of an ingest into the archive at `root` as one with a message for a user."""
    if isinstance(error, GPhotonError):
        return error
    where = error.filename or root
    return ArchiveError(f"{where}: {error.strerror or error}; the archive at {root} is as it was")


def _log_failure(catalogue: Catalogue, attempt: Attempt, failure: GPhotonError) -> None:
    try:
        catalogue.commit([], [attempt.record("failed", message=str(failure))])
    except (GPhotonError, OSError) as error:
        # The disk may be what failed; the error that is being raised matters more.
        logger.debug("the failure could not be logged: %s", error)
