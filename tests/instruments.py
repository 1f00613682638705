"""The last instruments that simulations of this process have read.

To read one takes half of a small visit.  Only what makes the key matters to it: a file of the
calibration that has changed is read anew.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gphoton_db.mission import Band, centre_scale, epoch_of
from gphoton_db.simulate.observation import Instrument, read_instrument
from gphoton_db.simulate.plan import Detector

MOST_KEPT = 2
"""Each takes some 100 MB."""

_KEPT: dict[tuple[Any, ...], Instrument] = {}


def kept_instrument(calibration: Path, band: Band, eclipse: int, detector: Detector) -> Instrument:
    """Return what `read_instrument` returns, and keep it for the next visit."""
    key = (
        *(calibration, band, detector.separation_at(band, eclipse)),
        *(detector.fuv_temperature, detector.response),
        # That of NUV differs by epoch alone, that of FUV by eclipse.
        *(epoch_of(eclipse), centre_scale(band, eclipse), eclipse if band is Band.FUV else None),
        *_states(calibration),
    )
    kept = _KEPT.pop(key, None)
    if kept is None:
        while len(_KEPT) >= MOST_KEPT:
            del _KEPT[next(iter(_KEPT))]
        kept = read_instrument(calibration, band, eclipse, detector)
    _KEPT[key] = kept
    return kept


def _states(folder: Path) -> Iterator[tuple[str, int, int, int]]:
    """Yield what changes when a file does."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        state = path.stat()
        yield path.name, state.st_ino, state.st_size, state.st_mtime_ns
