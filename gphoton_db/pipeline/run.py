"""The whole pipeline of an eclipse: from telemetry to photometry at one go."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.intake.ingest_band import IngestReport, ingest
from gphoton_db.intake.options import IngestOptions
from gphoton_db.intake.writer import ArchiveWriter
from gphoton_db.mission import Band
from gphoton_db.products.reader import ArchiveReader, LegChoice, legs_chosen
from gphoton_db.products.run_leg import LegReport, run_leg
from gphoton_db.products.run_options import RunOptions
from gphoton_db.products.sources.catalog import source_catalog
from gphoton_db.progress import Progress, no_progress
from gphoton_db.system.memory import give_back


@dataclass(frozen=True)
class RunReport:
    """What a run did.

    Parameters
    ----------
    ingest : IngestReport or None
        Of the ingest; None where the photons were there already.
    legs : tuple of LegReport
        What was made of each leg.
    """

    eclipse: int
    band: Band
    ingest: IngestReport | None
    legs: tuple[LegReport, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that were written."""
        return tuple(file for leg in self.legs for file in leg.files)


def run_pipeline(
    writer: ArchiveWriter,
    open_reader: Callable[[], ArchiveReader],
    eclipse: int,
    band: str | Band,
    options: RunOptions,
    inputs: IngestOptions,
    *,
    on_ingest: Callable[[IngestReport], None] | None = None,
    on_leg: Callable[[LegReport], None] | None = None,
    on_progress: Progress = no_progress,
    on_download: Progress = no_progress,
) -> RunReport:
    """Ingest a band of an eclipse, and make and write products of it; see `Archive.run`.

    Parameters
    ----------
    writer, open_reader
        The archive; each product is made of it as it is then.
    eclipse, band, options, on_ingest, on_leg, on_progress, on_download
        As there.
    inputs : IngestOptions
        Of the ingest; with ``force`` what is there already is ingested anew.  The number of
        threads is that of `options`.

    Raises
    ------
    GPhotonError
        If anything cannot be made.  What was made before stays.
    """
    band = Band.parse(band)
    if options.catalog is not None:
        source_catalog(options.catalog, eclipse=eclipse)  # refused now, not after the ingest
    if inputs.force and options.photometry_only:
        raise ProductError("photometry alone ingests nothing: it cannot recreate photons")
    ingested = None
    there = writer.catalogue.generations(eclipse, band)
    if inputs.force or not (there or options.photometry_only):
        tell = {"on_progress": on_progress, "on_download": on_download}
        ingested = ingest(writer, eclipse, band, replace(inputs, threads=options.threads), **tell)
        if on_ingest is not None:
            on_ingest(ingested)
        give_back()
    legs = []
    for leg in _legs_to_run(open_reader(), eclipse, band, options.leg):
        legs.append(run_leg(open_reader, leg, options, on_progress))
        if on_leg is not None:
            on_leg(legs[-1])
    return RunReport(eclipse, band, ingested, tuple(legs))


def _legs_to_run(
    archive: ArchiveReader, eclipse: int, band: Band, leg: LegChoice
) -> list[LegRecord]:
    return legs_chosen(archive, eclipse, band, "all" if leg is None else leg)
