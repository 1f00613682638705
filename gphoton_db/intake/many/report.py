"""The report of a run over many eclipses, and its reports of progress."""

from collections.abc import Iterable
from dataclasses import dataclass

from gphoton_db.intake.ingest_band import IngestReport
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.many.failed_list import Failure


@dataclass(frozen=True)
class ManyReport:
    """What a run did.

    Parameters
    ----------
    ingested : tuple of IngestReport
        What was added or replaced, in the order of the commits.
    skipped : tuple of EclipseBand
        What was in the archive before.
    failures : tuple of Failure
        What could not be ingested, and why.
    seconds : float
        How long it took.
    """

    ingested: tuple[IngestReport, ...]
    skipped: tuple[EclipseBand, ...]
    failures: tuple[Failure, ...]
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether all that was asked for is in the archive."""
        return not self.failures


class Watch:
    """Told how a run goes on; this one tells nobody.

    `fetching` is called by several threads, the others by the one that runs.
    """

    def begins(self, todo: int, skipped: Iterable[EclipseBand]) -> None:
        """Something is to be done with `todo` bands; of the others all is in the archive."""

    def compiling(self, done: int, total: int) -> None:
        """So many groups of kernels are compiled: the first use after an install."""

    def fetching(self, what: EclipseBand, file: str, done: int, total: int) -> None:
        """So many bytes of a file are there."""

    def reducing(self, what: EclipseBand, stage: str, done: int, total: int) -> None:
        """A reduction has begun, or come so far."""

    def reduced(self, what: EclipseBand) -> None:
        """A reduction has ended; it will be committed soon."""

    def making(self, what: EclipseBand, stage: str, done: int, total: int) -> None:
        """Products of a band are being made, and have come so far."""

    def ingested(self, what: EclipseBand, report: IngestReport) -> None:
        """A band is in the archive now."""

    def done(self, what: EclipseBand) -> None:
        """All that was to be done with a band is in the archive."""

    def skipped(self, what: EclipseBand) -> None:
        """Another process has done it meanwhile."""

    def failed(self, failure: Failure) -> None:
        """What was to be done with a band could not be done."""
