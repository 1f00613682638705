"""Tests of bins of a few seconds for what goes with time, place or a sinusoid, all sources at once.

Each is a score test: of the Poisson likelihood of a constant with a small multiple of some terms
added to it.  Terms are the same for all sources, so that they are products of matrices.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.variables.curves import Curves
from gphoton_db.products.variables.detector import is_dither
from gphoton_db.products.variables.probabilities import LEAST_PHOTONS

Floats = NDArray[np.float64]

HIGHEST_HZ = 0.09
"""A little below the highest frequency that bins of 5 s have."""

LONGEST_PERIOD = 1.5
"""A period is looked for if the leg has it so often."""

OVERSAMPLING = 2
"""Frequencies are so many in the resolution, 1 / length of the leg."""

SMALLEST = 1e-9
"""Of terms that are combinations of others, so much of the largest is taken to be nothing."""


class Periods(NamedTuple):
    """The highest peak of each source's periodogram: (n,) s, probability, part of the mean."""

    period: Floats
    probability: Floats
    amplitude: Floats


class FineTests(NamedTuple):
    """What fine bins say of n sources.

    Probabilities that a constant one goes so with time, and with place; the part of the variance
    that goes with place; periods.
    """

    trend: Floats
    dither: Floats
    dither_part: Floats
    periods: Periods


def fine_tests(curves: Curves, terms: Floats, step: int) -> FineTests:
    """Return what fine bins say.

    Parameters
    ----------
    curves : Curves
        In bins of a few seconds.
    terms : (bins, k) float64
        Of the place on the detector, as `dither_terms` returns them.
    step : int
        Length of the bins, s.
    """
    from scipy.special import chdtrc, fdtrc

    used, photons = curves.used, curves.photons
    n_bins, known = int(used.sum()), photons >= LEAST_PHOTONS
    unknown = np.full(len(photons), np.nan)
    if n_bins < 10 or not known.any():
        return FineTests(unknown, unknown, unknown, Periods(unknown, unknown, unknown))
    excess = (curves.counts - curves.expected)[:, used]
    shape = curves.expected[known].sum(axis=0)[used]
    shape /= shape.sum()
    scatter = _pearson(excess, curves.expected[:, used])
    time = (np.flatnonzero(used)[:, None].astype(np.float64) + 0.5) * step
    trend, _ = _score(excess, shape, time, photons)
    place, rank = _score(excess, shape, terms[used], photons)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.maximum(scatter - place, 0.0) / max(n_bins - 1 - rank, 1)
        dither = fdtrc(rank, n_bins - 1 - rank, place / rank / rest) if rank else unknown
        found = FineTests(
            chdtrc(1, trend),
            dither,
            place / scatter if rank else unknown,
            _periods(excess, shape, time[:, 0], photons, scatter),
        )
    mask = [np.where(known, each, np.nan) for each in (*found[:3], *found.periods)]
    return FineTests(mask[0], mask[1], mask[2], Periods(*mask[3:]))


def _pearson(excess: Floats, expected: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(expected > 0, excess**2 / expected, 0.0).sum(axis=1))


def _score(excess: Floats, shape: Floats, terms: Floats, photons: Floats) -> tuple[Floats, int]:
    """Return score statistics, which are chi squared, and their degrees of freedom."""
    centred = terms - shape @ terms
    scale = np.sqrt(shape @ centred**2)
    centred = centred[:, scale > 0] / scale[scale > 0]
    value, vector = np.linalg.eigh(centred.T @ (shape[:, None] * centred))
    real = value > SMALLEST * max(value.max(initial=0.0), 1.0)
    own = centred @ (vector[:, real] / np.sqrt(value[real]))
    with np.errstate(divide="ignore", invalid="ignore"):
        return ((excess @ own) ** 2).sum(axis=1) / photons, int(real.sum())


def _periods(
    excess: Floats, shape: Floats, time: Floats, photons: Floats, scatter: Floats
) -> Periods:
    """Return the highest peaks; `scatter` is chi squared: more than noise has makes them less."""
    length = time[-1] - time[0]
    resolution = 1.0 / length
    frequency = np.arange(LONGEST_PERIOD, HIGHEST_HZ * length, 1.0 / OVERSAMPLING) * resolution
    frequency = frequency[~is_dither(frequency, resolution)]
    unknown = np.full(len(photons), np.nan)
    if not len(frequency):
        return Periods(unknown, unknown, unknown)
    angle = 2 * np.pi * (time - time.mean())[:, None] * frequency
    cosine, sine = (
        (each - shape @ each).astype(np.float32) for each in (np.cos(angle), np.sin(angle))
    )
    cc, ss, cs = (shape @ (a * b) for a, b in ((cosine, cosine), (sine, sine), (cosine, sine)))
    values = excess.astype(np.float32)
    along, across = values @ cosine, values @ sine
    determinant = cc * ss - cs**2
    power = (along**2 * ss - 2 * along * across * cs + across**2 * cc) / determinant
    best = power.argmax(axis=1)
    rows = np.arange(len(best))
    a, b = along[rows, best], across[rows, best]
    highest = power[rows, best] / photons
    # Of what varies otherwise, a flare say, every frequency has a part.
    rest = np.maximum((scatter - highest) / (len(time) - 3), 1.0)
    height = highest / rest / 2
    # So many frequencies are independent of each other; measured with constant sources.
    n_free = len(frequency) * TRIALS / OVERSAMPLING
    probability = -np.expm1(n_free * np.log1p(-np.minimum(np.exp(-height), 1 - 1e-9)))
    first = (a * ss[best] - b * cs[best]) / determinant[best]
    second = (b * cc[best] - a * cs[best]) / determinant[best]
    return Periods(1 / frequency[best], probability, np.hypot(first, second) / photons)


TRIALS = 1.5
"""Independent frequencies in the resolution, as there are between the steps of it."""
