"""What an ingest brings, before it is in the archive."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gphoton_db.catalogue.coverage import CoverageRecord
from gphoton_db.catalogue.records import (
    CalibrationFileRecord,
    FileRecord,
    IngestRecord,
    LegRecord,
    ProductRecord,
)
from gphoton_db.catalogue.sources import SourceFileRecord

if TYPE_CHECKING:
    from gphoton_db.aspect.pointing import VisitMetadata
    from gphoton_db.catalogue.shutter_gaps import ShutterGap


@dataclass(frozen=True)
class IngestedBand:
    """What one successful ingest adds to the catalogue.

    Files of version 0.2 say no ``coverage``.  What reads ticks files anyway finds ``gaps``; a
    commit finds those of others.
    """

    legs: tuple[LegRecord, ...]
    files: tuple[FileRecord, ...]
    calibration: tuple[CalibrationFileRecord, ...]
    visit: "VisitMetadata"
    ingest: IngestRecord
    coverage: tuple[CoverageRecord, ...] = ()
    gaps: "tuple[ShutterGap, ...]" = ()


@dataclass(frozen=True)
class FoundBlock:
    """What files say of the eclipses whose outlines are in one file of the catalogue's own.

    `block` is its number.
    """

    block: int
    bands: tuple[IngestedBand, ...]


@dataclass(frozen=True)
class StagedBand:
    """What an ingest adds, and the folder with its files, laid out as in the archive."""

    ingested: IngestedBand
    folder: Path


@dataclass(frozen=True)
class StagedProducts:
    """Files that were made from the archive, and the folder with them, laid out as in the archive.

    Parameters
    ----------
    products : tuple of ProductRecord
        What the catalogue gets of them.
    source_files : tuple of SourceFileRecord
        Those that the views of sources and photometry read, in the order in which they were made.
    folder : Path
        Holds the files.
    """

    products: tuple[ProductRecord, ...]
    source_files: tuple[SourceFileRecord, ...]
    folder: Path

    @property
    def paths(self) -> tuple[str, ...]:
        """Names of the files, relative to the folder."""
        products = tuple(each.path for each in self.products)
        return products + tuple(each.path for each in self.source_files)
