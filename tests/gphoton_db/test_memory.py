"""What is free goes back to the system."""

import platform
from pathlib import Path

import numpy as np
import pytest

from gphoton_db.memory import give_back


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
