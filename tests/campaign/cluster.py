"""A Dask cluster for the campaign: its scheduler and workers go on from kill to kill.

There is no client in this process, whose threads its forked children would not have.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path

from tests.campaign.outcome import SilentlyWrongError

SCHEDULER_FILE = "scheduler.json"

WORKERS = 2

START_S = 300.0
"""A cluster that has not started by then does not."""


@cache
def start(folder: Path) -> tuple[int, ...]:
    """Start the cluster, once; return the processes that start its workers, again if need be."""
    # Only where it is used: the extra may not be installed.
    from tests.gphoton_db.dask_cluster import start_cluster

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    stack, owner = ExitStack(), os.getpid()
    nannies = start_cluster(stack, folder, WORKERS)
    atexit.register(lambda: stack.close() if os.getpid() == owner else None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the cluster ends then, too
    end = time.monotonic() + START_S
    while not ((folder / SCHEDULER_FILE).exists() and all(map(_workers_of, nannies))):
        if time.monotonic() > end:
            raise SilentlyWrongError(f"{folder}: the cluster does not start")
        time.sleep(0.1)
    return tuple(nannies)


def kill_worker(folder: Path) -> None:
    """Kill a worker, in the place of which there will be another one."""
    for worker in [each for nanny in start(folder) for each in _workers_of(nanny)][:1]:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)


def _workers_of(nanny: int) -> list[int]:
    """Return the worker that a process has started; none for a moment when it is gone."""
    found = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(nanny)], capture_output=True, text=True
    )
    lines = [line.split(None, 1) for line in found.stdout.splitlines()]
    return [int(pid) for pid, arguments in lines if "spawn_main" in arguments]
