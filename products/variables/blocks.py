"""Bayesian blocks of the photons of those sources that seem to vary."""

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.variables.curves import SourceTimes

FALSE_POSITIVES = 1e-3
"""Of a change between blocks, by chance (Scargle et al. 2013, ApJ 764, 167)."""

MOST_TIMES = 1_500
"""Of a source's photons; where it has more, they are counted by the second first, or by several."""

Floats = NDArray[np.float64]


def blocks_of(of: SourceTimes, rows: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the number of blocks of some sources, and the rate of the highest one, 1/s.

    Time goes as a constant source would have photons, so that gaps, dead time and the sky's
    brightness make no blocks.

    Returns
    -------
    n_blocks, highest : (n,) float64
        NaN for all other sources.
    """
    number, highest = np.full(len(of), np.nan), np.full(len(of), np.nan)
    for row in rows:
        number[row], highest[row] = _blocks(of, int(row))
    return number, highest


def _blocks(of: SourceTimes, row: int) -> tuple[float, float]:
    from astropy.stats import bayesian_blocks

    mine = slice(of.start[row], of.start[row + 1])
    model, part = of.model, of.model.background[row]
    elapsed = (1 - part) * model.live + part * model.sky
    times = np.interp(of.times.t_ms[mine] / 1000, np.arange(len(elapsed)), elapsed)
    weight = of.times.weight[mine].astype(np.float64)
    step = 0.0
    if len(times) > MOST_TIMES:
        step = elapsed[-1] / MOST_TIMES
        times = (np.floor(times / step) + 0.5) * step
    when, which, counts = np.unique(times, return_inverse=True, return_counts=True)
    if len(when) < 2:
        return np.nan, np.nan
    edges = bayesian_blocks(when, counts, fitness="events", p0=FALSE_POSITIVES)
    edges[0], edges[-1] = 0.0, elapsed[-1]
    block = np.clip(np.searchsorted(edges, when, side="right") - 1, 0, len(edges) - 2)
    weights = np.bincount(block[which], weight, len(edges) - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = weights / np.diff(edges)
    return float(len(edges) - 1), float(np.nanmax(rates))
