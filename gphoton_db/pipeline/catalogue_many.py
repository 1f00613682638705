"""Catalogues of many eclipses, several at a time; what is there already is passed over."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from gphoton_db.catalogue.session import CatalogueSession
from gphoton_db.intake.many.choose import Cluster
from gphoton_db.intake.many.eclipse_list import EclipseBand, eclipse_bands, read_eclipses
from gphoton_db.intake.many.failed_list import Failure
from gphoton_db.intake.many.ingest import carry_out
from gphoton_db.intake.many.report import Watch
from gphoton_db.intake.options import Eclipses, IngestOptions
from gphoton_db.intake.writer import ArchiveWriter
from gphoton_db.mission import Band
from gphoton_db.pipeline.catalogue_job import CatalogueJob, MadeCatalogue, complete_eclipses
from gphoton_db.products.catalogue.options import CatalogueOptions
from gphoton_db.products.kernels.examples import CATALOGUE_GROUPS
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sources.make_photometry import usable_radii
from gphoton_db.system.cores import default_jobs

OF_BOTH = Band.NUV
"""Band of what is worked on, and of the list of failures: a catalogue is of both bands."""


@dataclass(frozen=True)
class ManyCatalogues:
    """What a run over many eclipses did.

    Parameters
    ----------
    made : tuple of MadeCatalogue
        Eclipses whose entries were made, in the order of the commits.
    skipped : tuple of int
        Eclipses of which all entries were there, measured in the same way.
    failures : tuple of Failure
        Eclipses that have none now, and why.
    seconds : float
        How long it took.
    """

    made: tuple[MadeCatalogue, ...]
    skipped: tuple[int, ...]
    failures: tuple[Failure, ...]
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether all that was asked for is there."""
        return not self.failures


class CatalogueWatch(Watch):
    """Told how a run over many eclipses goes on; this one tells nobody."""

    def made(self, made: MadeCatalogue) -> None:
        """The entries of an eclipse are in the archive now."""


def catalogue_many(
    writer: ArchiveWriter,
    eclipses: Eclipses,
    options: CatalogueOptions,
    *,
    jobs: int | None = None,
    cluster: Cluster | None = None,
    failed: str | Path | None = None,
    watch: CatalogueWatch | None = None,
) -> ManyCatalogues:
    """Make the catalogues of many eclipses; see `Archive.catalogue_many`.

    Raises
    ------
    EclipseListError
        If it is not clear what is asked for, or `failed` is another kind of file.
    GPhotonError
        If an option is not valid, the archive cannot be read or written, or the cluster gives no
        answer.
    KeyboardInterrupt
        At Ctrl-C: what was finished by then is in the archive, and the same call goes on.
    """
    radii = usable_radii(options.radii)  # refused now, and not of each eclipse
    share = max(1, options.threads // (jobs or default_jobs()))
    options = replace(options, radii=radii, threads=share)
    watch, started = watch or CatalogueWatch(), monotonic()
    catalogues = _Catalogues(writer, options, watch)
    with closing(catalogues):
        run = carry_out(
            writer,
            [(eclipse, OF_BOTH) for eclipse in _numbers(eclipses)],
            (),
            IngestOptions(),
            failed or writer.paths.failed_catalogues,
            jobs=jobs,
            cluster=cluster,
            watch=watch,
            then=catalogues,
            ingests=False,
        )
    return ManyCatalogues(
        tuple(catalogues.made_here),
        tuple(what.eclipse for what in run.skipped),
        tuple(run.failures),
        monotonic() - started,
    )


def _numbers(eclipses: Eclipses) -> list[int]:
    """Return the eclipses that are asked for, each once; their bands do not matter."""
    if isinstance(eclipses, str | Path):
        wanted = read_eclipses(eclipses, [OF_BOTH])
    else:
        wanted = eclipse_bands(eclipses, [OF_BOTH])
    return list(dict.fromkeys(what.eclipse for what in wanted))


class _Catalogues:
    """What is made of each eclipse; ``made_here`` is what was."""

    groups: Sequence[str] = CATALOGUE_GROUPS

    def __init__(
        self, writer: ArchiveWriter, options: CatalogueOptions, watch: CatalogueWatch
    ) -> None:
        self.made_here: list[MadeCatalogue] = []
        self._root = writer.paths.root
        self._session = CatalogueSession(writer.catalogue)
        self._options = options
        self._watch = watch

    def complete(self, wanted: Sequence[EclipseBand]) -> set[EclipseBand]:
        """Return those eclipses whose entries are all there."""
        archive = ArchiveReader(self._session.catalogue, self._session.connection())
        done = complete_eclipses(archive, [what.eclipse for what in wanted], self._options)
        return {what for what in wanted if what.eclipse in done}

    def needs(self, what: EclipseBand) -> set[EclipseBand]:
        """Return nothing: bands that are not in the archive are not ingested."""
        return set()

    def job(self, what: EclipseBand, folder: Path) -> CatalogueJob:
        """Return the job that makes the entries."""
        return CatalogueJob(what.eclipse, self._options, folder, self._root)

    def made(self, what: EclipseBand, report: MadeCatalogue) -> None:
        """Tell of what was made of an eclipse."""
        self.made_here.append(report)
        self._watch.made(report)

    def close(self) -> None:
        """Close what was opened."""
        self._session.close()
