"""Binned light curves of the sources of a band, beside those of constant sources."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.kernels.aperture_lists import Times, add_to_bins
from gphoton_db.products.kernels.bursts import Model
from gphoton_db.products.variables.clock import LegClock

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SourceTimes:
    """When the photons of n sources arrived, and what constant ones have by then.

    Parameters
    ----------
    start : (n + 1,) int64
        Where the photons of each start in `times`.
    times : Times
        Photons, in the order of time.
    model : Model
        Of constant sources.
    clock : LegClock
        Seconds of the leg.
    """

    start: NDArray[np.int64]
    times: Times
    model: Model
    clock: LegClock

    def __len__(self) -> int:
        return len(self.start) - 1

    @property
    def photons(self) -> NDArray[np.int64]:
        """Of each source."""
        return np.diff(self.start)

    def part(self, rows: slice) -> "SourceTimes":
        """Return some of them, one after the other."""
        start = self.start[rows.start : rows.stop + 1]
        here = slice(start[0], start[-1])
        model = self.model._replace(
            background=self.model.background[rows], rate=self.model.rate[rows]
        )
        times = Times(self.times.t_ms[here], self.times.weight[here])
        return SourceTimes(start - start[0], times, model, self.clock)


@dataclass(frozen=True, eq=False)
class Curves:
    """Light curves of n sources in bins.

    Parameters
    ----------
    counts, weights, expected : (n, bins) float64
        Photons, sums of their weights, and photons that a constant source with as many of them in
        the bins that are used has in each.
    exposure : (bins,) float64
        Seconds.
    used : (bins,) bool
        Which are exposed for half of their length.
    """

    counts: Floats
    weights: Floats
    expected: Floats
    exposure: Floats
    used: NDArray[np.bool_]

    @property
    def photons(self) -> Floats:
        """Of each source in the bins that are used."""
        return np.asarray(self.counts[:, self.used].sum(axis=1))

    def rates(self) -> tuple[Floats, Floats]:
        """Return rates of weights, 1/s, and their errors; of bins that are not used 0."""
        seconds = np.where(self.used, self.exposure, np.inf)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.where(self.counts > 0, self.weights / self.counts, 0.0)
        return self.weights / seconds, mean * np.sqrt(self.counts) / seconds


def curves_of(of: SourceTimes, step: int) -> Curves:
    """Return light curves in bins of so many seconds."""
    clock, model = of.clock, of.model
    exposure, used = clock.binned(clock.live, step), clock.used(step)
    lit = clock.binned(np.diff(model.sky), step)
    counts, weights = np.zeros((len(of), len(used))), np.zeros((len(of), len(used)))
    add_to_bins(of.start, of.times, 1000 * step, counts, weights)
    part = model.background[:, None]
    shape = ((1 - part) * exposure + part * lit) * _response(counts, weights)
    expected = np.where(used, shape, 0.0)
    total, photons = expected.sum(axis=1), counts[:, used].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected *= np.nan_to_num(photons / total)[:, None]
    return Curves(counts, weights, expected, exposure, used)


def _response(counts: Floats, weights: Floats) -> Floats:
    """Return the mean response of each bin's photons; where there are none, that of the source."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = counts.sum(axis=1) / weights.sum(axis=1)
        return np.where(counts > 0, counts / weights, np.nan_to_num(mean, nan=1.0)[:, None])
