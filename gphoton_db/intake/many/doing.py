"""How a worker does a job, whatever process that is, and tells of what is logged meanwhile."""

import logging
import time
import traceback
from collections.abc import Callable

from gphoton_db.errors import GPhotonError
from gphoton_db.intake.ingest_band import as_failure
from gphoton_db.intake.many.messages import Ended, Job, Logged, Progressed, Result
from gphoton_db.progress import Progress

PROGRESS_EVERY_S = 0.1
"""Progress is told this often at most."""


def do(job: Job, on_progress: Progress, tell: Callable[[Result], None]) -> Ended:
    """Do a job, tell of its results, and return how it ended."""
    try:
        for result in job.results(on_progress):
            tell(result)
    except (GPhotonError, OSError) as error:
        return Ended(str(as_failure(error, job.root)))
    except Exception as error:  # noqa: BLE001  a fault of the program; the run goes on without it
        logging.getLogger(__name__).error("%s: %s", job.name, traceback.format_exc())
        return Ended(f"a fault of the program: {type(error).__name__}: {error}")
    return Ended()


class SparseProgress:
    """Tells of progress, but not of every step.

    Parameters
    ----------
    tell : callable
        Told now and then how far a stage is.
    """

    def __init__(self, tell: Callable[[Progressed], None]) -> None:
        self._tell = tell
        self._told_at = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Tell of a step, unless another one was told of just now."""
        now = time.monotonic()
        if now - self._told_at >= PROGRESS_EVERY_S:
            self._told_at = now
            self._tell(Progressed(stage, done, total))


class LogTeller(logging.Handler):
    """Hands log messages to a run.

    Parameters
    ----------
    tell : callable
        Takes them.
    """

    def __init__(self, tell: Callable[[Logged], None]) -> None:
        super().__init__()
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Hand one over."""
        self._tell(Logged(record.name, record.levelno, record.getMessage()))


def log_again(message: Logged) -> None:
    """Log what a worker has logged, for whoever reads the log of the run."""
    log = logging.getLogger(message.logger)
    if log.isEnabledFor(message.level):
        log.log(message.level, "%s", message.message)
