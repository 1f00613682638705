"""The second pass: the telemetry of one leg to photons on the sky, parked by place on the sky."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.exposure import Ticks
from gphoton_db.ingest.kernels.detector import DetectorTables
from gphoton_db.ingest.kernels.ordering import group_by_pixel, reorder
from gphoton_db.ingest.kernels.packing import FIRST_PACKED_BYTE
from gphoton_db.ingest.kernels.post_csp import PostCsp
from gphoton_db.ingest.kernels.reduction import PHOTON, PhotonRecords, reduce_rows
from gphoton_db.ingest.kernels.sky import EclipseSky
from gphoton_db.ingest.kernels.ticks import count_ticks
from gphoton_db.ingest.scan import Telemetry
from gphoton_db.ingest.scratch import Extent, Scratch
from gphoton_db.kernels.arrays import read_only
from gphoton_db.mission import DETECTOR_CENTRE, ON_DETECTOR_PIXELS, CentreScale, Flag

CHUNK_ROWS = 1 << 17
"""Telemetry rows that one task reduces; bounds memory, changes no photon."""

_FEW_PHOTONS = 1024

PixelRange = tuple[int, int]
"""First and last sorting pixel."""


@dataclass(frozen=True)
class EclipseReduction:
    """Everything but the photons that the reduction of an eclipse needs."""

    scale: CentreScale
    csp: PostCsp
    tables: DetectorTables
    sky: EclipseSky


@dataclass(frozen=True, eq=False)
class Segment:
    """One chunk's photons on disk, grouped by sorting pixel, in time order within each.

    ``pixel`` (m,) rises; the photons of ``pixel[j]`` are records ``start[j]`` to
    ``start[j + 1]`` of the extent.  ``on_detector_ms``: times (GALEX ms) of the first and last
    unflagged photon within 400 detector pixels of the centre; None where there is none.
    """

    pixel: NDArray[np.int64]
    start: NDArray[np.int64]
    photons: Extent
    ticks: Ticks
    on_detector_ms: tuple[int, int] | None


@dataclass(frozen=True, eq=False)
class LegPhotons:
    """All photons of a leg, parked in a scratch file as segments in time order.

    ``origin_ms``: GALEX time, ms, that the records' times count from.
    """

    number: int
    origin_ms: int
    scratch: Scratch
    segments: tuple[Segment, ...]
    ticks: Ticks

    @property
    def on_detector_ms(self) -> tuple[int, int] | None:
        """First and last time (GALEX ms) of an unflagged photon on the detector."""
        spans = [s.on_detector_ms for s in self.segments if s.on_detector_ms is not None]
        return (spans[0][0], spans[-1][1]) if spans else None

    def pixel_counts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the sorting pixels of the leg, rising, and the photons in each."""
        pixel = np.concatenate([segment.pixel for segment in self.segments])
        count = np.concatenate([np.diff(segment.start) for segment in self.segments])
        names, inverse = np.unique(pixel, return_inverse=True)
        return names, np.bincount(inverse, count, len(names)).astype(np.int64)

    def read_segment(self, segment: Segment) -> PhotonRecords:
        """Return all photons of a segment, read-only."""
        return self.scratch.read(segment.photons)

    def read(self, first_pixel: int, last_pixel: int) -> PhotonRecords:
        """Return the photons of a range of sorting pixels, segment after segment."""
        places = []
        for segment in self.segments:
            lo, hi = np.searchsorted(segment.pixel, [first_pixel, last_pixel + 1])
            start, stop = int(segment.start[lo]), int(segment.start[hi])
            places.append(segment.photons.bytes_of(start, stop))
        return read_only(self.scratch.read_places(places).view(PHOTON))


def collect_leg(
    number: int,
    origin_ms: int,
    scratch: Scratch,
    tasks: list[Future[Segment]],
    on_rows: Callable[[int], None],
) -> LegPhotons:
    """Wait for the tasks of a leg and put their results together."""
    segments = []
    for task in tasks:
        segments.append(task.result())
        on_rows(segments[-1].photons.length)
    ticks = Ticks.concatenate([segment.ticks for segment in segments])
    return LegPhotons(number, origin_ms, scratch, tuple(segments), ticks)


def chunks_of(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the rows of a leg in chunks: first and end of each."""
    for first in range(start, stop, CHUNK_ROWS):
        yield first, min(first + CHUNK_ROWS, stop)


def whole_chunks_of(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the first of those chunks, which stay what they are if more rows follow."""
    for first in range(start, stop - CHUNK_ROWS + 1, CHUNK_ROWS):
        yield first, first + CHUNK_ROWS


def reduce_chunk(
    telemetry: Telemetry,
    chunk: tuple[int, int],
    reduction: EclipseReduction,
    origin_ms: int,
    scratch: Scratch,
) -> Segment:
    """Reduce a chunk of telemetry and park its photons in a scratch file; a task of a thread."""
    rows, t_ms = telemetry.read(*chunk)
    photons = reduce_rows(
        rows,
        FIRST_PACKED_BYTE,
        t_ms,
        reduction.scale,
        reduction.csp,
        reduction.tables,
        reduction.sky,
        origin_ms,
    )
    tick_ms, events, unflagged = count_ticks(photons)
    ticks = Ticks(tick_ms + np.int64(origin_ms), events, unflagged)
    order, pixel, start = group_by_pixel(read_only(photons))
    extent = scratch.append(reorder(photons, order))
    return Segment(pixel, start, extent, ticks, _on_detector(photons, t_ms))


def _on_detector(photons: PhotonRecords, t_ms: NDArray[np.int64]) -> tuple[int, int] | None:
    """Return the times of the first and the last photon inside; they are near the ends."""
    for start in range(0, len(photons), _FEW_PHOTONS):
        inside = _inside(photons[start : start + _FEW_PHOTONS])
        if len(inside):
            first = start + int(inside[0])
            break
    else:
        return None
    for stop in range(len(photons), 0, -_FEW_PHOTONS):
        start = max(stop - _FEW_PHOTONS, 0)
        inside = _inside(photons[start:stop])
        if len(inside):
            return int(t_ms[first]), int(t_ms[start + int(inside[-1])])
    raise AssertionError("the first photon inside is also found from behind")


def _inside(photons: PhotonRecords) -> NDArray[np.int64]:
    radius = np.hypot(photons["col"] - DETECTOR_CENTRE, photons["row"] - DETECTOR_CENTRE)
    return np.flatnonzero((photons["flags"] == Flag.GOOD) & (radius < ON_DETECTOR_PIXELS))
