"""Statistics of binned light curves of many sources against constants."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RATIO_COLUMNS = 5
"""Of `ratios`: Pearson's chi squared; twice the logarithm of the likelihood ratio; its mean, its
variance and its covariance with the counts, where the source is constant."""

OUTLIER_COLUMNS = 5
"""Of `outliers`: clean bins; the highest rate; high and low ones; Anderson and Darling's statistic
(NaN where there are too few)."""

ERRORS = 3.0
"""Bins differ where their rates less and plus so many errors do."""

LEAST_FOR_NORMAL = 8
"""Bins without which nothing can be said of how their rates are distributed."""


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _look_up(value: float, table: Floats, column: int, low: float, step: float) -> float:
    """Return a moment for a mean number of counts, from a table of logarithms."""
    place = (math.log(value) - low) / step
    k = min(max(int(place), 0), len(table) - 2)
    part = min(max(place - k, 0.0), 1.0)
    found: float = table[k, column] + part * (table[k + 1, column] - table[k, column])
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def ratios(
    counts: Floats, expected: Floats, used: Bools, moments: Floats, low: float, step: float
) -> Floats:
    """Return `RATIO_COLUMNS` of each source; see `variables.constancy` for the table of moments."""
    n, n_bins = counts.shape
    found = np.zeros((n, RATIO_COLUMNS))
    for each in range(n):
        for k in range(n_bins):
            mean, number = expected[each, k], counts[each, k]
            if not used[k] or not mean > 0.0:
                continue
            found[each, 0] += (number - mean) ** 2 / mean
            found[each, 1] += 2.0 * (mean - number)
            if number > 0.0:
                found[each, 1] += 2.0 * number * math.log(number / mean)
            for column in range(3):
                found[each, 2 + column] += _look_up(mean, moments, column, low, step)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def excess_variances(rates: Floats, errors: Floats, used: Bools, background: Floats) -> Floats:
    """Return normalised excess variances and their errors, (n, 2); NaN: there is no source.

    After Vaughan et al. (2003), MNRAS 345, 1271, equations 8 and 11: of the rates, which have their
    background in them, against the mean without it.
    """
    n, n_bins = rates.shape
    found = np.full((n, 2), np.nan)
    for each in range(n):
        number, mean, noise = 0, 0.0, 0.0
        for k in range(n_bins):
            if used[k]:
                number += 1
                mean += rates[each, k]
                noise += errors[each, k] ** 2
        if number < 2:
            continue
        mean, noise = mean / number, noise / number
        source, variance = mean - background[each], 0.0
        if not source > 0.0 or not noise > 0.0:
            continue
        for k in range(n_bins):
            if used[k]:
                variance += (rates[each, k] - mean) ** 2 / (number - 1)
        excess, relative = (variance - noise) / source**2, noise / source**2
        fraction = max(excess, 0.0)
        found[each, 0] = excess
        found[each, 1] = math.sqrt(2.0 / number * relative**2 + 4.0 * relative / number * fraction)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _anderson_darling(rates: Floats) -> float:
    """Return A squared of rising values against a normal distribution with their mean and spread.

    With Stephens' correction for the number of values: D'Agostino and Stephens (1986), table 4.7.
    """
    n = len(rates)
    mean = rates.mean()
    spread = math.sqrt(((rates - mean) ** 2).sum() / (n - 1))
    if not spread > 0.0:
        return math.nan
    total = 0.0
    for k in range(n):
        below = 0.5 * math.erfc(-(rates[k] - mean) / spread / math.sqrt(2.0))
        above = 0.5 * math.erfc((rates[n - 1 - k] - mean) / spread / math.sqrt(2.0))
        total += (2 * k + 1) * (math.log(max(below, 1e-300)) + math.log(max(above, 1e-300)))
    return (-n - total / n) * (1.0 + 0.75 / n + 2.25 / n**2)


@njit(cache=True, nogil=True, error_model="numpy")
def outliers(rates: Floats, errors: Floats, clean: Bools) -> Floats:
    """Return `OUTLIER_COLUMNS` of each source; `clean` (n, bins) says which bins count."""
    n, n_bins = rates.shape
    found = np.zeros((n, OUTLIER_COLUMNS))
    rate, error = np.empty(n_bins), np.empty(n_bins)
    for each in range(n):
        number = 0
        for k in range(n_bins):
            if clean[each, k]:
                rate[number], error[number] = rates[each, k], errors[each, k]
                number += 1
        found[each, 0], found[each, 1], found[each, 4] = number, math.nan, math.nan
        if number == 0:
            continue
        order = np.argsort(rate[:number])
        found[each, 1] = rate[order[-1]]
        if number >= 2:
            low, high = order[1], order[number - 2]
            bottom = rate[low] + ERRORS * error[low]
            top = rate[high] - ERRORS * error[high]
            for k in range(number):
                found[each, 2] += 1.0 if rate[k] - ERRORS * error[k] > bottom else 0.0
                found[each, 3] += 1.0 if rate[k] + ERRORS * error[k] < top else 0.0
        if number >= LEAST_FOR_NORMAL:
            found[each, 4] = _anderson_darling(rate[order])
    return found
