"""Bins of a light curve, and their exposure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.exposure import Ticks, exposure_between
from gphoton_db.mission import Band
from gphoton_db.products.quantities import seconds_of
from gphoton_db.products.reader import observed_span_ms
from gphoton_db.products.sky_places import Range
from gphoton_db.query.constants import LATEST_S, MOST_BINS, SHORTEST_STEP_S

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Bins:
    """Intervals ``t0 <= t < t1`` of a leg, rising, GALEX ms, and the exposure of each, s."""

    t0_ms: Ints
    t1_ms: Ints
    exposure: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.t0_ms)


def step_in_ms(step: Any) -> int | None:
    """Return the length of a bin (s, or a quantity) in whole milliseconds; None: one bin a leg.

    Raises
    ------
    ProductError
        If it is none.
    """
    if step is None:
        return None
    seconds = seconds_of(step, "step")
    if not SHORTEST_STEP_S <= seconds <= LATEST_S:
        raise ProductError(
            f"a step of {seconds:g} s makes no bins: give seconds, from {SHORTEST_STEP_S:g}, or "
            "None for one bin a visit"
        )
    return round(seconds * 1000)


def spans_of(leg: LegRecord, step_ms: int | None, ranges: Sequence[Range] | None) -> Ints:
    """Return the bins of a leg, (n, 2) GALEX ms.

    They start at the first photon on the detector, as frames of movies do, and the last is not
    cut.  Within `ranges` each range has bins of its own: they start with it, or with the leg, and
    the last is cut where the range ends.

    Raises
    ------
    ProductError
        If there are more than a million.
    """
    first, last = observed_span_ms(leg)
    pieces = []
    wanted: Sequence[tuple[int, int | None]] = ranges or [(first, None)]
    for start, stop in wanted:
        begin = max(start, first)
        end = last + 1 if stop is None else min(stop, last + 1)
        if begin >= end:
            continue
        step = step_ms or end - begin
        n = -(-(end - begin) // step)
        if n > MOST_BINS:
            raise ProductError(
                f"a step of {step / 1000:g} s makes {n:,} bins of eclipse {leg.eclipse} "
                f"{leg.band} leg {leg.leg}: give a longer one"
            )
        t0 = begin + step * np.arange(n, dtype=np.int64)
        t1 = t0 + step
        if stop is not None:
            t1 = np.minimum(t1, stop)
        pieces.append(np.column_stack([t0, t1]))
    return np.concatenate(pieces) if pieces else np.empty((0, 2), np.int64)


def bin_lengths(t0: NDArray[np.float64], t1: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the lengths of bins (s) from their ends (s), in whole milliseconds.

    Bins are not all of one length: time ranges cut them, and with one bin a leg each has its own.
    """
    return np.asarray((np.rint(t1 * 1000) - np.rint(t0 * 1000)) / 1000.0)


def exposed(spans: Ints, ticks: Ticks, band: Band) -> Bins:
    """Return bins with their exposure, exact and corrected for dead time."""
    exposure = [exposure_between(ticks, int(a), int(b), band).effective for a, b in spans]
    t0, t1 = spans.T
    return Bins(t0.copy(), t1.copy(), np.array(exposure, float))
