"""Photons of legs in view, in memory: 12 bytes each, bounded, those that were looked at last."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from threading import Lock

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.products.hips.options import HIGHEST_ORDER
from gphoton_db.products.hips.photons import TiledPhotons, read_tiled
from gphoton_db.products.maps.detector_weights import UsableDetector
from gphoton_db.products.maps.make import LegTime, time_within
from gphoton_db.products.reader import ArchiveReader

BYTES_OF_A_PHOTON = 12

USABLE = UsableDetector()
"""The part of the detector that counts, as in maps."""

LegPhotons = tuple[TiledPhotons, ...]
"""Those of its row groups that have some, in the order of the sky."""

Between = Callable[[], object]
"""Called after each part of what takes long."""

_Key = tuple[int, str, int, str]


def at_once() -> None:
    """Wait for nothing between two parts."""


class KeptPhotons:
    """Photons of legs by their tile.

    Parameters
    ----------
    most_bytes : int
        Of all legs together.
    threads : int
        How many read a leg.
    """

    def __init__(self, most_bytes: int, threads: int) -> None:
        self._most_bytes, self._threads = most_bytes, threads
        self._kept: OrderedDict[_Key, LegPhotons] = OrderedDict()
        self._lock, self._reading = Lock(), Lock()

    @property
    def n_bytes(self) -> int:
        """Bytes that are kept."""
        with self._lock:
            return sum(map(_bytes_of, self._kept.values()))

    def fits(self, leg: LegRecord) -> bool:
        """Return whether the photons of a leg may be kept."""
        return BYTES_OF_A_PHOTON * leg.n_photons <= self._most_bytes

    def of_leg(
        self, archive: ArchiveReader, leg: LegRecord, between: Between = at_once
    ) -> LegPhotons:
        """Return the photons of a leg that count, read unless they are kept.

        Raises
        ------
        ArchiveError
            If a file is missing or damaged.
        """
        key = (leg.eclipse, leg.band, leg.leg, leg.generation)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        # One at a time: reading takes as much memory again, and all threads.
        with self._reading:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
                self._make_room(BYTES_OF_A_PHOTON * leg.n_photons)
            timed = LegTime(leg, time_within(leg, None))
            # In parts, as they are read: to join them takes a sixth of the time.
            parts = read_tiled(archive, timed, USABLE, HIGHEST_ORDER, threads=self._threads)
            photons = tuple(_in_turn(parts, between))
            with self._lock:
                self._kept[key] = photons
                self._make_room(0)
            return photons

    def _make_room(self, n_bytes: int) -> None:
        while len(self._kept) > (not n_bytes):
            if n_bytes + sum(map(_bytes_of, self._kept.values())) <= self._most_bytes:
                return
            self._kept.popitem(last=False)


def _in_turn(parts: Iterable[TiledPhotons], between: Between) -> Iterator[TiledPhotons]:
    for part in parts:
        yield part
        between()


def _bytes_of(photons: LegPhotons) -> int:
    return sum(
        each.nbytes
        for part in photons
        for each in (part.tiles, part.first, part.pixel, part.t_ms, part.weight)
    )
