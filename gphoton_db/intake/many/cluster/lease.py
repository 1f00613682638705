"""A file that says that a job is still wanted: a worker elsewhere cannot be ended with its run.

Who wants the job touches the file now and then, and removes it when that ends.  Clocks of two
hosts need not agree: a worker only looks whether the time of the file has changed since it last
looked, by its own clock.
"""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

TOUCH_EVERY_S = 5.0
"""How often whoever wants jobs touches their files."""

LONGEST_SILENCE_S = 300.0
"""After so long without a touch nobody wants the job any more.  Network file systems show a change
to others after a minute."""

LOOK_EVERY_S = 0.5
"""How often a worker looks, at most."""


class LeaseLostError(BaseException):
    """Nobody wants the job any more: no ordinary error, which may be taken for a fault of a leg."""


class Lease:
    """A job that somebody wants.

    Parameters
    ----------
    folder : Path
        Of this job alone, below the folder that was claimed for it; it is made.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "wanted"
        folder.mkdir(parents=True)
        self.path.touch()

    def touch(self) -> None:
        """Say that it is still wanted."""
        with suppress(OSError):
            os.utime(self.path)

    def end(self) -> None:
        """Have its worker stop."""
        self.path.unlink(missing_ok=True)


class LeaseCheck:
    """A worker's view of a `Lease`.

    Parameters
    ----------
    path : Path
        Of the file.

    Raises
    ------
    LeaseLostError
        If it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._touched: int | None = None
        self._changed_at = self._looked_at = time.monotonic()
        self.look()

    def now_and_then(self) -> None:
        """Look, unless that was done just now.

        Raises
        ------
        LeaseLostError
            As `look`.
        """
        if time.monotonic() - self._looked_at >= LOOK_EVERY_S:
            self.look()

    def look(self) -> None:
        """Look whether the job is still wanted.

        Raises
        ------
        LeaseLostError
            If it is not.
        """
        now = self._looked_at = time.monotonic()
        try:
            touched = self._path.stat().st_mtime_ns
        except OSError:
            raise LeaseLostError from None
        if touched != self._touched:
            self._touched, self._changed_at = touched, now
        elif now - self._changed_at > LONGEST_SILENCE_S:
            raise LeaseLostError


def clear_away(attempt: Path) -> None:
    """Remove what a worker has written after its run had let go of the folders.

    Parameters
    ----------
    attempt : Path
        The worker's own folder, in that of the job, in the one that was claimed for it.
    """
    shutil.rmtree(attempt, ignore_errors=True)
    with suppress(OSError):  # another attempt is in it, or it is gone
        attempt.parent.rmdir()
        # Whoever claims a folder has its lock first.
        if not attempt.parent.parent.with_suffix(".lock").exists():
            attempt.parent.parent.rmdir()
