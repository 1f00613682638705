"""The mission's calibration files: their list, reading them, and the names of sets."""

from gphoton_db.calibration.calibration_set import CalibrationSet, FileRecord
from gphoton_db.calibration.identity import is_synthetic, short_identifier
from gphoton_db.calibration.manifest import files_for, missing_files

__all__ = [
    "CalibrationSet",
    "FileRecord",
    "files_for",
    "is_synthetic",
    "missing_files",
    "short_identifier",
]
