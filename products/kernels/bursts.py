"""The densest and the emptiest windows of photons in time, of many sources at once."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.products.kernels.aperture_lists import Times

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Model(NamedTuple):
    """What constant sources have up to each second, from 0 on.

    ``live``: (seconds + 1,) exposure, s.  ``sky``: (seconds + 1,) the same, each second by the
    brightness of the sky in it, relative to its mean.  ``background``: (n,) part of each source
    that is sky.  ``rate``: (n,) weights in a second of exposure.
    """

    live: Floats
    sky: Floats
    background: Floats
    rate: Floats


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _elapsed(model: Model, each: int, elapsed: Floats) -> None:
    """Fill in the weights that a source has up to each second."""
    part, rate = model.background[each], model.rate[each]
    for k in range(len(elapsed)):
        elapsed[k] = rate * ((1.0 - part) * model.live[k] + part * model.sky[k])


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _until(t_ms: float, elapsed: Floats) -> float:
    """Return the weights up to a time."""
    at = t_ms * 0.001
    k = min(int(at), len(elapsed) - 2)
    found: float = elapsed[k] + min(at - k, 1.0) * (elapsed[k + 1] - elapsed[k])
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def find_bursts(
    start: Ints, times: Times, model: Model, windows_ms: Ints, n_least: int
) -> tuple[Ints, Floats, Ints]:
    """Return the windows with the largest likelihood ratio of a burst, of each length.

    A window starts with a photon.  What is expected in it is that of the whole list: the model's
    time in it, by the mean response of its photons.

    Returns
    -------
    photons : (n, lengths) int64
        In the window; 0: none has more than expected.
    expected : (n, lengths) float64
        Photons.
    place : (n, lengths, 2) int64
        Numbers of the first photon, and of the one behind the last, in the whole list.
    """
    n, m = len(start) - 1, len(windows_ms)
    photons, expected = np.zeros((n, m), np.int64), np.zeros((n, m))
    place = np.zeros((n, m, 2), np.int64)
    t_ms, weight, elapsed = times.t_ms, times.weight, np.empty(len(model.live))
    for each in range(n):
        low, high = start[each], start[each + 1]
        if high - low < n_least or not model.rate[each] > 0.0:
            continue
        _elapsed(model, each, elapsed)
        before = np.empty(high - low)
        for k in range(low, high):
            before[k - low] = _until(t_ms[k], elapsed)
        for which in range(m):
            length, best = windows_ms[which], 0.0
            last, sum_of_weights = low, 0.0
            for k in range(low, high):
                while last < high and t_ms[last] < t_ms[k] + length:
                    sum_of_weights += weight[last]
                    last += 1
                number, own = last - k, sum_of_weights
                sum_of_weights -= weight[k]
                if number == 1:
                    continue
                # Times are whole ticks: where the shutter was closed there is no exposure.
                mean = (_until(t_ms[k] + length, elapsed) - before[k - low]) * number / own
                mean = max(mean, 1e-9)
                more = number - mean
                if more > 0.0 and more * more > 2.0 * mean * best:
                    ratio = number * math.log(number / mean) - more
                    if ratio > best:
                        best = ratio
                        photons[each, which], expected[each, which] = number, mean
                        place[each, which, 0], place[each, which, 1] = k, last
    return photons, expected, place


@njit(cache=True, nogil=True, error_model="numpy")
def find_dips(counts: Floats, expected: Floats, lengths: Ints) -> tuple[Ints, Floats, Ints]:
    """Return the runs of bins with the largest likelihood ratio of a dip, of each length.

    Parameters
    ----------
    counts, expected : (n, bins) float64
        Photons.
    lengths : (m,) int64
        Of the runs, bins.

    Returns
    -------
    photons, expected : (n, m)
        In the run; 0 and 0: none has fewer than expected.
    first : (n, m) int64
        Number of its first bin.
    """
    n, m = len(counts), len(lengths)
    photons, found, first = np.zeros((n, m), np.int64), np.zeros((n, m)), np.zeros((n, m), np.int64)
    for each in range(n):
        for which in range(m):
            length, best, number, mean = lengths[which], 0.0, 0.0, 0.0
            for k in range(counts.shape[1]):
                number += counts[each, k]
                mean += expected[each, k]
                if k >= length:
                    number -= counts[each, k - length]
                    mean -= expected[each, k - length]
                if k < length - 1 or number >= mean:
                    continue
                ratio = mean - number
                if number > 0.0:
                    ratio += number * math.log(number / mean)
                if ratio > best:
                    best = ratio
                    photons[each, which], found[each, which] = round(number), mean
                    first[each, which] = k - length + 1
    return photons, found, first


@njit(cache=True, nogil=True, error_model="numpy")
def count_between(
    start: Ints, times: Times, model: Model, begin_ms: Floats, end_ms: Floats
) -> tuple[Ints, Floats]:
    """Return the photons of each source within its own times, and how many a constant one has."""
    n = len(start) - 1
    photons, expected = np.zeros(n, np.int64), np.zeros(n)
    t_ms, weight, elapsed = times.t_ms, times.weight, np.empty(len(model.live))
    for each in range(n):
        number, all_weights = start[each + 1] - start[each], 0.0
        for k in range(start[each], start[each + 1]):
            all_weights += weight[k]
            photons[each] += 1 if begin_ms[each] <= t_ms[k] < end_ms[each] else 0
        if number > 0 and begin_ms[each] < end_ms[each]:
            _elapsed(model, each, elapsed)
            weights = _until(end_ms[each], elapsed) - _until(begin_ms[each], elapsed)
            expected[each] = weights * number / all_weights
    return photons, expected
