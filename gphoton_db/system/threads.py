"""Work on several threads whose results come in order, with few of them waiting."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    function: Callable[[Item], Result], items: Iterable[Item], *, threads: int
) -> Iterator[Result]:
    """Apply a function that lets go of the interpreter's lock to items, on several threads.

    Parameters
    ----------
    function : callable
        Called with each item; what it raises is raised here.
    items : iterable
        Taken one by one, never more than one ahead of the threads.
    threads : int
        How many of them are worked on at a time; memory grows with it.

    Yields
    ------
    object
        Results, in the order of the items.
    """
    waiting: deque[Future[Result]] = deque()
    executor = ThreadPoolExecutor(threads)
    try:
        for item in items:
            waiting.append(executor.submit(function, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        executor.shutdown(cancel_futures=True)
