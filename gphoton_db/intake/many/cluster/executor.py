"""The executor whose workers are those of a Dask cluster.

Dask chooses the worker of a job, and another one if that dies.  All else is ours: what there is
to do, who may do it, and what of it counts.
"""

import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic

from distributed import Client, Future, KilledWorker

from gphoton_db.errors import ClusterError
from gphoton_db.intake.many.cluster.client import Cluster, opened
from gphoton_db.intake.many.cluster.lease import TOUCH_EVERY_S, Lease
from gphoton_db.intake.many.cluster.task import Done, Task, do_task, said_by
from gphoton_db.intake.many.doing import log_again
from gphoton_db.intake.many.executor import Key
from gphoton_db.intake.many.interruption import Alarm
from gphoton_db.intake.many.messages import Ended, FromWorker, Job, Logged
from gphoton_db.progress import Progress

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
"""How often it is looked which workers there are."""

PATIENCE_S = 30.0
"""So long there may be no worker before that is said."""

READERS = 8
"""Results that are read at a time: one of a worker that hangs does not keep the others waiting."""

LONGEST_ANSWER_S = 3.0
"""The end of a run waits so long for a scheduler's answer."""

Outcome = Done | BaseException


@dataclass(frozen=True)
class _Submitted(Generic[Key]):
    """A job that Dask has."""

    what: Key
    lease: Lease
    future: "Future[Done]"


class ClusterExecutor(Generic[Key]):
    """Has jobs done by the workers of a Dask cluster.  See `executor.Executor`.

    Nothing is connected before `prepare` is called.

    Parameters
    ----------
    cluster : str, path or distributed.Client
        Which one; see `client.opened`.
    jobs : int, optional
        So many jobs at a time at the most; by default one for each worker, or, with `threads`, as
        many as its threads are enough for.
    threads : int, optional
        Of each job; by default as many as the worker with the fewest has.
    """

    def __init__(self, cluster: Cluster, *, jobs: int | None, threads: int | None) -> None:
        self._cluster = cluster
        self._jobs = jobs
        self._threads = threads
        self._groups: tuple[str, ...] = ()
        self._topic = f"gphoton-db-{uuid.uuid4().hex}"
        self._alarm = Alarm()
        self._heard: queue.SimpleQueue[tuple[int, Outcome | FromWorker]] = queue.SimpleQueue()
        self._submitted: dict[int, _Submitted[Key]] = {}
        self._n_submitted = 0
        self._n_threads: list[int] = []
        self._open = ExitStack()
        self._client: Client | None = None
        self._gone: Exception | None = None
        self._ended = threading.Event()

    def threads(self, left: int = 1) -> int:
        """Return how many threads each job may have, however many are left."""
        return self._threads or min(self._n_threads, default=1)

    @property
    def number(self) -> int:
        """How many jobs there may be at a time; 0 while there is no worker."""
        room = sum(max(n // self.threads(), 1) for n in self._n_threads)
        return min(room, self._jobs or room)

    @property
    def busy(self) -> int:
        """How many are under way."""
        return len(self._submitted)

    @property
    def has_room(self) -> bool:
        """Whether there is a worker for another one."""
        return self.busy < self.number

    @property
    def connections(self) -> list[int]:
        """What to wait for."""
        return [self._alarm.fileno()]

    def prepare(self, groups: Sequence[str], on_progress: Progress) -> None:
        """Connect to the cluster, whose workers will see to it that kernels are compiled.

        Raises
        ------
        ClusterError
            If it cannot be used.
        """
        self._groups = tuple(groups)
        opened_cluster = self._open.enter_context(opened(self._cluster, self._jobs))
        self._client = client = opened_cluster.client
        client.subscribe_topic(self._topic, self._event)
        self._readers = self._open.enter_context(_readers())
        watching = threading.Thread(target=self._watch, args=(opened_cluster.keep,), daemon=True)
        self._open.callback(watching.join, LONGEST_ANSWER_S)
        self._open.callback(self._ended.set)
        watching.start()

    def warm_up(self, number: int) -> None:
        """Do nothing: what Dask starts, it starts by itself."""

    def start(self, what: Key, job: Job) -> None:
        """Hand a job to Dask; there must be room.

        Raises
        ------
        ClusterError
            If the connection is lost.
        """
        assert self._client is not None
        number, self._n_submitted = self._n_submitted, self._n_submitted + 1
        job = job.absolute()
        lease = Lease(job.folder / f"job-{uuid.uuid4().hex[:12]}")
        task = Task(number, job, lease.path, self._groups, self._topic)
        key = f"gphoton-db-{uuid.uuid4().hex}"
        try:
            future: Future[Done] = self._client.submit(do_task, task, key=key, pure=False)
        except Exception as error:  # whatever Dask says when its connection is gone
            raise ClusterError(self._lost(error)) from error
        self._submitted[number] = _Submitted(what, lease, future)
        future.add_done_callback(partial(self._arrived, number))

    def messages(self) -> Iterator[tuple[Key, FromWorker]]:
        """Yield what was said up to now.

        Raises
        ------
        ClusterError
            If the connection to the scheduler is lost, or a worker can do no job at all.
        """
        self._alarm.clear()
        if self._gone is not None:
            raise ClusterError(self._lost(self._gone)) from self._gone
        while not self._heard.empty():
            number, said = self._heard.get()
            if isinstance(said, Logged):
                log_again(said)
            elif number in self._submitted:
                yield from self._of(number, said)

    def _of(self, number: int, said: Outcome | FromWorker) -> Iterator[tuple[Key, FromWorker]]:
        what = self._submitted[number].what
        if not isinstance(said, Done | BaseException):
            yield what, said
            return
        submitted = self._submitted.pop(number)
        submitted.lease.end()
        if isinstance(said, KilledWorker):
            yield what, Ended(_killed(said))
            return
        if isinstance(said, BaseException):
            raise ClusterError(self._lost(said)) from said
        if said.unusable is not None:
            raise ClusterError(said.unusable)
        for result in said.results:
            yield what, result
        yield what, Ended(said.reason)

    def end(self) -> None:
        """Give up all jobs; workers that still have one notice it by its lease."""
        submitted, self._submitted = self._submitted, {}
        for each in submitted.values():
            each.lease.end()
        if self._client is not None and submitted:
            try:
                self._client.cancel([each.future for each in submitted.values()], force=True)
            except Exception as error:  # noqa: BLE001  the connection is gone, and so are the jobs
                logger.debug("jobs could not be cancelled: %s", error)
        self._client = None
        self._open.close()

    def _lost(self, error: BaseException) -> str:
        return (
            f"the cluster {self._cluster} does no job any more ({type(error).__name__}: {error}); "
            "what was finished is in the archive, and the same command goes on from there"
        )

    def _event(self, event: tuple[float, Any]) -> None:
        self._heard.put(said_by(event[1]))
        self._alarm.set()

    def _arrived(self, number: int, future: "Future[Done]") -> None:
        if not self._ended.is_set():
            self._readers.submit(self._read, number, future)

    def _read(self, number: int, future: "Future[Done]") -> None:
        """Fetch what a worker did, which may take as long as Dask needs to find that it died."""
        try:
            outcome: Outcome = future.result()
        except BaseException as error:  # noqa: BLE001  told to the run
            outcome = error
        self._heard.put((number, outcome))
        self._alarm.set()

    def _watch(self, keep: Callable[[int], None]) -> None:
        """Know which workers there are, keep their number, and say that jobs are wanted."""
        touch_at, missing_since = 0.0, time.monotonic()
        while not self._ended.is_set():
            self._look(keep)
            now = time.monotonic()
            if now >= touch_at:
                for each in list(self._submitted.values()):
                    each.lease.touch()
                touch_at = now + TOUCH_EVERY_S
            if self._n_threads:
                missing_since = now
            elif now - missing_since > PATIENCE_S:
                logger.warning("%s: no worker has come yet; waiting for one", self._cluster)
                missing_since = now + 10 * PATIENCE_S
            self._ended.wait(LOOK_EVERY_S)

    def _look(self, keep: Callable[[int], None]) -> None:
        client = self._client
        if client is None:
            return
        try:
            found = sorted(client.nthreads().values())
            keep(len(found))
        except Exception as error:  # noqa: BLE001  Dask tries to connect again, for a while
            logger.debug("the scheduler does not answer: %s", error)
            if client.status != "closed":
                return
            self._gone, found = error, []
        if found != self._n_threads or self._gone is not None:
            self._n_threads = found
            self._alarm.set()


@contextmanager
def _readers() -> Iterator[ThreadPoolExecutor]:
    """Give threads that read results; those that still wait end when the connection is closed."""
    readers = ThreadPoolExecutor(READERS, thread_name_prefix="cluster")
    try:
        yield readers
    finally:
        readers.shutdown(wait=False, cancel_futures=True)


def _killed(error: KilledWorker) -> str:
    """Say what a job did to its workers."""
    return (
        f"its worker died each time that it was tried, last that of {error.last_worker.address}: "
        "where memory runs out, the system does so, or Dask, by the limit of its workers"
    )
