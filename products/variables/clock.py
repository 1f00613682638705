"""Time in a leg: exposure second by second, bins, and how bright the sky is in them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.exposure import Ticks, live_seconds
from gphoton_db.mission import Band
from gphoton_db.products.kernels.bursts import Model

LEAST_SKY_PHOTONS = 400
"""In the middle bin: of fewer, the sky's own noise would make sources vary, so it is taken to be
constant."""

LEAST_EXPOSED = 0.5
"""Part of a bin that must be exposed for it to be used."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LegClock:
    """Seconds of a leg from its first photon on, the same of both bands.

    Parameters
    ----------
    start_ms : int
        GALEX time of the first.
    live : (seconds,) float64
        Exposure in each, s, corrected for dead time.
    """

    start_ms: int
    live: Floats

    @classmethod
    def of(cls, ticks: Ticks, span_ms: tuple[int, int], band: Band) -> "LegClock":
        """Return the clock of a band between the first and the last photon of a leg, GALEX ms."""
        start_ms, last_ms = span_ms
        n_seconds = (last_ms - start_ms) // 1000 + 1
        edges = start_ms + 1000 * np.arange(n_seconds + 1)
        if not len(ticks.t_ms):
            return cls(start_ms, np.zeros(n_seconds))
        return cls(start_ms, np.maximum(live_seconds(ticks, edges, band), 0.0))

    @property
    def n_seconds(self) -> int:
        """How many there are."""
        return len(self.live)

    def binned(self, seconds: NDArray[np.generic], step: int) -> Floats:
        """Return sums of what each second has over bins of so many seconds."""
        n_bins = -(-self.n_seconds // step)
        filled = np.zeros(n_bins * step)
        filled[: self.n_seconds] = seconds
        return np.asarray(filled.reshape(n_bins, step).sum(axis=1))

    def used(self, step: int) -> NDArray[np.bool_]:
        """Return which bins of so many seconds are exposed for half of them."""
        return np.asarray(self.binned(self.live, step) >= LEAST_EXPOSED * step)

    def sky(self, photons: NDArray[np.int64], step: int) -> Floats:
        """Return the brightness of the sky in each second, relative to its mean.

        Parameters
        ----------
        photons : (seconds,) int64
            Near no source.
        step : int
            Seconds of the bins that they are counted in; between these it is interpolated.
        """
        flat = np.ones(self.n_seconds)
        exposure, counts, used = (
            self.binned(self.live, step),
            self.binned(photons, step),
            self.used(step),
        )
        if used.sum() < 2 or np.median(counts[used]) < LEAST_SKY_PHOTONS:
            return flat
        middle = (np.flatnonzero(used) + 0.5) * step
        rate = counts[used] / exposure[used]
        found = np.interp(np.arange(self.n_seconds) + 0.5, middle, rate)
        return np.asarray(found * self.live.sum() / (found * self.live).sum())

    def model(self, sky: Floats, background: Floats, weights: Floats) -> Model:
        """Return what constant sources have up to each second.

        Parameters
        ----------
        sky : (seconds,) float64
            As `sky` returns it.
        background : (n,) float64
            Part of each source that is sky.
        weights : (n,) float64
            Sums over its photons.
        """
        live = np.concatenate([[0.0], np.cumsum(self.live)])
        lit = np.concatenate([[0.0], np.cumsum(self.live * sky)])
        # The sky's mean is 1, so that the time of all models is the exposure.
        total = live[-1] if live[-1] > 0 else np.nan
        return Model(live, lit, background, np.nan_to_num(weights / total))
