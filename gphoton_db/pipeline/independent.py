"""Jobs that read an archive and need no decision in between, such as those of parts of a table."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeVar

from gphoton_db.catalogue.places import catalogue_at
from gphoton_db.catalogue.staged import StagedProducts
from gphoton_db.intake.many.executor import Executor, Key, work_off
from gphoton_db.intake.many.messages import Ended, Job, Progressed, Result
from gphoton_db.pipeline.products_job import opened
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.progress import COMPILING, Progress
from gphoton_db.system.memory import give_back

LONGEST_WAIT_S = 10.0
"""Another command that writes into the same folder is waited for so long."""


class Piece(Protocol):
    """A part of the work, which one job does."""

    @property
    def name(self) -> str:
        """Tells it from the others."""

    def with_threads(self, threads: int) -> Self:
        """Return the same, for so many threads."""


APiece = TypeVar("APiece", bound=Piece)


@dataclass(frozen=True)
class ReadingJob:
    """Makes files from an archive, which is only read, and may be afar.

    Parameters
    ----------
    name : str
        What it is about.
    archive : str or Path
        Folder or address of the archive.
    folder : Path
        An empty folder; it is made.
    make : callable
        Called with a reader of the archive and the folder, which it fills; returns what there is
        to be told of it.  It can be pickled, and names no relative path.
    """

    name: str
    archive: str | Path
    folder: Path
    make: Callable[[ArchiveReader, Path], Any]

    @property
    def root(self) -> Path:
        """Where the archive is."""
        return Path(self.archive)

    def absolute(self) -> "ReadingJob":
        """Return the same job for a process that works in another folder, or on another host."""
        return replace(self, folder=self.folder.absolute())

    def into(self, folder: Path) -> "ReadingJob":
        """Return the same job, which fills another folder."""
        return replace(self, folder=folder)

    def results(self, on_progress: Progress) -> Iterator[Result]:
        """Make the files, and yield what there is to be told of them.

        Raises
        ------
        GPhotonError
            If it cannot be done.
        """
        on_progress("reading", 0, 1)
        self.folder.mkdir(parents=True, exist_ok=True)
        with opened(catalogue_at(self.archive)) as archive:
            report = self.make(replace(archive, on_progress=on_progress), self.folder)
        yield Result(StagedProducts((), (), self.folder), report)
        give_back()


@dataclass(frozen=True)
class Outcome(Generic[Key]):
    """What came of a job.

    Parameters
    ----------
    key : hashable
        Of the job.
    result : Result or None
        In whose folder the files are; None if it could not be done.
    reason : str
        Why it could not be done.
    """

    key: Key
    result: Result | None
    reason: str = ""


def reading_jobs(
    executor: Executor[str],
    archive: ArchiveReader,
    pieces: Sequence[APiece],
    make: Callable[[APiece, ArchiveReader, Path], Any],
    staging: Path,
    of: str,
) -> Iterator[tuple[str, ReadingJob]]:
    """Yield a job for each piece, with its name: made when there is room for it.

    Parameters
    ----------
    executor : Executor
        Does them.
    archive : ArchiveReader
        Is read.
    pieces : sequence of Piece
        What is to be done.
    make : callable
        Called with a piece, a reader of the archive, and a folder of its own to fill.
    staging : Path
        Has these folders.
    of : str
        What the pieces are of.
    """
    place = archive.catalogue.address or archive.root.absolute()
    for done, piece in enumerate(pieces):
        threads = executor.threads(len(pieces) - done)
        work = partial(make, piece.with_threads(threads))
        yield piece.name, ReadingJob(f"{piece.name} of {of}", place, staging / piece.name, work)


def outcomes(
    executor: Executor[Key],
    groups: Sequence[str],
    jobs: Iterable[tuple[Key, Job]],
    on_progress: Progress,
) -> Iterator[Outcome[Key]]:
    """Have jobs done, and yield what came of each, as they end; none is under way afterwards.

    Parameters
    ----------
    executor : Executor
        Does them.
    groups : sequence of str
        Groups of kernels that they need.
    jobs : iterable of (key, Job)
        Made one by one, when there is room for them.
    on_progress : callable
        Told of kernels that are compiled.

    Raises
    ------
    ClusterError
        If no job can be done any more.
    """
    results: dict[Key, Result] = {}
    try:
        executor.prepare(groups, on_progress)
        for key, said in work_off(executor, jobs):
            match said:
                case Progressed(stage, done, total) if stage == COMPILING:  # by a worker elsewhere
                    on_progress(stage, done, total)
                case Result():
                    results[key] = said
                case Ended(None):
                    yield Outcome(key, results.pop(key))
                case Ended(str(reason)):
                    yield Outcome(key, None, reason)
    finally:
        executor.end()
