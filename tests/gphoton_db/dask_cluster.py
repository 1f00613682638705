"""A Dask cluster of processes on this machine, each with a folder of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.gphoton_db.archives import ROOT

if TYPE_CHECKING:
    from distributed import Client

ENVIRONMENT = {
    "PYTHONPATH": str(ROOT),
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "60s",
    "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "False",
}
"""Of all its processes: a job that has killed three workers is given up.

Two may be lost with one job, where one is killed and its job goes to one that is given up."""


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
    client: "Client"

    def workers(self) -> list[tuple[str, int]]:
        """Return the addresses and the processes of the workers."""
        return sorted(self.client.run(os.getpid).items())

    def give_up(self, address: str) -> None:
        """Have the scheduler give up a worker, as it does after five minutes without a word."""
        self.client.run_on_scheduler(_give_up, address)

    def allow_failures(self, number: int) -> None:
        """Have the scheduler give up a job that has killed so many workers and one more."""
        self.client.run_on_scheduler(_allow_failures, number)

    def settle(self) -> None:
        """Wait until there is a worker, and none has anything to do."""
        self.client.wait_for_workers(1, timeout=300)
        for address in self.client.nthreads():
            idle = self.client.submit(pow, 2, 2, workers=[address], pure=False)
            assert idle.result(timeout=300) == 4


def _allow_failures(number: int, dask_scheduler: Any) -> None:
    dask_scheduler.allowed_failures = number


@contextmanager
def dask_cluster(folder: Path, workers: int) -> Iterator[DaskCluster]:
    """Start a scheduler and workers of one thread each, and end them."""
    from distributed import Client

    with ExitStack() as stack:
        file = folder / "scheduler.json"
        start_cluster(stack, folder, workers)
        client = stack.enter_context(
            Client(scheduler_file=str(file), timeout=300, set_as_default=False)
        )
        client.wait_for_workers(workers, timeout=300)
        yield DaskCluster(file, client)


def start_cluster(stack: ExitStack, folder: Path, workers: int) -> list[int]:
    """Start the processes alone; return those that start the workers, and start them anew."""
    file = folder / "scheduler.json"
    _start(stack, folder / "scheduler", "scheduler", file, "--port=0", "--dashboard-address=:0")
    options = ("--nthreads=1", "--no-dashboard", "--memory-limit=0")
    folders = [folder / f"worker-{number}" for number in range(workers)]
    return [_start(stack, each, "worker", file, *options) for each in folders]


async def _give_up(address: str, dask_scheduler: Any) -> None:
    await dask_scheduler.remove_worker(address, stimulus_id="test", close=False)


def _start(stack: ExitStack, folder: Path, kind: str, file: Path, *options: str) -> int:
    folder.mkdir()
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", f"--scheduler-file={file}"]
    environment = {**os.environ, **ENVIRONMENT, "TMPDIR": str(folder)}
    log = stack.enter_context((folder / "log").open("w"))
    process = subprocess.Popen(
        [*command, *options], cwd=folder, env=environment, stdout=log, stderr=log, process_group=0
    )
    stack.callback(process.wait)
    stack.callback(os.killpg, process.pid, signal.SIGKILL)
    return process.pid
