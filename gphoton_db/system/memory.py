"""Memory that is free, but that allocators keep: less of it, and back to the system."""

import atexit
import ctypes
import gc
from typing import Any

_M_ARENA_MAX = -8
"""Number of the choice in ``mallopt`` (malloc.h of the GNU C library)."""

_ARENAS = 2

_OBJECTS = (50_000, 20, 100)
"""How many new objects Python waits for before it looks for some that only refer to each other.

Its own 700 make 500 searches of an ingest, nearly all of them while modules are loaded, which
stay; they took 0.3 s of 4 s of processor.  Large arrays are freed without such a search.
"""


def search_seldom() -> None:
    """Let Python search less often for objects that refer to each other, for a process's start."""
    gc.set_threshold(*_OBJECTS)


def end_without_search() -> None:
    """Let Python not search once more when the process ends, for the command line's start.

    By then all modules refer to each other, and the system takes their memory back anyway: the
    search takes 0.05 to 0.08 s of processor after a command that reads, and 0.3 s after an ingest.
    """
    atexit.register(gc.freeze)


def share_arenas() -> None:
    """Let all threads of this process allocate from two pools, for the command line's start.

    By default each thread has a pool of its own and keeps in it what it has freed: a run, which
    starts threads for each of its steps, would be larger by a tenth, and no faster.
    """
    choose = _of_c_library("mallopt")
    if choose is not None:
        choose(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Give what the process no longer uses back to the system.

    Between two large steps only: whoever needs memory again gets fresh pages, which cost time.
    What threads of the first have used, those of the second would not find, and the
    process would grow by as much.
    """
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    trim = _of_c_library("malloc_trim")
    if trim is not None:
        trim(0)


def _of_c_library(name: str) -> Any:
    """Return a function that not every C library has, or None."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except (OSError, TypeError, AttributeError):
        return None
