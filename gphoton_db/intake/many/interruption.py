"""Events that wake a run: messages of its threads, and interruptions at a safe moment."""

import os
import signal
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Alarm:
    """Something to wait for, together with connections, that any thread may set off.

    ``interrupted`` is the signal that asked for an end; None for none.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        for end in (self._read, self._write):
            os.set_blocking(end, False)
            # Not before the last thread has let go of it: who writes to it later spoils no file.
            weakref.finalize(self, os.close, end)
        self.interrupted: signal.Signals | None = None

    def fileno(self) -> int:
        """Return what is readable when it was set off."""
        return self._read

    def set(self) -> None:
        """Set it off."""
        with suppress(BlockingIOError):  # full: it is set
            os.write(self._write, b"!")

    def clear(self) -> None:
        """Be ready to be set off again."""
        with suppress(BlockingIOError):
            os.read(self._read, 1 << 16)

    @contextmanager
    def at_interruptions(self) -> Iterator[None]:
        """Let the first Ctrl-C, or SIGTERM, set it off; the second one ends whatever is being done.

        In threads that are not the main one nothing changes.
        """

        def interrupt(number: int, frame: FrameType | None) -> None:
            if self.interrupted is not None:
                raise KeyboardInterrupt
            self.interrupted = signal.Signals(number)
            self.set()

        before = {}
        with suppress(ValueError):  # not the main thread
            for number in SIGNALS:
                before[number] = signal.signal(number, interrupt)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
