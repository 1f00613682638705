"""Bands that wait for a worker, in the order in which they get one."""

import time
from collections import deque
from collections.abc import Collection, Iterable
from pathlib import Path

from gphoton_db.intake.inputs import IngestSources
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.staging import (
    LONGEST_WAIT_S,
    held_too_long,
    say_who_is_waited_for,
    staging_path,
)

LOOK_AGAIN_S = 0.5
"""How often it is looked whether a band that was put back can be begun with."""


class Waiting:
    """Bands that wait: freshly ingested ones first, then those to ingest, then those to work on.

    True while there is one that a worker could begin with.

    Parameters
    ----------
    longest_wait : float
        How long another process may work on a band that is waited for, s.
    """

    def __init__(self, longest_wait: float = LONGEST_WAIT_S) -> None:
        self._longest_wait = longest_wait
        self._held_since: dict[EclipseBand, float] = {}
        self._fresh: deque[EclipseBand] = deque()
        self._found: deque[tuple[EclipseBand, IngestSources]] = deque()
        self._there: deque[EclipseBand] = deque()
        self._elsewhere: list[tuple[EclipseBand, IngestSources | None]] = []
        self._look_again_at = 0.0

    def __bool__(self) -> bool:
        return bool(self._fresh or self._found or self._there)

    @property
    def n_found(self) -> int:
        """How many inputs lie there that nobody has reduced."""
        return len(self._found)

    @property
    def elsewhere(self) -> bool:
        """Whether any was put back."""
        return bool(self._elsewhere)

    def add_fresh(self, what: EclipseBand) -> None:
        """Add one that was ingested just now, of which something is to be made."""
        self._fresh.append(what)

    def add_found(self, what: EclipseBand, sources: IngestSources) -> None:
        """Add one that is to be ingested."""
        self._found.append((what, sources))

    def add_there(self, bands: Iterable[EclipseBand]) -> None:
        """Add some that were in the archive before, of which something is to be made."""
        self._there += bands

    def add_elsewhere(self, what: EclipseBand, sources: IngestSources | None) -> None:
        """Put one back that needs another band first."""
        self._elsewhere.append((what, sources))

    def add_held(
        self, what: EclipseBand, sources: IngestSources | None, staging: Path
    ) -> str | None:
        """Put one back that another process works on.

        Returns
        -------
        str or None
            Why it is not waited for any longer; None while it is.
        """
        folder = staging_path(staging, what.eclipse, what.band)
        if what not in self._held_since:
            say_who_is_waited_for(folder, str(what))
        since = self._held_since.setdefault(what, time.monotonic())
        if time.monotonic() - since > self._longest_wait:
            return str(held_too_long(folder, str(what), self._longest_wait))
        self._elsewhere.append((what, sources))
        return None

    def look_again(self) -> None:
        """Try again, now and then, what was put back."""
        if not self._elsewhere or time.monotonic() < self._look_again_at:
            return
        for what, sources in self._elsewhere:
            if sources is None:
                self._there.append(what)
            else:
                self._found.append((what, sources))
        self._elsewhere = []
        self._look_again_at = time.monotonic() + LOOK_AGAIN_S

    def next(self, at_work: Collection[int] = ()) -> tuple[EclipseBand, IngestSources | None]:
        """Take the next one, with what it is to be ingested from, if it is.

        Parameters
        ----------
        at_work : collection of int
            Eclipses that workers are busy with.  Their other bands stay for the same worker, which
            has the pointing's outlines, as long as there is anything else.
        """
        if self._fresh:
            return self._fresh.popleft(), None
        if not self._found:
            return self._there.popleft(), None
        others = (k for k, (what, _) in enumerate(self._found) if what.eclipse not in at_work)
        k = next(others, 0)
        chosen = self._found[k]
        del self._found[k]
        return chosen
