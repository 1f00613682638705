"""The last calibration sets that a process has loaded: reading one takes longer than a small band.

Only for processes that reduce one band after the other: a set takes some 100 MB.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from gphoton_db.calibration import manifest
from gphoton_db.calibration.calibration_set import CalibrationSet
from gphoton_db.calibration.fetched import LOG
from gphoton_db.mission import Band

logger = logging.getLogger(__name__)

MOST_KEPT = 2
"""Sets: those of both bands."""

LoadCalibration = Callable[[Path, Band, int], CalibrationSet]
"""Loads the set of a folder that a band of an eclipse needs."""


class KeptCalibration:
    """Loads calibration sets, and keeps the last ones; call it as `CalibrationSet.load`."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], CalibrationSet] = {}

    def __call__(self, directory: Path, band: Band, eclipse: int) -> CalibrationSet:
        """Return the set that a band of an eclipse needs: read anew if any file is not the same.

        What is odd about its files is logged each time.

        Raises
        ------
        CalibrationError
            As `CalibrationSet.load`.
        """
        names = (LOG, *(file.name for file in manifest.files_for(band, eclipse)))
        key = (directory, band, *((name, _state(directory / name)) for name in names))
        kept = self._kept.pop(key, None)
        if kept is None:
            while len(self._kept) >= MOST_KEPT:  # before there is one more in memory
                del self._kept[next(iter(self._kept))]
            kept = CalibrationSet.load(directory, band, eclipse)
        else:
            for message in kept.warnings:
                logger.warning("%s", message)
        self._kept[key] = kept
        return kept


def _state(path: Path) -> tuple[int, int, int] | None:
    """Return what changes when a file does; None if it is not there."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_ino, state.st_size, state.st_mtime_ns
