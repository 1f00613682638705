"""How a run over many eclipses goes on, and what may be made of each band afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from gphoton_db.ingest.eclipse import ReductionOptions
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.many.messages import Job
from gphoton_db.intake.options import IngestOptions


@dataclass(frozen=True)
class ManyOptions:
    """How a run goes on.

    Parameters
    ----------
    ingest : IngestOptions
        Choices of each ingest.
    ingests : bool
        Whether bands that are not in the archive are ingested.
    """

    ingest: IngestOptions
    ingests: bool = True

    def reduction(self, share: int) -> ReductionOptions:
        """Return the choices of each reduction, with `share` threads where none are chosen."""
        chosen = self.ingest
        threads = chosen.threads or share
        return ReductionOptions(chosen.full_precision, chosen.clamp_separation, threads)


class Following(Protocol):
    """What is to be made of each band that is in the archive."""

    @property
    def groups(self) -> Sequence[str]:
        """Groups of kernels that are needed for it; see `gphoton_db.system.compiling`."""

    def complete(self, wanted: Sequence[EclipseBand]) -> set[EclipseBand]:
        """Return those bands of which all is made, as the archive is now."""

    def needs(self, what: EclipseBand) -> set[EclipseBand]:
        """Return the other bands that are to be ingested before, if they are at all."""

    def job(self, what: EclipseBand, folder: Path) -> Job:
        """Return the job that makes what is missing, into an empty folder."""

    def made(self, what: EclipseBand, report: Any) -> None:
        """A result of such a job, which had this report, is in the archive."""
