"""A Dask cluster of processes on this machine, each with a folder of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distributed import Client

from tests.gphoton_db.archives import ROOT

ENVIRONMENT = {
    "PYTHONPATH": str(ROOT),
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "5s",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "60s",
    "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "False",
}
"""Of all its processes: every so often it is looked which workers are silent, and a job that has
killed three is given up."""

PATIENCE_S = 600.0
"""Silent workers are given up after so long: on a busy machine those are silent, too, that live."""


@dataclass(frozen=True)
class DaskCluster:
    """A scheduler and its workers.

    Parameters
    ----------
    file : Path
        Which the scheduler wrote.
    client : distributed.Client
        To look what they do.
    """

    file: Path
    client: Client

    def workers(self) -> list[int]:
        """Return the processes of the workers."""
        return sorted(self.client.run(os.getpid).values())

    def be_patient(self, seconds: float = PATIENCE_S) -> None:
        """Give workers up that have been silent for so long, s."""
        self.client.run_on_scheduler(_set_patience, seconds)

    def settle(self, number: int) -> None:
        """Wait until there are so many workers, and none has anything to do."""
        self.client.wait_for_workers(number, timeout=60)
        for address in self.client.nthreads():
            idle = self.client.submit(pow, 2, 2, workers=[address], pure=False)
            assert idle.result(timeout=60) == 4


@contextmanager
def dask_cluster(folder: Path, workers: int) -> Iterator[DaskCluster]:
    """Start a scheduler and workers of one thread each, and end them."""
    file = folder / "scheduler.json"
    with ExitStack() as stack:
        _start(stack, folder / "scheduler", "scheduler", file, "--port=0", "--dashboard-address=:0")
        for number in range(workers):
            options = ("--nthreads=1", "--no-dashboard", "--memory-limit=0")
            _start(stack, folder / f"worker-{number}", "worker", file, *options)
        client = stack.enter_context(
            Client(scheduler_file=str(file), timeout=60, set_as_default=False)
        )
        cluster = DaskCluster(file, client)
        cluster.be_patient()
        client.wait_for_workers(workers, timeout=60)
        yield cluster


def _set_patience(seconds: float, dask_scheduler: Any) -> None:
    dask_scheduler.worker_ttl = seconds


def _start(stack: ExitStack, folder: Path, kind: str, file: Path, *options: str) -> None:
    folder.mkdir()
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", f"--scheduler-file={file}"]
    environment = {**os.environ, **ENVIRONMENT, "TMPDIR": str(folder)}
    log = stack.enter_context((folder / "log").open("w"))
    process = subprocess.Popen(
        [*command, *options], cwd=folder, env=environment, stdout=log, stderr=log, process_group=0
    )
    stack.callback(process.wait)
    stack.callback(os.killpg, process.pid, signal.SIGKILL)
