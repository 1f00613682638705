"""A Dask cluster of processes on this machine."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.gphoton_db import dask_program
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

CHEAPLY = {
    "DASK_DISTRIBUTED__WORKER__MULTIPROCESSING_METHOD": "forkserver",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
}
"""Of a cluster of tests: workers part from a process that has loaded all, and nobody watches."""


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
        module = dask_program.__name__
        start_process(stack, folder, module, str(file), str(workers), environment=CHEAPLY)
        client = stack.enter_context(
            Client(scheduler_file=str(file), timeout=300, set_as_default=False)
        )
        client.wait_for_workers(workers, timeout=300)
        yield DaskCluster(file, client)


def start_process(
    stack: ExitStack, folder: Path, module: str, *words: str, environment: Mapping[str, str]
) -> int:
    """Start a process of a cluster in a folder, and return its number; it ends with the stack."""
    log = stack.enter_context((folder / "log").open("w"))
    process = subprocess.Popen(
        [sys.executable, "-m", module, *words],
        cwd=folder,
        env={**os.environ, **ENVIRONMENT, **environment, "TMPDIR": str(folder)},
        stdout=log,
        stderr=log,
        process_group=0,
    )
    stack.callback(process.wait)
    stack.callback(os.killpg, process.pid, signal.SIGKILL)
    return process.pid


async def _give_up(address: str, dask_scheduler: Any) -> None:
    await dask_scheduler.remove_worker(address, stimulus_id="test", close=False)
