"""Variables of many eclipses, several at a time: measured by workers, committed in groups."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gphoton_db.catalogue.gathering import GatheringCatalogue
from gphoton_db.errors import ProductError
from gphoton_db.intake.many.choose import Cluster
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.many.failed_list import Failure
from gphoton_db.intake.many.ingest import carry_out
from gphoton_db.intake.many.messages import Result
from gphoton_db.intake.many.report import Watch
from gphoton_db.intake.options import IngestOptions
from gphoton_db.intake.writer import ArchiveWriter
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths
from gphoton_db.pipeline.products_job import opened
from gphoton_db.products.kernels.examples import VARIABLE_GROUPS
from gphoton_db.products.variables.make import make_variables
from gphoton_db.products.variables.options import VariableOptions
from gphoton_db.progress import COMPILING, Progress, counter
from gphoton_db.system.memory import give_back

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class VariablesJob:
    """Measures how the sources of an eclipse vary, in both its bands.

    Parameters
    ----------
    what : EclipseBand
        The eclipse, and the first band that it has.
    bands : tuple of Band
        Which bands.
    options : VariableOptions
        How.
    folder : Path
        An empty folder.
    root : Path
        Of the archive.
    """

    what: EclipseBand
    bands: tuple[Band, ...]
    options: VariableOptions
    folder: Path
    root: Path

    @property
    def name(self) -> str:
        """What it is about."""
        return f"variables of eclipse {self.what.eclipse}"

    def absolute(self) -> "VariablesJob":
        """Return the same job for a process that works in another folder, or on another host."""
        folder, root = self.folder.absolute(), self.root.absolute()
        return replace(self, options=self.options.absolute(), folder=folder, root=root)

    def into(self, folder: Path) -> "VariablesJob":
        """Return the same job, which fills another folder."""
        return replace(self, folder=folder)

    def results(self, on_progress: Progress) -> Iterator[Result]:
        """Measure, and yield what is to be committed.

        Raises
        ------
        GPhotonError
            If it cannot be done.
        """
        on_progress("reading", 0, 1)
        catalogue = GatheringCatalogue(ArchivePaths(self.root), self.folder)
        with opened(catalogue) as archive:
            table = make_variables(lambda: archive, self.what.eclipse, self.bands, self.options)
        yield Result(catalogue.take(), len(table))
        give_back()


class _Variables:
    """What is made of each eclipse."""

    groups: Sequence[str] = VARIABLE_GROUPS

    def __init__(self, root: Path, bands: tuple[Band, ...], options: VariableOptions) -> None:
        self._root = root
        self._bands = bands
        self._options = options

    def complete(self, wanted: Sequence[EclipseBand]) -> set[EclipseBand]:
        """Return those of which all is made: none, what was asked for is measured again."""
        del wanted
        return set()

    def needs(self, what: EclipseBand) -> set[EclipseBand]:
        """Return what is to be ingested before: nothing is ingested."""
        del what
        return set()

    def job(self, what: EclipseBand, folder: Path) -> VariablesJob:
        """Return the job of an eclipse."""
        return VariablesJob(what, self._bands, self._options, folder, self._root)

    def made(self, what: EclipseBand, rows: int) -> None:
        """Log that the variables of an eclipse are in the archive."""
        logger.info("eclipse %d: %d rows of variables", what.eclipse, rows)


class _Counted(Watch):
    """Counts the eclipses that are through."""

    def __init__(self, on_progress: Progress, total: int) -> None:
        self._tell = on_progress
        self._add = counter(on_progress, "eclipses", total)

    def compiling(self, done: int, total: int) -> None:
        """So many groups of kernels are compiled."""
        self._tell(COMPILING, done, total)

    def done(self, what: EclipseBand) -> None:
        """One more is in the archive."""
        self._add(1)

    def failed(self, failure: Failure) -> None:
        """One more could not be measured."""
        self._add(1)


def variables_many(
    writer: ArchiveWriter,
    wanted: Sequence[EclipseBand],
    bands: tuple[Band, ...],
    options: VariableOptions,
    *,
    jobs: int,
    cluster: Cluster | None,
    on_progress: Progress,
) -> None:
    """Measure how the sources of many eclipses vary, several eclipses at a time.

    Parameters
    ----------
    writer : ArchiveWriter
        Of the archive.
    wanted : sequence of EclipseBand
        The eclipses, each with the first band that it has.
    bands, options
        See `Archive.variables`.
    jobs : int
        Eclipses at a time; a cluster takes as many as it has workers.
    cluster : optional
        A Dask cluster that does it; see `executor_for`.
    on_progress : callable
        Told ``(stage, done, total)``, in eclipses.

    Raises
    ------
    ProductError
        If some could not be measured: in the end, after the others, with the list's file.
    KeyboardInterrupt
        At Ctrl-C: what was finished by then is in the archive.
    """
    listed = writer.paths.failed_variables
    run = carry_out(
        writer,
        [(each.eclipse, each.band) for each in wanted],
        (),
        IngestOptions(threads=options.threads if jobs == 1 else None),
        listed,
        jobs=None if cluster is not None else jobs,
        cluster=cluster,
        watch=_Counted(on_progress, len(wanted)),
        then=_Variables(writer.paths.root, bands, options),
        ingests=False,
    )
    if run.failures:
        raise ProductError(_in_words(run.failures, len(wanted), listed))


def _in_words(failures: Sequence[Failure], n: int, listed: Path) -> str:
    first = failures[0]
    return (
        f"variables of {len(failures):,} of {n:,} eclipses could not be measured; the first: "
        f"eclipse {first.eclipse}: {first.reason} (all are listed in {listed})"
    )
