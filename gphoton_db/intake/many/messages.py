"""Messages between a run and its worker processes; all can be pickled."""

from dataclasses import dataclass
from pathlib import Path

from gphoton_db.catalogue.staged import IngestedBand
from gphoton_db.ingest.eclipse import ReductionOptions
from gphoton_db.intake.inputs import IngestSources
from gphoton_db.intake.stage import Attempt


@dataclass(frozen=True)
class Job:
    """To a worker: reduce a band of an eclipse into a folder.

    Parameters
    ----------
    attempt, sources
        What, and from where.
    folder : Path
        An empty folder, which stays the run's.
    root : Path
        Of the archive, which the worker leaves alone; messages name it.
    replaces : bool
        Whether the band is in the archive already.
    """

    attempt: Attempt
    sources: IngestSources
    folder: Path
    root: Path
    options: ReductionOptions
    replaces: bool


@dataclass(frozen=True)
class Progressed:
    """From a worker: how far a stage is."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True)
class Logged:
    """From a worker: a message for the run's own log."""

    logger: str
    level: int
    message: str


@dataclass(frozen=True, eq=False)
class Reduced:
    """From a worker: its job is done, and its folder full."""

    ingested: IngestedBand


@dataclass(frozen=True)
class NotReduced:
    """From a worker: why its job cannot be done."""

    reason: str


FromWorker = Progressed | Logged | Reduced | NotReduced
