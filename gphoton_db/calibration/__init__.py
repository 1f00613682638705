"""The mission's calibration files: what there is, reading them, and a hash that names them."""

from gphoton_db.calibration.calibration_set import CalibrationSet, FileRecord
from gphoton_db.calibration.manifest import files_for

__all__ = ["CalibrationSet", "FileRecord", "files_for"]
