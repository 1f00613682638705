"""Progress reports of long-running work."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with ``(stage, done, total)``.  Stages of a reduction are `STAGES`, counted in events."""

STAGES = ("reading", "reducing", "writing")


COMPILING = "compiling kernels, once after an install"
"""The stage before all others, where kernels are not in numba's cache yet; counted in groups."""


def no_progress(stage: str, done: int, total: int) -> None:
    """Ignore the progress."""


def counter(on_progress: Progress, stage: str, total: int) -> Callable[[int], None]:
    """Return a function to call with how many more of `total` are done."""
    done = 0
    on_progress(stage, 0, total)

    def add(n: int) -> None:
        nonlocal done
        done += n
        on_progress(stage, done, total)

    return add
