"""Good time intervals: when the shutter of the legs of a product was open."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import AnyLeg
from gphoton_db.products.leg_tables import LATEST, LegKey, key_of, pauses_of_legs
from gphoton_db.products.reader import ArchiveReader, observed_span_ms
from gphoton_db.products.sky_places import Range

Ints = NDArray[np.int64]


def good_times(
    archive: ArchiveReader,
    legs: Sequence[AnyLeg],
    ranges: Sequence[Range] | None = None,
    pauses: Mapping[LegKey, Ints] | None = None,
) -> list[list[float]]:
    """Return when legs were exposed: pairs of start and end, GALEX s, rising and disjoint.

    Parameters
    ----------
    archive : ArchiveReader
        Knows their pauses: 50 ms or more without a good photon (table ``shutter_gaps``).
    legs : sequence of AnyLeg
        Legs with good photons; those of both bands of a visit overlap, and are joined.
    ranges : sequence of (int, int), optional
        GALEX ms, to be kept to.
    pauses : mapping, optional
        As `leg_tables.pauses_of_legs` has them, if they were read already.
    """
    if pauses is None:
        pauses = pauses_of_legs(archive, legs) if legs else {}
    none = np.empty((0, 2), np.int64)
    parts = [_open_ms(leg, pauses.get(key_of(leg), none)) for leg in legs]
    kept = _joined(np.concatenate([none, *parts]))
    if ranges is not None:
        # Ranges that touch have bins of their own, but time between them goes on.
        wanted = _joined(np.array(ranges, np.int64).reshape(-1, 2))
        kept = [[max(a, c), min(b, d)] for a, b in kept for c, d in wanted if max(a, c) < min(b, d)]
    return [[a / 1000, b / 1000] for a, b in kept]


def _open_ms(leg: AnyLeg, pauses: Ints) -> Ints:
    """Return the intervals before, between and after the pauses of a leg."""
    first, last = observed_span_ms(leg)
    closed, opened = pauses[(pauses[:, 0] >= first) & (pauses[:, 1] < LATEST)].T
    starts = np.maximum.accumulate(np.concatenate([[first], opened]))
    stops = np.minimum(np.concatenate([closed, [last]]), last) + 1
    if starts[-1] > last:
        starts, stops = starts[:-1], stops[:-1]
    return np.column_stack([starts, stops])


def _joined(intervals: Ints) -> list[list[int]]:
    """Return the union of intervals, rising."""
    if not len(intervals):
        return []
    start, stop = intervals[np.lexsort(intervals.T[::-1])].T
    until = np.maximum.accumulate(stop)
    new = np.flatnonzero(np.concatenate([[True], start[1:] > until[:-1]]))
    joined: list[list[int]] = np.column_stack([start[new], np.maximum.reduceat(stop, new)]).tolist()
    return joined
