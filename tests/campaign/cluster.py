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
from tests.gphoton_db.dask_cluster import start_process

SCHEDULER_FILE = "scheduler.json"

WORKERS = 2

START_S = 300.0
"""A cluster that has not started by then does not."""


@cache
def start(folder: Path) -> tuple[int, ...]:
    """Start the cluster, once; return the processes that start its workers, again if need be."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    stack, owner = ExitStack(), os.getpid()
    file = folder / SCHEDULER_FILE
    options = ("--nthreads=1", "--no-dashboard", "--memory-limit=0")
    _start(stack, folder / "scheduler", "scheduler", file, "--port=0", "--dashboard-address=:0")
    folders = [folder / f"worker-{number}" for number in range(WORKERS)]
    nannies = [_start(stack, each, "worker", file, *options) for each in folders]
    atexit.register(lambda: stack.close() if os.getpid() == owner else None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the cluster ends then, too
    end = time.monotonic() + START_S
    while not (file.exists() and all(map(_workers_of, nannies))):
        if time.monotonic() > end:
            raise SilentlyWrongError(f"{folder}: the cluster does not start")
        time.sleep(0.1)
    return tuple(nannies)


def _start(stack: ExitStack, folder: Path, kind: str, file: Path, *options: str) -> int:
    """Start what a user of Dask starts, in a folder of its own; those of workers renew them."""
    folder.mkdir()
    words = (f"--scheduler-file={file}", *options)
    return start_process(stack, folder, f"distributed.cli.dask_{kind}", *words, environment={})


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
