"""How much of the machine this process may use."""

import os
from collections.abc import Callable


def usable_cores() -> int:
    """Return how many cores this process may use."""
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def default_jobs() -> int:
    """Return how many processes work at a time where nothing else is said: two cores each."""
    return max(usable_cores() // 2, 1)
