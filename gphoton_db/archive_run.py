"""The whole pipeline of an eclipse as one method of an archive."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gphoton_db.errors import ProductError
from gphoton_db.intake.ingest_band import IngestReport
from gphoton_db.mission import Band
from gphoton_db.progress import Progress, no_progress
from gphoton_db.system.memory import give_back

if TYPE_CHECKING:
    from gphoton_db.catalogue.records import LegRecord
    from gphoton_db.products.reader import ArchiveReader
    from gphoton_db.products.run_leg import LegReport
    from gphoton_db.products.run_options import RunOptions


@dataclass(frozen=True)
class RunReport:
    """What a run did.

    Parameters
    ----------
    ingest : IngestReport or None
        Of the ingest; None where the photons were there already.
    legs : tuple of LegReport
        What was made of each leg.
    """

    eclipse: int
    band: Band
    ingest: IngestReport | None
    legs: "tuple[LegReport, ...]"

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that were written."""
        return tuple(file for leg in self.legs for file in leg.files)


def _nothing(done: Any) -> None:
    """Tell nobody."""


class ArchiveRun(ABC):
    """What an `Archive` does from telemetry to photometry at one go."""

    ingest: Callable[..., IngestReport]

    @abstractmethod
    def _product_reader(self) -> "ArchiveReader":
        """Return what the builders of products need of the archive, as it is now."""

    @abstractmethod
    def legs(self, eclipse: int | None = None) -> "list[LegRecord]":
        """Return the legs of the archive, or of one eclipse."""

    def run(
        self,
        eclipse: int,
        band: str | Band,
        options: "RunOptions | None" = None,
        *,
        recreate: bool = False,
        on_ingest: Callable[[IngestReport], None] = _nothing,
        on_leg: "Callable[[LegReport], None]" = _nothing,
        on_progress: Progress = no_progress,
        **inputs: Any,
    ) -> RunReport:
        """Ingest a band of an eclipse, and make and write images, movies and photometry of it.

        Parameters
        ----------
        eclipse : int
            Eclipse number.
        band : str or Band
            ``NUV`` or ``FUV``.
        options : RunOptions, optional
            What is made; by default the image of each leg and photometry in it.
        recreate : bool
            Ingest anew what is in the archive already.
        on_ingest, on_leg : callable, optional
            Told of each report as soon as there is one.
        on_progress : callable, optional
            Told ``(stage, done, total)``.
        **inputs
            ``raw6``, ``pointing``, ``calibration``, ``service``, ``on_download`` and other choices
            of `ingest`.

        Returns
        -------
        RunReport
            What was done.

        Raises
        ------
        GPhotonError
            If anything cannot be made.  What was made before stays.
        """
        from gphoton_db.products.run_leg import run_leg
        from gphoton_db.products.run_options import RunOptions
        from gphoton_db.products.sources.catalog import source_catalog

        band, chosen = Band.parse(band), options or RunOptions()
        if chosen.catalog is not None:
            source_catalog(chosen.catalog, eclipse=eclipse)  # refused now, not after the ingest
        if recreate and chosen.photometry_only:
            raise ProductError("photometry alone ingests nothing: it cannot recreate photons")
        ingested = None
        there = any(each.band == str(band) for each in self.legs(eclipse))
        if recreate or not (there or chosen.photometry_only):
            ingested = self.ingest(
                eclipse,
                band,
                force=recreate,
                threads=chosen.threads,
                on_progress=on_progress,
                **inputs,
            )
            on_ingest(ingested)
            give_back()
        legs = []
        for leg in self._legs_to_run(eclipse, band, chosen.leg):
            legs.append(run_leg(self._product_reader, leg, chosen, on_progress))
            on_leg(legs[-1])
        return RunReport(eclipse, band, ingested, tuple(legs))

    def _legs_to_run(self, eclipse: int, band: Band, number: int | None) -> "list[LegRecord]":
        from gphoton_db.products.reader import choose_leg, legs_of

        reader = self._product_reader()
        if number is None:
            return legs_of(reader, eclipse, band)
        return [choose_leg(reader, eclipse, band, number)]
