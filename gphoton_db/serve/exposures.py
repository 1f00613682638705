"""Where the detector looked in legs in view; what was asked for last is kept."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.products.hips.exposure import DetectorSums
from gphoton_db.products.maps.detector_weights import detector_weights
from gphoton_db.products.maps.exposure_map import Attitudes, leg_attitudes
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sky_places import Range
from gphoton_db.serve.photons import USABLE

_LEGS_AT_HAND = 256


class KeptExposures:
    """Attitudes of legs, and what of the detector counted in them."""

    def __init__(self) -> None:
        self._detectors: dict[str, DetectorSums] = {}
        self._attitudes: OrderedDict[tuple[object, ...], Attitudes] = OrderedDict()
        self._lock = Lock()

    def attitudes(
        self, archive: ArchiveReader, leg: LegRecord, intervals: Sequence[Range]
    ) -> Attitudes:
        """Return where the detector looked in a part of a leg's time."""
        key = (leg.eclipse, leg.band, leg.leg, leg.generation, tuple(intervals))
        with self._lock:
            if key in self._attitudes:
                self._attitudes.move_to_end(key)
                return self._attitudes[key]
        made = leg_attitudes(archive, leg, intervals)
        with self._lock:
            self._attitudes[key] = made
            while len(self._attitudes) > _LEGS_AT_HAND:
                self._attitudes.popitem(last=False)
        return made

    def detector(self, archive: ArchiveReader, leg: LegRecord) -> DetectorSums:
        """Return what a second on each detector pixel counts, as a leg was calibrated.

        Raises
        ------
        ProductError
            If the flat or the mask cannot be found.
        """
        name = f"{leg.band} {leg.calibration}"
        if name not in self._detectors:
            self._detectors[name] = DetectorSums(detector_weights(archive, leg, USABLE))
        return self._detectors[name]
