"""Where a light curve is above its quiescence: the ranges of flares, without any model."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LOW_BINS = 2
"""So many bins in a row within one error of quiescence end a flare; they still belong to it."""

CLIP_SIGMA, CLIP_ROUNDS = 3.0, 5

MOST_ROUNDS = 10
"""Quiescence and ranges are worked out in turn until the ranges stay, or so many times."""

FEWEST_QUIET = 3
"""Fewer bins outside of flares say nothing of quiescence."""


@dataclass(frozen=True)
class Range:
    """A flare's bins, first and last, and whether something else than the flare ended it.

    Parameters
    ----------
    first, last : int
        Numbers of the bins, both in the flare.
    cut_before, cut_after : bool
        Whether the bins ended, at the visit's end or a gap, before the flare did.
    """

    first: int
    last: int
    cut_before: bool
    cut_after: bool

    @property
    def bins(self) -> slice:
        """The bins, as a slice."""
        return slice(self.first, self.last + 1)


@dataclass(frozen=True)
class Quiescence:
    """The rate outside of flares, 1/s, its error, and over which bins it is a mean."""

    rate: float
    error: float
    bins: Bools


def clipped_median(values: Floats) -> float:
    """Return the median without what is further than 3 standard deviations off; NaN of nothing."""
    values = values[np.isfinite(values)]
    for _ in range(CLIP_ROUNDS):
        if not len(values):
            break
        off = np.abs(values - np.median(values))
        near = values[off <= CLIP_SIGMA * np.std(values)]
        if len(near) == len(values):
            break
        values = near
    return float(np.median(values)) if len(values) else float("nan")


def ranges_above(
    rate: Floats,
    error: Floats,
    level: float,
    seeds: Bools,
    pieces: Sequence[int] = (),
    *,
    error_of_first: bool = False,
) -> list[Range]:
    """Return the ranges around seeds, extended both ways until the rate is back at a level.

    Parameters
    ----------
    rate, error : (n,) float64
        Of the bins, 1/s.
    level : float
        The quiescent rate, 1/s.
    seeds : (n,) bool
        Bins that are surely above it.
    pieces : sequence of int
        Bins, but for the first, that a gap is before; no range reaches across.
    error_of_first : bool
        Whether the second of the two bins that end a flare is taken with the error of the first,
        as it was for GJ 65.

    Returns
    -------
    list of Range
        In order of time; those that touch are one.
    """
    low = rate - error < level
    second = (low, low)
    if error_of_first:
        second = (rate - np.roll(error, -1) < level, rate - np.roll(error, 1) < level)
    edges = [0, *pieces, len(rate)]
    found: list[Range] = []
    for start, stop in pairwise(edges):
        inside = np.zeros(stop - start, bool)
        cut = [False, False]
        runs = _runs(seeds[start:stop])
        for first, last in runs:
            backwards = slice(start, start + first + 1)
            begin, before = _extended(low[backwards][::-1], second[0][backwards][::-1])
            end, after = _extended(low[start + last : stop], second[1][start + last : stop])
            inside[first - begin : last + end + 1] = True
            cut = [cut[0] or before, cut[1] or after]
        for first, last in _runs(inside):
            at_ends = (first == 0 and cut[0], last == stop - start - 1 and cut[1])
            found.append(Range(first + start, last + start, *at_ends))
    return found


def _extended(low: Bools, second: Bools) -> tuple[int, bool]:
    """Return how many bins follow a seed, the first of these, and whether their end cut it.

    `low`, `second`: which bins are within one error of quiescence, and as the second in a row.
    """
    for number in range(2, len(low)):
        if low[number - 1] and second[number]:
            return number, False
    return len(low) - 1, True


def _runs(chosen: Bools) -> list[tuple[int, int]]:
    """Return the first and last number of each run of what is chosen."""
    steps = np.diff(np.concatenate([[0], chosen.astype(np.int8), [0]]))
    firsts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return list(zip(firsts.tolist(), (ends - 1).tolist(), strict=True))


def outside(n: int, ranges: Sequence[Range]) -> Bools:
    """Return which of n bins are in no flare."""
    quiet = np.ones(n, bool)
    for each in ranges:
        quiet[each.bins] = False
    return quiet


def mean_rate(rate: Floats, error: Floats, exposure: Floats, quiet: Bools) -> Quiescence:
    """Return the mean rate of some bins, weighted with their exposures; NaN of too few."""
    weight = np.where(quiet & np.isfinite(rate), exposure, 0.0)
    total = float(weight.sum())
    if np.count_nonzero(weight > 0) < FEWEST_QUIET or total <= 0:
        return Quiescence(float("nan"), float("nan"), quiet)
    mean = float(np.where(weight > 0, weight * rate, 0.0).sum() / total)
    noise = float(np.sqrt(np.where(weight > 0, (weight * error) ** 2, 0.0).sum()) / total)
    return Quiescence(mean, noise, quiet)


def find_ranges(
    rate: Floats,
    error: Floats,
    exposure: Floats,
    sigma: float,
    pieces: Sequence[int] = (),
    *,
    usable: Bools | None = None,
    rounds: int = MOST_ROUNDS,
    error_of_first: bool = False,
) -> tuple[list[Range], Quiescence]:
    """Return the flares of a series of bins, and its quiescence.

    Parameters
    ----------
    rate, error, exposure : (n,) float64
        Of the bins: 1/s, 1/s, s.
    sigma : float
        How many errors above quiescence a seed is.
    pieces : sequence of int
        See `ranges_above`.
    usable : (n,) bool, optional
        Bins that may be seeds; None: all.
    rounds : int
        How often ranges are worked out again with the quiescence outside of them.
    error_of_first : bool
        See `ranges_above`.

    Returns
    -------
    list of Range, Quiescence
        No range where quiescence is not known, which is then NaN.
    """
    usable = np.ones(len(rate), bool) if usable is None else usable
    level = clipped_median(rate)
    quiescence = Quiescence(float("nan"), float("nan"), np.ones(len(rate), bool))
    ranges: list[Range] = []
    for number in range(rounds + 1):
        seeds = usable & (rate - sigma * error >= level) & (error > 0)
        before = ranges
        ranges = ranges_above(rate, error, level, seeds, pieces, error_of_first=error_of_first)
        if number and (ranges == before or number == rounds):
            break
        quiescence = mean_rate(rate, error, exposure, outside(len(rate), ranges))
        level = quiescence.rate
        if np.isnan(level):
            return [], quiescence
    return ranges, quiescence
