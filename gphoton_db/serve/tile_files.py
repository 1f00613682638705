"""Tiles on disk, for the next time: in the user's folder for what can be made anew."""

import logging
import zlib
from pathlib import Path
from threading import Lock

import numpy as np

from gphoton_db._version import __version__
from gphoton_db.products.fits.files import being_written
from gphoton_db.products.hips.tiles import TILE_PIXELS, Floats32
from gphoton_db.system.user_cache import user_cache

logger = logging.getLogger(__name__)

_LOOKED_AFTER = 64
"""Tiles that are written between two looks at how much there is."""

_KEPT_PART = 0.8
"""Of the bound, when some are removed."""


def tile_folder() -> Path:
    """Return the folder of the tiles of this version."""
    return user_cache() / "gphoton-db" / f"tiles-{__version__}"


class TileFiles:
    """Tiles by name.

    Parameters
    ----------
    folder : Path
        Made when the first is written; where that fails, nothing is kept.
    most_bytes : int
        Of all of them.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder, self._most_bytes = folder, most_bytes
        self._lock, self._written = Lock(), 0

    def read(self, name: str) -> Floats32 | None:
        """Return a tile, an empty array where nothing is on it; None if it is not kept."""
        path = self._path(name)
        try:
            values = np.frombuffer(zlib.decompress(path.read_bytes()), "<f4")
            path.touch()
        except (OSError, zlib.error, ValueError):
            return None
        return values if len(values) in (0, TILE_PIXELS) else None

    def write(self, name: str, values: Floats32) -> None:
        """Keep a tile."""
        path = self._path(name)
        try:
            with being_written(path) as temporary:
                temporary.write_bytes(zlib.compress(values.astype("<f4").tobytes(), 1))
        except Exception as error:  # noqa: BLE001 -- a full disk is no reason not to show the sky
            logger.debug("%s: is not kept (%s)", path, error)
            return
        with self._lock:
            self._written += 1
            if self._written % _LOOKED_AFTER == 1:
                self._prune()

    def _path(self, name: str) -> Path:
        return self._folder / name[-2:] / f"{name}.tile"

    def _prune(self) -> None:
        """Remove those that were not asked for longest, where there are too many."""
        found = []
        for path in self._folder.glob("*/*.tile"):
            try:
                state = path.stat()
            except OSError:
                continue  # another server was faster
            found.append((state.st_mtime, state.st_size, path))
        total = sum(size for _, size, _ in found)
        if total <= self._most_bytes:
            return
        for _, size, path in sorted(found):
            path.unlink(missing_ok=True)
            total -= size
            if total <= _KEPT_PART * self._most_bytes:
                return
