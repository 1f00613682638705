"""A worker process: does one job after the other, as a run tells it.

``python -m gphoton_db.intake.many.worker DESCRIPTOR`` is started by
`gphoton_db.intake.many.workers` alone.  It never changes the archive: it fills folders that its
run owns, and ends at once when the run does, however that ended.
"""

import logging
import os
import queue
import sys
import threading
import time
import traceback
from multiprocessing.connection import Connection

from gphoton_db.errors import GPhotonError
from gphoton_db.intake.ingest_band import as_failure
from gphoton_db.intake.many.messages import Ended, FromWorker, Job, Logged, Progressed

PROGRESS_EVERY_S = 0.1
"""Progress is told this often at most."""


def main() -> None:
    """Do jobs until there are no more."""
    run = _Run(Connection(int(sys.argv[1])))
    logging.basicConfig(level=logging.INFO, handlers=[_ToTheRun(run)], force=True)
    threading.Thread(target=run.listen, daemon=True).start()
    while True:
        run.tell(_done(run.jobs.get(), run))


class _Run:
    """The run at the other end of a connection; any thread may tell it something."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._telling = threading.Lock()
        self.jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()

    def tell(self, message: FromWorker) -> None:
        with self._telling:
            self._connection.send(message)

    def listen(self) -> None:
        """Take jobs as they come; when the run is gone there is nothing left to do."""
        try:
            while True:
                self.jobs.put(self._connection.recv())
        except (EOFError, OSError):
            os._exit(0)


def _done(job: Job, run: _Run) -> Ended:
    """Do a job, tell of its results, and return how it ended."""
    try:
        for result in job.results(_Progress(run)):
            run.tell(result)
    except (GPhotonError, OSError) as error:
        return Ended(str(as_failure(error, job.root)))
    except Exception as error:  # noqa: BLE001  a fault of the program; the run goes on without it
        logging.getLogger(__name__).error("%s: %s", job.name, traceback.format_exc())
        return Ended(f"a fault of the program: {type(error).__name__}: {error}")
    return Ended()


class _Progress:
    """Tells the run of progress, but not of every step."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._told_at = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._told_at >= PROGRESS_EVERY_S:
            self._told_at = now
            self._run.tell(Progressed(stage, done, total))


class _ToTheRun(logging.Handler):
    """Hands log messages to the run."""

    def __init__(self, run: _Run) -> None:
        super().__init__()
        self._run = run

    def emit(self, record: logging.LogRecord) -> None:
        self._run.tell(Logged(record.name, record.levelno, record.getMessage()))


if __name__ == "__main__":
    main()
