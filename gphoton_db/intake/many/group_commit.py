"""Commits of what workers have made, several in one step.

A commit copies the catalogue's head, and takes longer the more there is in the archive: 0.05 s
among ten legs, half a second among 300,000.  So results are gathered while the last commit is
recent, in proportion to what it took, but for half a minute at the most: most of a commit is for
what is in it, where legs are many and small, and would grow with what has been gathered meanwhile.
A run that is killed loses no more than what it made in that time and in a commit.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.records import IngestRecord
from gphoton_db.catalogue.staged import StagedBand, StagedProducts
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.many.messages import Result

REST = 9.0
"""A commit begins when so many times the length of the last one have passed since its end."""

MOST_REST_S = 30.0
"""Or so many seconds, if that is sooner."""


@dataclass(frozen=True)
class Batch:
    """What goes into one commit."""

    results: list[tuple[EclipseBand, Result]] = field(default_factory=list)
    failed: list[IngestRecord] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.results or self.failed)

    @property
    def bands(self) -> list[StagedBand]:
        """What is ingested."""
        return [r.staged for _, r in self.results if isinstance(r.staged, StagedBand)]

    @property
    def made(self) -> list[StagedProducts]:
        """What was made of bands that are in the archive."""
        return [r.staged for _, r in self.results if isinstance(r.staged, StagedProducts)]


@dataclass(frozen=True)
class Commit:
    """A commit that has ended: with an error, nothing of its batch is in the archive."""

    batch: Batch
    error: Exception | None


class GroupCommit:
    """Gathers what is to be committed, and commits it in a thread.

    Parameters
    ----------
    catalogue : Catalogue
        Of the archive.
    wake : callable
        Called when a commit has ended.
    """

    def __init__(self, catalogue: Catalogue, wake: Callable[[], None]) -> None:
        self._catalogue = catalogue
        self._wake = wake
        self._gathered = Batch()
        self._under_way: tuple[Batch, Future[float]] | None = None
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._not_before = 0.0

    def __bool__(self) -> bool:
        return bool(self._gathered) or self._under_way is not None

    @property
    def holds_bands(self) -> bool:
        """Whether bands are gathered, of which something can be made once they are committed."""
        return bool(self._gathered.bands)

    def add(self, what: EclipseBand, result: Result) -> None:
        """Have a result committed."""
        self._gathered.results.append((what, result))

    def add_failure(self, ingest: IngestRecord) -> None:
        """Have a failure logged."""
        self._gathered.failed.append(ingest)

    def due_in(self) -> float | None:
        """Return the seconds until the next commit may begin; None = nothing to wait for."""
        if not self._gathered or self._under_way is not None:
            return None
        return max(self._not_before - time.monotonic(), 0.0)

    def proceed(self, *, at_once: bool = False) -> Commit | None:
        """Begin a commit if it is time for one, and return the one that has ended before.

        Parameters
        ----------
        at_once : bool
            Do not wait for more.
        """
        ended = self._ended()
        if self._under_way is None and (self.due_in() == 0.0 or (at_once and self._gathered)):
            batch, self._gathered = self._gathered, Batch()
            self._under_way = batch, self._executor.submit(self._commit, batch)
            self._under_way[1].add_done_callback(lambda _: self._wake())
        return ended

    def finish(self) -> Iterator[Commit]:
        """Commit all that is gathered, and yield each commit."""
        while self:
            if self._under_way is not None:
                self._under_way[1].exception()  # which waits for it
            ended = self.proceed(at_once=True)
            if ended is not None:
                yield ended

    def _ended(self) -> Commit | None:
        if self._under_way is None or not self._under_way[1].done():
            return None
        (batch, future), self._under_way = self._under_way, None
        error = future.exception()
        if error is not None and not isinstance(error, Exception):
            raise error
        if error is None:
            self._not_before = time.monotonic() + min(REST * future.result(), MOST_REST_S)
        return Commit(batch, error)

    def close(self) -> None:
        """Wait for a commit that is under way."""
        self._executor.shutdown()

    def _commit(self, batch: Batch) -> float:
        start = time.monotonic()
        self._catalogue.commit(batch.bands, batch.failed, batch.made)
        return time.monotonic() - start
