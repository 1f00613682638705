"""A scheduler and the nannies of workers: ``python -m tests.gphoton_db.dask_program FILE NUMBER``.

Each worker is a process of its own, with one thread, which is started anew when it dies.  It is
forked from one that has loaded all that takes long (`tests.gphoton_db.dask_loaded`).
"""

import asyncio
import multiprocessing
import sys
from contextlib import AsyncExitStack
from typing import Any

LOADED = "tests.gphoton_db.dask_loaded"


async def run(file: str, number: int) -> None:
    """Write the scheduler's file, and go on until this process is killed."""
    from distributed import Nanny, Scheduler

    async with AsyncExitStack() as stack:
        scheduler = Scheduler(port=0, host="127.0.0.1", dashboard=False, scheduler_file=file)
        await stack.enter_async_context(scheduler)
        for _ in range(number):
            nanny = Nanny(scheduler.address, nthreads=1, memory_limit=0, dashboard=False)
            await stack.enter_async_context(nanny)
        await scheduler.finished()


def main() -> None:
    """Have workers forked, and run."""
    import distributed

    utilities: Any = distributed.utils
    utilities._forkserver_preload_set = True  # else Dask sets what is loaded before the forks
    multiprocessing.get_context("forkserver").set_forkserver_preload([LOADED])
    asyncio.run(run(sys.argv[1], int(sys.argv[2])))


if __name__ == "__main__":
    main()
