"""Where the detector looked in legs in view; what was asked for last is kept."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import TypeVar

import numpy as np

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.products.hips.exposure import DetectorSums
from gphoton_db.products.maps.detector_weights import detector_weights
from gphoton_db.products.maps.exposure_map import Attitudes, LegPointing, leg_pointing
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sky_places import Range
from gphoton_db.serve.photons import USABLE

_ATTITUDES_AT_HAND, _POINTINGS_AT_HAND = 256, 8
"""Of legs; what a pointing has of events is 10 MB."""

_ENOUGH = 100
"""Seconds, spread over a part of a leg, that show where its field was."""

_Key = tuple[object, ...]
Value = TypeVar("Value")


class KeptExposures:
    """Attitudes of legs, and what of the detector counted in them."""

    def __init__(self) -> None:
        self._detectors: dict[str, DetectorSums] = {}
        self._attitudes: OrderedDict[_Key, Attitudes] = OrderedDict()
        self._pointings: OrderedDict[_Key, LegPointing] = OrderedDict()
        self._lock = Lock()

    def attitudes(
        self, archive: ArchiveReader, leg: LegRecord, intervals: Sequence[Range]
    ) -> Attitudes:
        """Return where the detector looked in a part of a leg's time."""
        of_leg: _Key = (leg.eclipse, leg.band, leg.leg, leg.generation)
        key = (*of_leg, tuple(intervals))
        # One at a time: tiles of a view ask for the same at once, and one of them makes it.
        with self._lock:
            made = self._attitudes.get(key)
            if made is None:
                pointing = self._pointings.get(of_leg) or leg_pointing(archive, leg)
                _keep(self._pointings, of_leg, pointing, _POINTINGS_AT_HAND)
                made = pointing.attitudes(intervals)
            _keep(self._attitudes, key, made, _ATTITUDES_AT_HAND)
        return made

    def detector(self, archive: ArchiveReader, leg: LegRecord) -> DetectorSums:
        """Return what a second on each detector pixel counts, as a leg was calibrated.

        Raises
        ------
        ProductError
            If the flat or the mask cannot be found.
        """
        name = f"{leg.band} {leg.calibration}"
        with self._lock:
            if name not in self._detectors:
                self._detectors[name] = DetectorSums(detector_weights(archive, leg, USABLE))
            return self._detectors[name]


def thinned(attitudes: Attitudes) -> Attitudes:
    """Return some of the attitudes, which show where the field was as well as all of them."""
    used = np.flatnonzero(attitudes.seconds > 0)
    some = used[:: max(1, len(used) // _ENOUGH)]
    return Attitudes(attitudes.planes[some], attitudes.seconds[some], attitudes.time_ms[some])


def _keep(kept: OrderedDict[_Key, Value], key: _Key, value: Value, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
