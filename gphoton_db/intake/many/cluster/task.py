"""What a worker of a cluster does: one job, in a folder of its own for each attempt.

It needs the archive's folder and no other, changes nothing of the archive, and takes no lock.  The
cluster may do a job twice, because a worker seems to be dead that is not: each attempt has a
folder, and only that one counts whose end the run hears of.
"""

import logging
import platform
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from distributed import get_worker

from gphoton_db._version import __version__
from gphoton_db.intake.many.cluster.lease import LeaseCheck, LeaseLostError, clear_away
from gphoton_db.intake.many.doing import LogTeller, SparseProgress, do
from gphoton_db.intake.many.messages import Job, Logged, Progressed, Result
from gphoton_db.progress import Progress
from gphoton_db.system.compiling import compile_ahead

Event = Sequence[str | int]
"""A message on its way: number of the job, and the fields of `Progressed` or `Logged`."""


@dataclass(frozen=True)
class Task:
    """A job for a worker of a cluster.

    Parameters
    ----------
    number : int
        Which of the run's jobs it is.
    job : Job
        With absolute paths.
    wanted : Path
        The file of its lease, in a folder of this job alone.
    groups : tuple of str
        Groups of kernels that it needs.
    topic : str
        Under which events are sent to the run.
    version : str
        Of the run's gphoton-db.
    """

    number: int
    job: Job
    wanted: Path
    groups: tuple[str, ...]
    topic: str
    version: str = __version__


@dataclass(frozen=True)
class Done:
    """What a worker did.

    Parameters
    ----------
    results : tuple of Result
        To be committed.
    reason : str or None
        Why the job could not be done.
    unusable : str or None
        Why this worker can do no job at all.
    """

    results: tuple[Result, ...] = ()
    reason: str | None = None
    unusable: str | None = None


def do_task(task: Task) -> Done:
    """Do a job, on a worker of a cluster."""
    host = platform.node()
    if task.version != __version__:
        return Done(
            unusable=f"the worker on {host} has gphoton-db {__version__}, and this is "
            f"{task.version}: install the same version for both"
        )
    attempt = task.wanted.parent / uuid.uuid4().hex[:12]
    try:
        wanted = LeaseCheck(task.wanted)
        return _attempt(task, attempt, wanted)
    except LeaseLostError:
        clear_away(attempt)
        return Done(
            unusable=f"the worker on {host} does not see {task.wanted}: the archive's folder must "
            "be shared, and have the same path everywhere (or this run was stopped for minutes)"
        )


def _attempt(task: Task, folder: Path, wanted: LeaseCheck) -> Done:
    tell = _teller(task)
    sparse = SparseProgress(lambda said: tell([said.stage, said.done, said.total]))

    def on_progress(stage: str, done: int, total: int) -> None:
        wanted.now_and_then()
        sparse(stage, done, total)

    results: list[Result] = []
    with _log_told(lambda said: tell([said.logger, said.level, said.message])):
        _compile(task.groups, on_progress)
        wanted.look()
        folder.mkdir()
        ended = do(task.job.into(folder), on_progress, results.append)
    wanted.look()
    return Done(tuple(results), ended.reason)


_compiled: set[str] = set()
"""Groups of kernels that this process found in numba's cache, or has had compiled."""


def _compile(groups: Sequence[str], on_progress: Progress) -> None:
    """Have kernels compiled, if this is the first worker with this cache: others wait for it."""
    if not _compiled.issuperset(groups):
        compile_ahead(groups, on_progress)
        _compiled.update(groups)


def _teller(task: Task) -> Callable[[Event], None]:
    """Return what sends the fields of a message to the run; any thread may call it."""
    worker = get_worker()
    return lambda fields: worker.log_event(task.topic, [task.number, *fields])


@contextmanager
def _log_told(tell: Callable[[Logged], None]) -> Iterator[None]:
    """Hand what is logged meanwhile to the run; of another job of this process, too."""
    package = logging.getLogger("gphoton_db")
    handler, level = LogTeller(tell), package.level
    package.addHandler(handler)
    package.setLevel(logging.INFO)
    try:
        yield
    finally:
        package.removeHandler(handler)
        package.setLevel(level)


def said_by(event: Event) -> tuple[int, Progressed | Logged]:
    """Return the number of the job, and the message, that were sent."""
    match event:
        case [int(number), str(stage), int(done), int(total)]:
            return number, Progressed(stage, done, total)
        case [int(number), str(logger), int(level), str(message)]:
            return number, Logged(logger, level, message)
    raise ValueError(f"no event of a job: {event!r}")
