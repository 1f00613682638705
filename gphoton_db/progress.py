"""Progress reports of long-running work."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

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


def one_by_one(items: Sequence[Item], on_progress: Progress, stage: str) -> Iterator[Item]:
    """Yield items, and tell before each, and in the end, how many are done with."""
    for number, item in enumerate(items):
        on_progress(stage, number, len(items))
        yield item
    on_progress(stage, len(items), len(items))


def part_of(on_progress: Progress, number: int, n_parts: int) -> Progress:
    """Return what to tell of the progress of one part of work, for it to be told as that of all.

    Parameters
    ----------
    on_progress : callable
        Told of all.
    number, n_parts : int
        The part, from 0, of so many that take about the same time.
    """

    def tell(stage: str, done: int, total: int) -> None:
        on_progress(stage, number * total + done, n_parts * total)

    return tell
