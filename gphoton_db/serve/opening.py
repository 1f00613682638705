"""A page that opens: what can wait waits for it."""

from threading import Event
from time import monotonic

SOON_S, LONGEST_S = 0.5, 1.5
"""How long a page is waited for, and then its first picture."""


class Opening:
    """What is known of the first page that is opened.

    Parameters
    ----------
    longest_s : float
        So long after it was asked for nothing waits any more.
    """

    def __init__(self, longest_s: float = LONGEST_S) -> None:
        self._longest_s = longest_s
        self._begun, self._drawn = Event(), Event()
        self._until = 0.0

    def begins(self) -> None:
        """Note that the page was asked for."""
        if not self._begun.is_set():
            self._until = monotonic() + self._longest_s
            self._begun.set()

    def is_drawn(self) -> None:
        """Note that it asked for what it shows: it runs, and has outlines."""
        self._drawn.set()

    def wait(self, soon_s: float = SOON_S) -> bool:
        """Wait while the page opens, if it does soon; return whether it did."""
        if self._begun.wait(soon_s):
            self.give_way()
        return self._drawn.is_set()

    def give_way(self) -> None:
        """Wait while the page opens, if it was asked for."""
        if self._begun.is_set():
            self._drawn.wait(max(self._until - monotonic(), 0.0))
