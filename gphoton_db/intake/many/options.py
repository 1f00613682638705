"""How a run over many eclipses goes on, and what may be made of each band afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from gphoton_db.ingest.eclipse import ReductionOptions
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.many.messages import Job


@dataclass(frozen=True)
class ManyOptions:
    """How a run goes on.

    Parameters
    ----------
    jobs : int
        Jobs at a time, each in a process of its own.
    reduction : ReductionOptions
        Choices of each reduction.
    force : bool
        Replace what is in the archive.
    override_limits : bool
        Reduce eclipses, too, that should not be.
    ingests : bool
        Whether bands that are not in the archive are ingested.
    """

    jobs: int
    reduction: ReductionOptions
    force: bool = False
    override_limits: bool = False
    ingests: bool = True


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
