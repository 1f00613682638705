"""The events of a visit in the file's order, made slice by slice, on several threads."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import epoch_of
from gphoton_db.simulate.after_csp import BEFORE_CSP, solve
from gphoton_db.simulate.arrivals import Arrivals, arrivals, no_arrivals, true_positions
from gphoton_db.simulate.bits import RawFields, join
from gphoton_db.simulate.inverse import Chain, to_raw
from gphoton_db.simulate.observation import Observation
from gphoton_db.simulate.raw6_file import Raw6Rows, raw6_rows
from gphoton_db.simulate.scene import PULSE_HEIGHT, Origin
from gphoton_db.simulate.stims import Stims, pulse
from gphoton_db.simulate.tables import with_cube_of
from gphoton_db.simulate.timeline import Stretch
from gphoton_db.simulate.truth import Truth

Integers = NDArray[np.int64]

PULSE_SPREAD = 5.0
"""Standard deviation of pulse heights."""

AHEAD = 2
"""Slices that may wait, per thread, for the ones before them to be written."""


@dataclass(frozen=True, eq=False)
class Portion:
    """Consecutive rows of a raw6 file, and what they are if that is wanted."""

    rows: Raw6Rows
    truth: Truth | None


def portions(
    observation: Observation,
    calibration: Path,
    *,
    seed: int,
    event_truth: bool,
    threads: int,
    slices: Sequence[Stretch] | None = None,
) -> Iterator[Portion]:
    """Yield the telemetry of a visit, slice by slice, in time order.

    Each slice has random numbers of its own, so the result does not depend on `threads`.  `slices`
    are other ones than those of the timeline.
    """
    slices = observation.timeline.slices() if slices is None else slices
    entropy = (seed, observation.eclipse, observation.band.header_code)
    for_stims, *for_slices = np.random.SeedSequence(entropy).spawn(1 + len(slices))
    stims = _stims(observation, np.random.default_rng(for_stims))
    chain = chain_found_by_reduction(observation, stims, calibration)
    waiting: deque[Future[Portion]] = deque()
    with ThreadPoolExecutor(threads) as executor:
        try:
            for stretch, child in zip(slices, for_slices, strict=True):
                rng = np.random.default_rng(child)
                waiting.append(
                    executor.submit(_portion, observation, stims, chain, stretch, rng, event_truth)
                )
                if len(waiting) > AHEAD * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


def chain_found_by_reduction(observation: Observation, stims: Stims, calibration: Path) -> Chain:
    """Return the detector chain as a reduction of these stims will find it."""
    band, eclipse = observation.band, observation.eclipse
    if not epoch_of(eclipse).after_csp:
        return Chain(observation.tables, BEFORE_CSP)
    seen = stims.seen(band, eclipse)
    tables = with_cube_of(observation.tables, calibration, band, eclipse, seen.separation())
    return Chain(tables, solve(seen, band, calibration))


def _stims(observation: Observation, rng: np.random.Generator) -> Stims:
    """Return the recorded stim events of the visit."""
    whole = observation.timeline.whole
    time_ms = np.sort(whole.ticks(rng.poisson(observation.stim_rate * whole.seconds), rng))
    recorded = rng.random(len(time_ms)) < observation.live_at(time_ms)
    time_ms = time_ms[recorded & ~observation.timeline.silent(time_ms)]
    return pulse(
        time_ms,
        observation.separation_at(time_ms),
        band=observation.band,
        eclipse=observation.eclipse,
        detector=observation.detector,
        rng=rng,
    )


def _portion(
    observation: Observation,
    stims: Stims,
    chain: Chain,
    stretch: Stretch,
    rng: np.random.Generator,
    event_truth: bool,
) -> Portion:
    events = arrivals(observation, stretch, rng) if stretch.lit else no_arrivals()
    raw = _digitised(events, observation, chain, rng)
    pulses = stims.between(stretch.start_ms, stretch.stop_ms)
    time_ms = np.concatenate([pulses.time_ms, events.time_ms])
    order = np.argsort(time_ms, kind="stable")
    rows = raw6_rows(time_ms[order], join([pulses.raw, raw]).take(order))
    if not event_truth:
        return Portion(rows, None)
    ra, dec = true_positions(events, observation, stretch)
    n = len(pulses.time_ms)
    nowhere = np.full(n, np.nan)
    truth = Truth(
        time_ms,
        np.concatenate([np.full(n, int(Origin.STIM)), events.origin]),
        np.concatenate([np.full(n, -1), np.full(len(events), stretch.leg)]),
        np.concatenate([nowhere, ra]),
        np.concatenate([nowhere, dec]),
    )
    return Portion(rows, truth.take(order))


def _digitised(
    events: Arrivals, observation: Observation, chain: Chain, rng: np.random.Generator
) -> RawFields:
    """Return photons as raw events with made-up pulse heights and phases."""
    n = len(events)
    drawn = rng.normal(PULSE_HEIGHT, PULSE_SPREAD, n) + (events.pulse_height - PULSE_HEIGHT)
    q = np.clip(np.rint(drawn), 0, 31).astype(np.int64)
    xa = rng.integers(0, 32, n)
    separation = observation.separation_in_reduction(events.time_ms)
    return to_raw(events.x, events.y, separation, q, xa, chain, ya=events.ya)
