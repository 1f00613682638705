"""Who does the jobs of a run: processes of our own, or a cluster; a run cannot tell which.

Whoever has jobs decides (what is to be done, who may, what of it counts), and holds all locks.
An executor only has jobs done: each fills a folder, which is worth nothing until its results
are committed.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Protocol, TypeVar

from gphoton_db.intake.many.messages import FromWorker, Job
from gphoton_db.progress import Progress

Key = TypeVar("Key", bound=Hashable)


class Executor(Protocol[Key]):
    """Has jobs done, each known by a key, of which no other job under way has the same."""

    def threads(self, left: int) -> int:
        """Return how many threads the next job may have, when so many are left with it."""

    @property
    def number(self) -> int:
        """How many jobs it takes at a time, as it is now."""

    @property
    def busy(self) -> int:
        """How many are under way."""

    @property
    def has_room(self) -> bool:
        """Whether it takes another one now."""

    @property
    def connections(self) -> Sequence[Connection | int]:
        """What to wait for: one of them, or of such descriptors, is readable at messages."""

    def prepare(self, groups: Sequence[str], on_progress: Progress) -> None:
        """Have kernels compiled that the jobs need, wherever those will be done.

        Parameters
        ----------
        groups : sequence of str
            Names of groups of kernels; see `gphoton_db.system.compiling`.
        on_progress : callable
            Told ``(COMPILING, done, total)``, in groups, if this is done now.
        """

    def warm_up(self, number: int) -> None:
        """Be ready for so many jobs, as far as there are workers."""

    def start(self, what: Key, job: Job) -> None:
        """Have a job done; there must be room."""

    def messages(self) -> Iterator[tuple[Key, FromWorker]]:
        """Yield what was said up to now: of each job, in the end, that it ended.

        Raises
        ------
        ClusterError
            If no job can be done any more.
        """

    def end(self) -> None:
        """Give up all jobs that are under way."""


def work_off(
    executor: Executor[Key], jobs: Iterable[tuple[Key, Job]]
) -> Iterator[tuple[Key, FromWorker]]:
    """Have jobs done that need no decisions in between, and yield what is said of them.

    Jobs are taken only as there is room for them, so they may be made one by one; whatever ends
    this, none is under way afterwards.

    Parameters
    ----------
    executor : Executor
        Does them.
    jobs : iterable of (key, Job)
        Each with its own key.

    Raises
    ------
    ClusterError
        If no job can be done any more.
    """
    waiting = iter(jobs)
    following = next(waiting, None)
    try:
        while following is not None or executor.busy:
            while following is not None and executor.has_room:
                executor.start(*following)
                following = next(waiting, None)
            wait(executor.connections)
            yield from executor.messages()
    finally:
        executor.end()
