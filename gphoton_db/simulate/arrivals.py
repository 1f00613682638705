"""Events of the sky: when and where photons of a scene reach the detector."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Leg
from gphoton_db.mission import RESPONSE_SCALE, Band
from gphoton_db.simulate.attitude import plane_to_true_sky, true_sky_to_plane
from gphoton_db.simulate.plan import LegPlan
from gphoton_db.simulate.scene import Ghost, Origin, Scene, Source, rate_in

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TICK_MS = 5
"""Photons are stamped in steps of this length."""

FIELD_ARCSEC = 2420.0
"""Radius on which photons are made: 20 arcsec more than the detector's 400 pixels."""

PIXEL_ARCSEC = 6.0
"""Side of a pixel of flat and mask."""

GHOST_PHASES = 6
"""Ghost photons have ya below this."""


@dataclass(frozen=True, eq=False)
class SkyEvents:
    """Photons before they are digitised, all (n,).

    Parameters
    ----------
    time_ms, leg, origin : int64
        When; which leg (-1: slew); which source, or an `Origin`.
    x, y : float64
        Detector-sky position, arcsec.
    ra, dec : float64
        Where the photon really came from, deg; NaN during a slew.
    ya : int64
        Y phase to aim at; -1 for any.
    """

    time_ms: Integers
    leg: Integers
    origin: Integers
    x: Floats
    y: Floats
    ra: Floats
    dec: Floats
    ya: Integers

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "SkyEvents":
        """Return the events at `rows`."""
        return SkyEvents(*(column[rows] for column in vars(self).values()))


def join_events(parts: list[SkyEvents]) -> SkyEvents:
    """Return all events of `parts`, one part after the other."""
    columns = zip(*(vars(part).values() for part in parts), strict=True)
    return SkyEvents(*(np.concatenate(column) for column in columns))


def ticks(start_ms: int, stop_ms: int, rate: float, rng: np.random.Generator) -> Integers:
    """Return the times of Poisson events at `rate` per second in [start, stop), in order."""
    count = rng.poisson(rate * (stop_ms - start_ms) / 1000)
    return start_ms + TICK_MS * np.sort(rng.integers(0, (stop_ms - start_ms) // TICK_MS, count))


def observe(
    scene: Scene,
    leg: Leg,
    plan: LegPlan,
    *,
    band: Band,
    flat: NDArray[np.float32],
    response: bool,
    rng: np.random.Generator,
) -> SkyEvents:
    """Return the photons of one leg, from its first to its last aspect row."""
    parts = [_background(rate_in(scene.background, band), leg, rng)]
    for number, source in enumerate(scene.sources):
        parts.append(_point(source, source.rate_in(band), number, scene.psf_sigma(band), leg, rng))
    parts += [
        _point(ghost, ghost.rate, Origin.GHOST, scene.psf_sigma(band), leg, rng)
        for ghost in scene.ghosts
    ]
    for spot in scene.hotspots:
        x, y = (PIXEL_ARCSEC * (v - 400) for v in (spot.col, spot.row))
        parts.append(_on_detector(Origin.HOTSPOT, spot.rate, (x, y), leg, rng))
    events = join_events(parts)
    for start, stop in plan.dark:
        second = (events.time_ms - leg.aspect.time_ms[0]) / 1000
        events = events.take((second < start) | (second >= stop))
    if response:
        chance = response_at(events, band, flat)
        events = events.take(rng.random(len(chance)) < chance)
    return events


def slew_background(
    rate: float, start_ms: int, stop_ms: int, rng: np.random.Generator
) -> SkyEvents:
    """Return what the detector counts between two legs."""
    time_ms = ticks(start_ms, stop_ms, rate, rng)
    n = len(time_ms)
    x, y = _disc(n, rng)
    nowhere, none = np.full(n, np.nan), np.full(n, -1)
    return SkyEvents(
        time_ms, none, np.full(n, int(Origin.BACKGROUND)), x, y, nowhere, nowhere, none
    )


def response_at(events: SkyEvents, band: Band, flat: NDArray[np.float32]) -> Floats:
    """Return the relative response where and when events arrive; 0 beyond the flat."""
    col, row = (np.floor(v / PIXEL_ARCSEC + 400).astype(np.int64) for v in (events.x, events.y))
    inside = (col >= 0) & (col < 800) & (row >= 0) & (row < 800)
    t, k = events.time_ms / 1000, RESPONSE_SCALE[band]
    scale = (k.k0 + k.k1 * t + k.k2 * t**2) * np.where(t < k.step_time, 1, k.step_factor)
    return np.where(inside, flat[np.where(inside, col, 0), np.where(inside, row, 0)] * scale, 0)


def _span(leg: Leg) -> tuple[int, int]:
    # One tick more: the last aspect row's own moment belongs to the leg.
    return int(leg.aspect.time_ms[0]), int(leg.aspect.time_ms[-1]) + TICK_MS


def _disc(n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    radius, angle = FIELD_ARCSEC * np.sqrt(rng.random(n)), 2 * np.pi * rng.random(n)
    return radius * np.cos(angle), radius * np.sin(angle)


def _background(rate: float, leg: Leg, rng: np.random.Generator) -> SkyEvents:
    return _on_detector(Origin.BACKGROUND, rate, None, leg, rng)


def _on_detector(
    origin: Origin,
    rate: float,
    place: tuple[float, float] | None,
    leg: Leg,
    rng: np.random.Generator,
) -> SkyEvents:
    """Return events anywhere on the detector, or within a pixel or so of one place (arcsec)."""
    time_ms = ticks(*_span(leg), rate, rng)
    n = len(time_ms)
    if place is None:
        x, y = _disc(n, rng)
    else:
        x, y = (v + rng.normal(0, PIXEL_ARCSEC / 2, n) for v in place)
    ra, dec = plane_to_true_sky(time_ms, x, y, leg)
    return SkyEvents(
        time_ms, np.full(n, leg.number), np.full(n, int(origin)), x, y, ra, dec, np.full(n, -1)
    )


def _point(
    source: Source | Ghost,
    rate: float,
    origin: int,
    blur: float,
    leg: Leg,
    rng: np.random.Generator,
) -> SkyEvents:
    """Return the photons of a point of the sky that fall on the detector."""
    time_ms = ticks(*_span(leg), rate, rng)
    n = len(time_ms)
    north, east = rng.normal(0, blur / 3600, n), rng.normal(0, blur / 3600, n)
    dec = source.dec + north
    ra = (source.ra + east / np.cos(np.radians(source.dec))) % 360
    x, y = true_sky_to_plane(time_ms, ra, dec, leg)
    ghost = origin == Origin.GHOST
    ya = rng.integers(0, GHOST_PHASES, n) if ghost else np.full(n, -1)
    events = SkyEvents(time_ms, np.full(n, leg.number), np.full(n, int(origin)), x, y, ra, dec, ya)
    return events.take(np.hypot(x, y) < FIELD_ARCSEC)
