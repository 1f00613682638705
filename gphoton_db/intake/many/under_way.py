"""A band that a run is working on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.stage import Attempt
from gphoton_db.intake.staging import StagingFolder


@dataclass
class UnderWay:
    """A band that is ours until its folder is released.

    Parameters
    ----------
    attempt : Attempt
        To ingest it.
    folder : StagingFolder
        Where workers put what they make.
    makes : bool
        Whether it is in the archive, and products are made of it.
    at_work : bool
        Whether a worker has a job of it.
    uncommitted : int
        Results that are not in the archive yet.
    reason : str, optional
        Why its job could not be done.
    """

    attempt: Attempt
    folder: StagingFolder
    makes: bool = False
    at_work: bool = True
    uncommitted: int = 0
    reason: str | None = None


def not_begun(wanted: Collection[EclipseBand], under_way: Mapping[EclipseBand, UnderWay]) -> int:
    """Return how many of `wanted` are not under way."""
    return len(wanted) - sum(each in wanted for each in under_way)
