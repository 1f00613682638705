"""Photons of stars of which it is known how they vary, without a telescope: times alone.

Thousands of stars a second, so that false alarms of one in 10,000 can be counted.  The sky is
brighter at both ends of the visit, the shutter is closed for a few seconds, the response goes with
the dither, and photons have the 5 ms of the telemetry.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.kernels.aperture_lists import Times
from gphoton_db.products.variables.clock import LegClock
from gphoton_db.products.variables.curves import SourceTimes
from gphoton_db.products.variables.detector import DITHER_HZ
from gphoton_db.products.variables.options import FINE_STEP_S

Floats = NDArray[np.float64]
Factors = Callable[[int, Floats], Floats]
"""Of a star's rate: by its number, at times in seconds."""

LIVE = 0.9
"""Part of each second in which the detector counts."""

CLOSED = slice(700, 707)
"""Seconds with the shutter closed, if the visit has them."""

SKY_RISE = 0.3
"""So much brighter is the sky at both ends."""

RESPONSE_SWING = 0.02
"""The response goes up and down by this part as the telescope dithers."""

SKY_PHOTONS = 5_000
"""Of the field around the sources, in a second: what the sky's brightness is measured with."""

STEP_S = 0.1
"""Stars are drawn in steps of this."""


def constant(_: int, seconds: Floats) -> Floats:
    """Return the factors of a star that does not vary."""
    return np.ones_like(seconds)


def simulate_times(
    rng: np.random.Generator,
    rates: Floats,
    background: float,
    seconds: int,
    factors: Factors = constant,
) -> SourceTimes:
    """Return photons of stars with these rates, on a background; both in photons a second.

    Parameters
    ----------
    rng : Generator
        Of random numbers.
    rates : (n,) float64
        Of the stars.
    background : float
        In each aperture.
    seconds : int
        Length of the visit.
    factors : callable
        How the stars vary.
    """
    live = np.full(seconds, LIVE)
    live[CLOSED] = 0
    clock = LegClock(0, live)
    middles = np.arange(seconds) + 0.5
    sky = 1 + SKY_RISE * np.abs(2 * middles / seconds - 1) ** 3
    sky *= live.sum() / (sky * live).sum()
    steps = np.arange(0, seconds, STEP_S) + STEP_S / 2
    second = steps.astype(np.int64)
    response = 1 + RESPONSE_SWING * np.sin(2 * np.pi * DITHER_HZ * steps)
    times, weights, start = [], [], [0]
    for k, rate in enumerate(rates):
        mean = rate * factors(k, steps) + background * sky[second]
        number = rng.poisson(mean * response * live[second] * STEP_S)
        at = np.repeat(np.arange(len(steps)), number)
        ticks = rng.integers(0, round(STEP_S * 200), len(at))
        t_ms = np.sort(at * round(1000 * STEP_S) + 5 * ticks)
        times.append(t_ms.astype(np.int32))
        weights.append((1 / response[(t_ms / 1000 / STEP_S).astype(np.int64)]).astype(np.float32))
        start.append(start[-1] + len(at))
    total = np.array([each.sum(dtype=np.float64) for each in weights])
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.nan_to_num(np.clip(background * live.sum() / total, 0, 1))
    seen = clock.sky(rng.poisson(SKY_PHOTONS * live * sky), 30)
    model = clock.model(seen, part, total)
    photons = Times(np.concatenate(times), np.concatenate(weights))
    return SourceTimes(np.array(start, np.int64), photons, model, clock)


def with_burst(
    rng: np.random.Generator, of: SourceTimes, start: float, length: float, number: int
) -> SourceTimes:
    """Return the same stars with exactly so many photons more between two times, s."""
    n = len(of)
    times, weights, total = [], [], np.empty(n)
    for k in range(n):
        mine = slice(of.start[k], of.start[k + 1])
        more = np.round(rng.uniform(start, start + length, number) * 200) * 5
        t_ms = np.concatenate([of.times.t_ms[mine], more.astype(np.int32)])
        order = np.argsort(t_ms)
        both = np.concatenate([of.times.weight[mine], np.ones(number, np.float32)])
        times.append(t_ms[order])
        weights.append(both[order])
        total[k] = both.sum(dtype=np.float64)
    part = of.model.background * of.model.rate * of.model.live[-1] / total
    model = of.model._replace(background=part, rate=total / of.model.live[-1])
    photons = Times(np.concatenate(times), np.concatenate(weights))
    return SourceTimes(of.start + number * np.arange(n + 1), photons, model, of.clock)


def dither_of(seconds: int) -> Floats:
    """Return where the telescope points in each fine bin, as `dither_terms` does."""
    time = np.arange(0, seconds, FINE_STEP_S) + FINE_STEP_S / 2
    angle, radius = 2 * np.pi * DITHER_HZ * time, 40 * (1 + time / seconds)
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    return np.column_stack([x, y, x * x, y * y, x * y])
