"""Messages between a run and its workers; all can be pickled."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from gphoton_db.catalogue.staged import StagedBand, StagedProducts
from gphoton_db.progress import Progress


@dataclass(frozen=True, eq=False)
class Result:
    """From a worker: its job, or a part of it, is done.

    Parameters
    ----------
    staged : StagedBand or StagedProducts
        What is to be committed; its files lie in the folder of the job.
    report : object
        What is to be told of it, once it is in the archive.
    """

    staged: StagedBand | StagedProducts
    report: Any = None


class Job(Protocol):
    """To a worker: something to do, which fills a folder that stays the run's."""

    @property
    def name(self) -> str:
        """What it is about."""

    @property
    def root(self) -> Path:
        """The archive, which the worker does not change; messages name it."""

    @property
    def folder(self) -> Path:
        """What it fills: an empty folder, below the archive's ``staging``."""

    def absolute(self) -> "Job":
        """Return the same job for a process that works in another folder, or on another host."""

    def into(self, folder: Path) -> "Job":
        """Return the same job, which fills another folder."""

    def results(self, on_progress: Progress) -> Iterator[Result]:
        """Do it, and yield what is done; what cannot be done is a `GPhotonError` in the end."""


@dataclass(frozen=True)
class Progressed:
    """From a worker: how far a stage is."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True)
class Logged:
    """From a worker: a message for the run's own log."""

    logger: str
    level: int
    message: str


@dataclass(frozen=True)
class Ended:
    """From a worker: it has no job any more; ``reason`` says why that could not be done."""

    reason: str | None = None


FromWorker = Progressed | Logged | Result | Ended
