"""Good time intervals: when the shutter of the legs of a product was open."""

from collections.abc import Sequence

import numpy as np

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.products.leg_tables import LATEST, key_of, pauses_of_legs
from gphoton_db.products.reader import ArchiveReader, observed_span_ms
from gphoton_db.products.sky_places import Range


def good_times(
    archive: ArchiveReader, legs: Sequence[LegRecord], ranges: Sequence[Range] | None = None
) -> list[list[float]]:
    """Return when legs were exposed: pairs of start and end, GALEX s, rising and disjoint.

    Parameters
    ----------
    archive : ArchiveReader
        Knows their pauses: 50 ms or more without a good photon (table ``shutter_gaps``).
    legs : sequence of LegRecord
        Legs with good photons; those of both bands of a visit overlap, and are joined.
    ranges : sequence of (int, int), optional
        GALEX ms, to be kept to.
    """
    open_ms: list[list[int]] = []
    pauses = pauses_of_legs(archive, legs) if legs else {}
    for leg in legs:
        first, last = observed_span_ms(leg)
        start = first
        for t0, t1 in pauses.get(key_of(leg), np.empty((0, 2), np.int64)).tolist():
            if t0 >= first and t1 < LATEST:
                open_ms.append([start, min(t0, last) + 1])
                start = max(t1, start)
        if start <= last:
            open_ms.append([start, last + 1])
    kept = _joined(open_ms)
    if ranges is not None:
        # Ranges that touch have bins of their own, but time between them goes on.
        wanted = _joined([list(each) for each in ranges])
        kept = [[max(a, c), min(b, d)] for a, b in kept for c, d in wanted if max(a, c) < min(b, d)]
    return [[a / 1000, b / 1000] for a, b in kept]


def _joined(intervals: list[list[int]]) -> list[list[int]]:
    """Return the union of intervals, rising."""
    joined: list[list[int]] = []
    for start, stop in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], stop)
        else:
            joined.append([start, stop])
    return joined
