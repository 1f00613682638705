"""Bins of a light curve, and their exposure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import AnyLeg
from gphoton_db.errors import ProductError
from gphoton_db.exposure import Ticks
from gphoton_db.mission import DEAD_TIME, SHUTTER_GAP_MS, Band
from gphoton_db.products.leg_tables import (
    EARLIEST,
    LATEST,
    LegKey,
    ListedFile,
    key_of,
)
from gphoton_db.products.leg_times import events_of_legs
from gphoton_db.products.quantities import seconds_of
from gphoton_db.products.reader import ArchiveReader, observed_span_ms
from gphoton_db.products.sky_places import Range
from gphoton_db.query.constants import LATEST_S, MOST_BINS, SHORTEST_STEP_S

Ints = NDArray[np.int64]

LEG_MS = 1 << 43
"""Longer than the bins of a leg: 279 years, and no bin is longer than 127 years."""


@dataclass(frozen=True, eq=False)
class Bins:
    """Intervals ``t0 <= t < t1`` of a leg, rising, GALEX ms, and the exposure of each, s."""

    t0_ms: Ints
    t1_ms: Ints
    exposure: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.t0_ms)

    def part(self, start: int, stop: int) -> "Bins":
        """Return those from one number to before another."""
        chosen = slice(start, stop)
        return Bins(self.t0_ms[chosen], self.t1_ms[chosen], self.exposure[chosen])

    @classmethod
    def join(cls, parts: "Sequence[Bins]") -> "Bins":
        """Return the bins of several legs, at least one: those of the first, of the second, ..."""
        columns = ((each.t0_ms, each.t1_ms, each.exposure) for each in parts)
        return cls(*(np.concatenate(column) for column in zip(*columns, strict=True)))


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


def spans_of(leg: AnyLeg, step_ms: int | None, ranges: Sequence[Range] | None) -> Ints:
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
    """Return bins with their exposure, exact and corrected for dead time.

    Parameters
    ----------
    spans : (n, 2) int64
        GALEX ms, rising; they do not overlap.
    ticks : Ticks
        Of the leg.
    band : Band
        Whose dead time.
    """
    return exposed_between(spans, ticks, pauses_in(ticks), band)


def exposed_between(spans: Ints, events: Ticks, pauses: Ints, band: Band) -> Bins:
    """Return bins with their exposure, as `exposure.exposure_between` works out that of each.

    Parameters
    ----------
    spans : (n, 2) int64
        GALEX ms, rising; they do not overlap.
    events : Ticks
        How many there are, at least by the second.
    pauses : (m, 2) int64
        As `leg_tables.pauses_of_legs` has them.
    band : Band
        Whose dead time.
    """
    t0, t1 = spans.T.copy()
    # What lies in a bin of a pause that crosses its ends is a pause of its own.
    first = np.searchsorted(t1, pauses[:, 0], side="right")
    n_bins = np.maximum(np.searchsorted(t0, pauses[:, 1], side="left") - first, 0)
    pause = np.repeat(np.arange(len(pauses)), n_bins)
    within = np.arange(len(pause)) - np.repeat(np.cumsum(n_bins) - n_bins, n_bins)
    in_bin = first[pause] + within
    length = np.minimum(pauses[pause, 1], t1[in_bin]) - np.maximum(pauses[pause, 0], t0[in_bin])
    closed = np.zeros(len(spans), np.int64)
    np.add.at(closed, in_bin, np.where(length >= SHUTTER_GAP_MS, length, 0))
    raw = (t1 - t0 - closed) / 1000.0
    counted = np.concatenate([[0], np.cumsum(events.unflagged)])
    until_start, until_end = (counted[np.searchsorted(events.t_ms, edge)] for edge in (t0, t1))
    with np.errstate(divide="ignore", invalid="ignore"):
        live = DEAD_TIME[band].live_seconds(raw, (until_end - until_start).astype(float))
    return Bins(t0, t1, np.where(raw > 0, live, 0.0))


def pauses_in(ticks: Ticks) -> Ints:
    """Return when the shutter was closed, (n, 2) GALEX ms; see `leg_tables.pauses_of_legs`."""
    seen = ticks.t_ms[ticks.unflagged > 0]
    edges = np.concatenate([[EARLIEST], seen, [LATEST]])
    long = np.diff(edges) >= SHUTTER_GAP_MS
    return np.column_stack([edges[:-1][long], edges[1:][long]])


def on_one_line(times: Sequence[Ints], origins: Ints) -> Ints:
    """Return times of legs one after the other, as if all legs were parts of one long leg.

    Parameters
    ----------
    times : sequence of (n,) int64
        Of each leg, GALEX ms.
    origins : (k,) int64
        Times near which each leg was.  What is further away than `LEG_MS` is nowhere near it.

    Returns
    -------
    (m,) int64
        Milliseconds from the origin, in the order of the legs, and far from those of other legs.
    """
    near = np.concatenate(times) - np.repeat(origins, [len(each) for each in times])
    return np.clip(near, -LEG_MS, LEG_MS) + np.repeat(
        4 * LEG_MS * np.arange(len(times)), [len(each) for each in times]
    )


def exposed_together(
    spans: Sequence[Ints], events: Sequence[Ticks], pauses: Sequence[Ints], band: Band
) -> list[Bins]:
    """Return the bins of legs of a band, at least one, with their exposure.

    The same as `exposed_between` of each leg, in one go.
    """
    origins = np.array([each[0, 0] for each in spans])
    edges = [on_one_line([each[:, k] for each in spans], origins) for k in (0, 1)]
    closed = [on_one_line([each[:, k] for each in pauses], origins) for k in (0, 1)]
    counts = (
        np.concatenate([getattr(each, name) for each in events]) for name in ("events", "unflagged")
    )
    ticks = Ticks(on_one_line([each.t_ms for each in events], origins), *counts)
    together = exposed_between(np.column_stack(edges), ticks, np.column_stack(closed), band)
    ends = np.cumsum([len(each) for each in spans])
    exposures = zip(spans, np.split(together.exposure, ends[:-1]), strict=True)
    return [Bins(span[:, 0].copy(), span[:, 1].copy(), each) for span, each in exposures]


def bins_of_legs(
    archive: ArchiveReader,
    legs: Sequence[AnyLeg],
    spans: Sequence[Ints],
    files: Mapping[LegKey, Sequence[ListedFile]],
    pauses: Mapping[LegKey, Ints],
    threads: int,
) -> list[Bins]:
    """Return the bins of legs with their exposure.

    Parameters
    ----------
    spans : sequence of (n, 2) int64
        The bins of each leg, GALEX ms, at least one.
    files, pauses : mapping
        As `leg_tables.files_of_legs` and `pauses_of_legs` return them.
    threads : int
        How many read.
    """
    events = events_of_legs(archive, legs, spans, files, threads)
    found: dict[int, Bins] = {}
    for band in Band:
        chosen = [k for k, leg in enumerate(legs) if leg.band == band]
        if chosen:
            together = exposed_together(
                [spans[k] for k in chosen],
                [events[k] for k in chosen],
                [pauses[key_of(legs[k])] for k in chosen],
                band,
            )
            found |= zip(chosen, together, strict=True)
    return [found[k] for k in range(len(legs))]
