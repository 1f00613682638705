"""Visits whose telemetry does not come, so that a run can be disturbed where it stands still."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.gphoton_db.many_visits import ManyVisits


class Stalled:
    """Two visits whose telemetry does not come: whoever reads it waits."""

    def __init__(self, visits: ManyVisits, folder: Path) -> None:
        self.visits = visits.stalling(folder)
        self._whole = {pipe: visits.raw6 / pipe.name for pipe in self.visits.stalled}
        self._ends: list[int] = []

    def wait(self, number: int = 2) -> None:
        """Wait until so many are being read, and keep the pipes open."""
        for pipe in list(self._whole)[:number]:
            until(partial(self._is_read, pipe))

    def _is_read(self, pipe: Path) -> bool:
        try:
            self._ends.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return True

    def mend(self) -> None:
        """Put files in the place of the pipes, for who comes next."""
        for pipe, whole in self._whole.items():
            pipe.unlink()
            pipe.hardlink_to(whole)

    def flow(self) -> None:
        """Let those who read the pipes have all of the telemetry."""
        for end, whole in zip(self._ends, self._whole.values(), strict=False):
            os.set_blocking(end, True)
            with os.fdopen(end, "wb") as pipe, suppress(BrokenPipeError):
                pipe.write(whole.read_bytes())


def until(condition: Callable[[], bool]) -> None:
    for _ in range(30_000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("it did not happen")
