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
import traceback
from multiprocessing.connection import Connection

from gphoton_db.intake.many.doing import LogTeller, SparseProgress, do
from gphoton_db.intake.many.messages import FromWorker, Job
from gphoton_db.system.memory import search_seldom
from gphoton_db.system.numba_alone import load_numba_alone
from gphoton_db.system.without_pandas import without_pandas


@without_pandas()
def main() -> None:
    """Do jobs until there are no more."""
    search_seldom()
    run = _Run(Connection(int(sys.argv[1])))
    logging.basicConfig(level=logging.INFO, handlers=[LogTeller(run.tell)], force=True)
    load_numba_alone()
    threading.Thread(target=run.listen, daemon=True).start()
    while True:
        run.tell(do(run.jobs.get(), SparseProgress(run.tell), run.tell))


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
        except BaseException:  # noqa: BLE001  not understood: the run must not wait for it
            logging.getLogger(__name__).error("no job: %s", traceback.format_exc())
            os._exit(1)


if __name__ == "__main__":
    main()
