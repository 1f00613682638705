"""Worker processes: started once, kept, and replaced when they die.

Starting one takes seconds (numba, astropy, DuckDB), so none is started for each eclipse.  They
are processes and not threads, because a thread cannot be stopped, and takes the whole run with it
when the system kills it for the memory that it uses.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Generic

from gphoton_db.intake.many.doing import log_again
from gphoton_db.intake.many.executor import Key
from gphoton_db.intake.many.messages import Ended, FromWorker, Job, Logged
from gphoton_db.progress import Progress
from gphoton_db.system.compiling import compile_ahead
from gphoton_db.system.cores import usable_cores


class Workers(Generic[Key]):
    """So many worker processes; each does one job at a time.  See `executor.Executor`.

    Parameters
    ----------
    number : int
        How many there may be; they are started as they are needed, or by `warm_up`.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._idle: list[Worker] = []
        self._busy: dict[Worker, Key] = {}

    def threads(self, left: int) -> int:
        """Return its share of the cores; the last ones get more, for workers then have no job."""
        return max(usable_cores() // min(self.number, max(left, 1)), 1)

    @property
    def busy(self) -> int:
        """How many have a job."""
        return len(self._busy)

    @property
    def has_room(self) -> bool:
        """Whether one is free, or can be started."""
        return self.busy < self.number

    @property
    def connections(self) -> list[Connection]:
        """What to wait for."""
        return [worker.connection for worker in self._busy]

    def prepare(self, groups: Sequence[str], on_progress: Progress) -> None:
        """Compile kernels: once, and not by every worker for itself."""
        compile_ahead(groups, on_progress)

    def warm_up(self, number: int) -> None:
        """Start so many, which takes them a while, before they have anything to do."""
        self._idle += [Worker() for _ in range(min(number, self.number))]

    def start(self, what: Key, job: Job) -> None:
        """Give a job to one that is free, rather who had the eclipse; there must be room."""
        eclipse = getattr(what, "eclipse", None)  # keys of other kinds have none
        self._idle.sort(key=lambda worker: worker.eclipse == eclipse)
        worker = self._idle.pop() if self._idle else Worker()
        while not worker.start(job):  # it died while it had nothing to do
            worker.end()
            worker = Worker()
        worker.eclipse = eclipse
        self._busy[worker] = what

    def messages(self) -> Iterator[tuple[Key, FromWorker]]:
        """Yield what they have said up to now; the death of one is the end of its job alone."""
        for worker, what in list(self._busy.items()):
            try:
                for message in worker.messages():
                    if isinstance(message, Ended):
                        del self._busy[worker]
                        self._idle.append(worker)
                    yield what, message
            except EOFError:
                del self._busy[worker]
                reason = worker.epitaph()
                worker.end()
                yield what, Ended(reason)

    def end(self) -> None:
        """End all of them now, whatever they are doing."""
        for worker in (*self._idle, *self._busy):
            worker.end()
        self._idle, self._busy = [], {}


class Worker:
    """A worker process, which has at most one job; ``eclipse`` is that of the last one."""

    def __init__(self) -> None:
        self.eclipse: int | None = None
        ours, theirs = Pipe()
        self.connection: Connection = ours
        # The same modules as ours, wherever they come from; not those of the current folder.
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path),
        }
        command = [
            sys.executable,
            "-P",
            "-m",
            "gphoton_db.intake.many.worker",
            str(theirs.fileno()),
        ]
        with theirs:
            self._process = subprocess.Popen(
                command,
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # Ctrl-C is for the run, which then ends its workers itself.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def start(self, job: Job) -> bool:
        """Give it a job; return whether it is alive to take it."""
        try:
            self.connection.send(job)
        except OSError:
            return False
        return True

    def messages(self) -> Iterator[FromWorker]:
        """Yield what it has said up to now; log messages go to our own log.

        Raises
        ------
        EOFError
            If it has died.
        """
        while self.connection.poll():
            try:
                message: FromWorker = self.connection.recv()
            except OSError:
                raise EOFError from None
            if isinstance(message, Logged):
                log_again(message)
            else:
                yield message

    def epitaph(self) -> str:
        """Return how it died."""
        code = self._process.wait()
        if code >= 0:
            return f"its worker process ended with code {code}; see its messages above"
        name = signal.Signals(-code).name
        reason = "; the system does so where memory runs out" if name == "SIGKILL" else ""
        return f"its worker process was ended by {name}{reason}"

    def end(self) -> None:
        """End it now, whatever it is doing, and wait until it has ended."""
        self._process.kill()
        self._process.wait()
        self.connection.close()
