"""The slowest transfer that is accepted, so that every transfer ends."""

import time

from gphoton_db.service import Patience


class BrokenTransferError(Exception):
    """The answer ended early, or hardly got ahead; it is worth asking for the rest."""


class Pace:
    """Looks whether bytes come fast enough, over the time in which one must come at the least.

    Parameters
    ----------
    patience : Patience
        Whose `read_timeout` and `slowest` say what is enough.
    """

    def __init__(self, patience: Patience) -> None:
        self._seconds = patience.read_timeout
        self._enough = patience.slowest * patience.read_timeout
        self._began, self._came = time.monotonic(), 0

    def came(self, size: int) -> None:
        """Take note of bytes that came.

        Raises
        ------
        BrokenTransferError
            If there were too few of late.
        """
        self._came += size
        now = time.monotonic()
        if now - self._began < self._seconds:
            return
        if self._came < self._enough:
            raise BrokenTransferError(f"{self._came:,} bytes came in {now - self._began:.0f} s")
        self._began, self._came = now, 0
