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
)

if TYPE_CHECKING:
    from gphoton_db.aspect.pointing import VisitMetadata


@dataclass(frozen=True)
class IngestedBand:
    """What one successful ingest adds to the catalogue; its files alone say no ``coverage``."""

    legs: tuple[LegRecord, ...]
    files: tuple[FileRecord, ...]
    calibration: tuple[CalibrationFileRecord, ...]
    visit: "VisitMetadata"
    ingest: IngestRecord
    coverage: tuple[CoverageRecord, ...] = ()


@dataclass(frozen=True)
class StagedBand:
    """What an ingest adds, and the folder with its files, laid out as in the archive."""

    ingested: IngestedBand
    folder: Path
