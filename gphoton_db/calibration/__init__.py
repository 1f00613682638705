"""The mission's calibration files: their list, reading them, and the names of sets."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_MODULE_OF = {
    "CalibrationSet": "calibration_set",
    "FileRecord": "calibration_set",
    "files_for": "manifest",
    "is_synthetic": "identity",
    "missing_files": "manifest",
    "short_identifier": "identity",
}


def __getattr__(name: str) -> Any:
    # Imported when it is asked for: a name of a set needs nothing that reads files.
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
