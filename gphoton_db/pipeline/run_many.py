"""The pipeline over many eclipses: what is missing is ingested, and products are made of all."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from gphoton_db.catalogue.session import CatalogueSession
from gphoton_db.errors import ProductError
from gphoton_db.intake.ingest_band import IngestReport
from gphoton_db.intake.many.choose import Cluster
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.many.failed_list import Failure
from gphoton_db.intake.many.ingest import carry_out
from gphoton_db.intake.many.report import Watch
from gphoton_db.intake.options import Eclipses, IngestOptions
from gphoton_db.intake.writer import ArchiveWriter
from gphoton_db.mission import Band, Bands
from gphoton_db.pipeline.products_job import ProductsJob, complete_bands
from gphoton_db.products.kernels.examples import RUN_GROUPS
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.run_leg import LegReport
from gphoton_db.products.run_options import RunOptions
from gphoton_db.products.run_plan import RunPlan
from gphoton_db.products.sources.catalog import source_catalog


@dataclass(frozen=True)
class MadeLeg:
    """What was made of a leg of a band of an eclipse."""

    eclipse: int
    band: Band
    report: LegReport


@dataclass(frozen=True)
class ManyRunReport:
    """What a run over many eclipses did.

    Parameters
    ----------
    ingested : tuple of IngestReport
        Bands whose photons were added or replaced.
    legs : tuple of MadeLeg
        What was made of each leg, in the order of the commits.
    skipped : tuple of EclipseBand
        Bands of which everything was there before.
    failures : tuple of Failure
        Bands that could not be ingested, or of which something could not be made, and why.
    seconds : float
        How long it took.
    """

    ingested: tuple[IngestReport, ...]
    legs: tuple[MadeLeg, ...]
    skipped: tuple[EclipseBand, ...]
    failures: tuple[Failure, ...]
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether all that was asked for is there."""
        return not self.failures

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that were written."""
        return tuple(file for leg in self.legs for file in leg.report.files)


class RunWatch(Watch):
    """Told how a run over many eclipses goes on, products too; this one tells nobody."""

    def made(self, leg: MadeLeg) -> None:
        """What was made of a leg is in the archive now."""


def run_many(
    writer: ArchiveWriter,
    eclipses: Eclipses,
    bands: Bands,
    options: RunOptions,
    inputs: IngestOptions,
    *,
    jobs: int | None = None,
    cluster: Cluster | None = None,
    failed: str | Path | None = None,
    watch: RunWatch | None = None,
) -> ManyRunReport:
    """Run the pipeline over many eclipses; see `Archive.run_many`.

    Raises
    ------
    EclipseListError
        If it is not clear what is asked for, or `failed` is another kind of file.
    GPhotonError
        If an option is not valid, a given path does not exist, the archive cannot be read or
        written, or the mission archive, or the cluster, gives no answer.
    KeyboardInterrupt
        At Ctrl-C: what was finished by then is in the archive, and the same call goes on.
    """
    if options.catalog is not None:
        source_catalog(options.catalog)  # refused now, and not of each eclipse
    if inputs.force and options.photometry_only:
        raise ProductError("photometry alone ingests nothing: it cannot recreate photons")
    watch, started = watch or RunWatch(), monotonic()
    products = _Products(writer, options, watch)
    with closing(products):
        run = carry_out(
            writer,
            eclipses,
            bands,
            replace(inputs, threads=options.threads),
            failed or writer.paths.failed_runs,
            jobs=jobs,
            cluster=cluster,
            watch=watch,
            then=products,
            ingests=not options.photometry_only,
        )
    return ManyRunReport(
        tuple(run.ingested),
        tuple(products.legs),
        tuple(run.skipped),
        tuple(run.failures),
        monotonic() - started,
    )


class _Products:
    """What is made of each band that is in the archive; ``legs`` is what was."""

    groups: Sequence[str] = RUN_GROUPS

    def __init__(self, writer: ArchiveWriter, options: RunOptions, watch: RunWatch) -> None:
        self.legs: list[MadeLeg] = []
        self._root = writer.paths.root
        self._session = CatalogueSession(writer.catalogue)
        self._plan: RunPlan | None = None
        self._options = options
        self._watch = watch

    def complete(self, wanted: Sequence[EclipseBand]) -> set[EclipseBand]:
        """Return those bands of which everything is made."""
        archive = ArchiveReader(self._session.catalogue, self._session.connection())
        self._plan = self._plan or RunPlan.of(archive, self._options)
        return complete_bands(archive, wanted, self._plan)

    def needs(self, what: EclipseBand) -> set[EclipseBand]:
        """Return the band whose frames are those of this one."""
        if not self._options.coregister:
            return set()
        return {EclipseBand(what.eclipse, band) for band in Band if band is not what.band}

    def job(self, what: EclipseBand, folder: Path) -> ProductsJob:
        """Return the job that makes what is missing."""
        return ProductsJob(what, self._options, folder, self._root)

    def close(self) -> None:
        """Close what was opened."""
        self._session.close()

    def made(self, what: EclipseBand, report: LegReport) -> None:
        """Tell of what was made of a leg."""
        self.legs.append(MadeLeg(what.eclipse, what.band, report))
        self._watch.made(self.legs[-1])
