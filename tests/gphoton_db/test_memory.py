"""What is free goes back to the system."""

import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gphoton_db.system.memory import give_back


def resident_mb() -> float:
    """Return the memory that this process holds."""
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(pages) * 4096 / 1e6


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library can")
def test_what_is_free_goes_back() -> None:
    last = []
    for _ in range(200):
        # Half a megabyte each, below what malloc maps by itself, and one that stays in between.
        block = np.ones(60_000)
        last.append(np.ones(600))
        last.append(block)
    before = resident_mb()
    del last[1::2], block
    give_back()
    assert resident_mb() < before - 50
    assert all(each.all() for each in last)


THREADS_THAT_ALLOCATE = """
import ctypes, sys, threading
from gphoton_db.system.memory import share_arenas
if sys.argv[1] == "share":
    share_arenas()
c = ctypes.CDLL(None)
c.malloc.restype = ctypes.c_void_p
together = threading.Barrier(8)
def allocate():
    together.wait()
    c.malloc(1000)
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
c.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(c.fdopen(1, b"w"))
c.malloc_info(0, out)
c.fflush(out)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library can")
def test_threads_share_two_pools() -> None:
    command = [sys.executable, "-c", THREADS_THAT_ALLOCATE]
    shared, each_its_own = (
        subprocess.run([*command, word], capture_output=True, text=True, check=True).stdout
        for word in ("share", "default")
    )
    assert shared.count("<heap nr=") <= 2
    assert each_its_own.count("<heap nr=") > 2


FOUND_AT_THE_END = """
import gc, sys
from gphoton_db.system.memory import end_without_search
class Found:
    def __init__(self): self.itself = self
    def __del__(self): sys.stdout.write("found")
gc.disable()
if sys.argv[1] == "without":
    end_without_search()
Found()
"""


def test_the_end_of_a_process_searches_for_nothing() -> None:
    command = [sys.executable, "-c", FOUND_AT_THE_END]
    without, with_search = (
        subprocess.run([*command, word], capture_output=True, text=True, check=True).stdout
        for word in ("without", "with")
    )
    assert (without, with_search) == ("", "found")
