"""How probable what was measured is of a constant source."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_PHOTONS = 10
"""Of a source: of fewer, no statistic of its bins says anything, and all are NULL."""

_LOWEST, _STEP, _N_MEANS = np.log(1e-5), 0.1, 208
"""Logarithms of the mean counts that moments are tabulated for: 1e-5 to 10,000."""


@cache
def ratio_moments() -> tuple[Floats, float, float]:
    """Return moments of twice the logarithm of Poisson likelihood ratios, by the mean count.

    They are those of Cash's statistic of a bin (Kaastra 2017, A&A 605, A51), worked out as sums
    over the counts; the covariance with these is needed as the mean is fitted.

    Returns
    -------
    moments : (means, 3) float64
        Mean, variance, covariance with the counts.
    lowest, step : float
        Logarithm of the first mean, and between one and the next.
    """
    from scipy.special import gammaln, xlogy

    found = np.empty((_N_MEANS, 3))
    for k, mean in enumerate(np.exp(_LOWEST + _STEP * np.arange(_N_MEANS))):
        width = 12 * np.sqrt(mean) + 30
        counts = np.arange(max(np.floor(mean - width), 0), np.ceil(mean + width))
        weight = np.exp(counts * np.log(mean) - mean - gammaln(counts + 1))
        ratio = 2 * (mean - counts + xlogy(counts, counts / mean))
        expected = weight @ ratio
        found[k] = expected, weight @ (ratio - expected) ** 2, weight @ (ratio * (counts - mean))
    return found, float(_LOWEST), _STEP


def constant(ratio: Floats, moments: Floats, photons: Floats) -> Floats:
    """Return the probability of a likelihood ratio, or a larger one, of a constant source.

    Parameters
    ----------
    ratio : (n,) float64
        Twice its logarithm, over all bins.
    moments : (n, 3) float64
        Sums over the bins of the moments of `ratio_moments`.
    photons : (n,) float64
        In all bins.

    Returns
    -------
    (n,) float64
        From a gamma distribution with its mean and variance where the sum of the counts is given.
    """
    from scipy.special import gammaincc

    table, lowest, step = ratio_moments()
    with np.errstate(divide="ignore", invalid="ignore"):
        # The ratio against the true rate is this one and that of the sum of all counts.
        fitted = np.interp(np.log(photons), lowest + step * np.arange(len(table)), table[:, 0])
        mean = moments[:, 0] - fitted
        variance = moments[:, 1] - moments[:, 2] ** 2 / photons
        found = gammaincc(mean**2 / variance, np.maximum(ratio, 0.0) * mean / variance)
    return np.where((photons >= LEAST_PHOTONS) & (mean > 0) & (variance > 0), found, np.nan)


def burst(photons: Floats, expected: Floats, total: Floats) -> Floats:
    """Return the probability that some window of a length has so many photons.

    Alm (1983), Scand. J. Statist. 10, 117, for windows that move over a Poisson process.

    Parameters
    ----------
    photons, expected : float64
        In the fullest window; 0 photons: none has more than expected, which is 1.
    total : float64
        Photons in all of the time.
    """
    from scipy.special import pdtrc

    with np.errstate(divide="ignore", invalid="ignore"):
        above = pdtrc(photons - 1, expected)
        clumps = (1 - expected / photons) * np.maximum(total - expected, 0)
        rate = clumps * _poisson(photons - 1, expected)
        found = above - np.expm1(-rate) * (1 - above)
    return np.where(photons > 0, np.clip(found, 0.0, 1.0), 1.0)


def dip(photons: Floats, expected: Floats, total: Floats) -> Floats:
    """Return the probability that some window has so few photons; 0 expected: none has, so 1."""
    from scipy.special import pdtr

    with np.errstate(divide="ignore", invalid="ignore"):
        below = pdtr(photons, expected)
        clumps = (1 - photons / expected) * np.maximum(total - expected, 0)
        rate = clumps * _poisson(photons, expected)
        found = below - np.expm1(-rate) * (1 - below)
    return np.where(expected > 0, np.clip(found, 0.0, 1.0), 1.0)


def any_of(probabilities: Floats, trials: float) -> Floats:
    """Return the probability of the smallest in each row, which is as good as of so many trials."""
    least = np.minimum(probabilities.min(axis=-1), 1 - 1e-16)
    return np.asarray(-np.expm1(trials * np.log1p(-least)))


def at_least(photons: Floats, expected: Floats) -> Floats:
    """Return the probability of so many photons, or more."""
    from scipy.special import pdtrc

    return np.where(photons > 0, pdtrc(np.maximum(photons, 1) - 1, expected), 1.0)


def both(one: Floats, other: Floats) -> Floats:
    """Return the probability of the product of two probabilities (Fisher's method)."""
    product = np.maximum(one * other, 1e-300)
    return np.asarray(product * (1 - np.log(product)))


def normal(statistic: Floats) -> Floats:
    """Return the probability of Anderson and Darling's statistic (corrected for the number).

    D'Agostino and Stephens (1986), Goodness-of-Fit Techniques, table 4.9.
    """
    a = np.clip(statistic, 0.0, 10.0)
    steps = [
        (0.2, 1 - np.exp(-13.436 + 101.14 * a - 223.73 * a**2)),
        (0.34, 1 - np.exp(-8.318 + 42.796 * a - 59.938 * a**2)),
        (0.6, np.exp(0.9177 - 4.279 * a - 1.38 * a**2)),
    ]
    found = np.exp(1.2937 - 5.709 * a + 0.0186 * a**2)
    for limit, value in reversed(steps):
        found = np.where(a < limit, value, found)
    return np.where(np.isnan(statistic), np.nan, found)


def _poisson(photons: Floats, expected: Floats) -> Floats:
    from scipy.special import gammaln

    return np.asarray(np.exp(photons * np.log(expected) - expected - gammaln(photons + 1)))
