"""A page that opens: what can wait waits for it."""

from threading import Event

SOON_S, LONGEST_S = 0.5, 1.5
"""How long a page is waited for, and then its first picture."""


class Opening:
    """What is known of the first page that is opened."""

    def __init__(self) -> None:
        self._begun, self._drawn = Event(), Event()

    def begins(self) -> None:
        """Note that the page was asked for."""
        self._begun.set()

    def is_drawn(self) -> None:
        """Note that it asked for what it shows: it runs, and has outlines."""
        self._drawn.set()

    def wait(self, soon_s: float = SOON_S, longest_s: float = LONGEST_S) -> bool:
        """Wait while the page opens, if it does soon; return whether it did."""
        if self._begun.wait(soon_s):
            self._drawn.wait(longest_s)
        return self._drawn.is_set()
