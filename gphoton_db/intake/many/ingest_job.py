"""The job of a worker that reduces a band of an eclipse."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gphoton_db.calibration.kept import KeptCalibration
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.staged import StagedBand
from gphoton_db.ingest.eclipse import ReductionOptions
from gphoton_db.intake.inputs import IngestSources
from gphoton_db.intake.many.messages import Result
from gphoton_db.intake.stage import Attempt, stage_band
from gphoton_db.paths import ArchivePaths
from gphoton_db.progress import Progress

CALIBRATION = KeptCalibration()
"""Of this process, which does one job after the other."""


@dataclass(frozen=True)
class IngestJob:
    """Reduces a band of an eclipse into a folder.

    Parameters
    ----------
    attempt, sources
        What, and from where.
    folder : Path
        An empty folder.
    root : Path
        Of the archive.
    options : ReductionOptions
        Choices.
    there : bool
        Whether the band is in the archive already.
    """

    attempt: Attempt
    sources: IngestSources
    folder: Path
    root: Path
    options: ReductionOptions
    there: bool

    @property
    def name(self) -> str:
        """What it is about."""
        return f"eclipse {self.attempt.eclipse} {self.attempt.band}"

    def absolute(self) -> "IngestJob":
        """Return the same job for a process that works in another folder, or on another host."""
        return replace(
            self,
            sources=self.sources.absolute(),
            folder=self.folder.absolute(),
            root=self.root.absolute(),
        )

    def into(self, folder: Path) -> "IngestJob":
        """Return the same job, which fills another folder."""
        return replace(self, folder=folder)

    def results(self, on_progress: Progress) -> Iterator[Result]:
        """Reduce it, and yield the band.

        Raises
        ------
        GPhotonError
            If any input cannot be used.
        OSError
            If the disk is full or not writable.
        """
        attempt, catalogue = self.attempt, Catalogue(ArchivePaths(self.root))
        ingested = stage_band(
            attempt.from_now(),
            self.sources,
            self.folder,
            self.options,
            replaces=catalogue.generations(attempt.eclipse, attempt.band) if self.there else (),
            on_progress=on_progress,
            load=CALIBRATION,
        )
        yield Result(StagedBand(ingested, self.folder))
