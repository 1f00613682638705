"""Events of the sky and of hotspots: when and where they reach the detector, and are recorded."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.simulate.attitude import Attitude
from gphoton_db.simulate.field import FIELD_ARCSEC, PIXEL_ARCSEC, place_of
from gphoton_db.simulate.kernels.sky import from_plane, scatter, to_plane
from gphoton_db.simulate.lights import Lights
from gphoton_db.simulate.observation import Observation
from gphoton_db.simulate.scene import PULSE_HEIGHT, Origin, rate_in
from gphoton_db.simulate.timeline import Stretch

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

GHOST_PHASES = 6
"""Ghost photons have ya below this."""


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Events before they are digitised, all (n,).

    Parameters
    ----------
    time_ms, origin : int64
        When; number of the source or galaxy, or an `Origin`.
    x, y : float64
        Detector-sky position, arcsec.
    ya : int64
        Y phase to aim at; -1 for any.
    pulse_height : float64
        Mean of what their pulse heights are drawn from.
    """

    time_ms: Integers
    origin: Integers
    x: Floats
    y: Floats
    ya: Integers
    pulse_height: Floats

    def __len__(self) -> int:
        return len(self.time_ms)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "Arrivals":
        """Return the events at `rows`."""
        return Arrivals(*(column[rows] for column in vars(self).values()))


def arrivals(observation: Observation, stretch: Stretch, rng: np.random.Generator) -> Arrivals:
    """Return the recorded events of a slice of the visit, in time order.

    Poisson events are drawn at a rate that bounds the real one, and thinned: those of a light by
    its light curve, those of the sky by the response, and all by the live fraction.
    """
    bound = observation.field.largest(stretch.start_ms, stretch.stop_ms)
    of_sky = [_background(observation, stretch, bound, rng)]
    if stretch.leg >= 0:
        of_sky.append(_of_lights(observation, stretch, bound, rng))
    sky = _respond(_join(of_sky), observation, bound, rng)
    events = _join([sky, _of_hotspots(observation, stretch, rng)])
    timeline = observation.timeline
    recorded = rng.random(len(events)) < observation.live_at(events.time_ms)
    recorded &= ~timeline.dark(events.time_ms) & ~timeline.silent(events.time_ms)
    events = events.take(recorded)
    return events.take(np.argsort(events.time_ms, kind="stable"))


def no_arrivals() -> Arrivals:
    """Return the events of a slice in which nothing arrives."""
    none, nowhere = np.zeros(0, np.int64), np.zeros(0)
    return Arrivals(none, none, nowhere, nowhere, none, nowhere)


def true_positions(
    events: Arrivals, observation: Observation, stretch: Stretch
) -> tuple[Floats, Floats]:
    """Return ra, dec (deg) where events really came from; NaN in a slew."""
    if stretch.leg < 0:
        return np.full(len(events), np.nan), np.full(len(events), np.nan)
    attitude = observation.attitudes[stretch.leg]
    row, part = attitude.rows(events.time_ms)
    ra, dec = from_plane(events.x, events.y, row, part, attitude.axes, attitude.drift)
    return ra, dec


def _join(parts: list[Arrivals]) -> Arrivals:
    columns = zip(*(vars(part).values() for part in parts), strict=True)
    return Arrivals(*(np.concatenate(column) for column in columns))


def _respond(
    events: Arrivals, observation: Observation, bound: float, rng: np.random.Generator
) -> Arrivals:
    """Return the events of the sky, drawn at `bound` times their rate, that are detected."""
    response = observation.field.at(events.x, events.y) * observation.field.scale(events.time_ms)
    return events.take(rng.random(len(events)) * bound < response)


def _background(
    observation: Observation, stretch: Stretch, bound: float, rng: np.random.Generator
) -> Arrivals:
    """Return photons anywhere in the field."""
    n = rng.poisson(observation.background * bound * stretch.seconds)
    radius, angle = FIELD_ARCSEC * np.sqrt(rng.random(n)), 2 * np.pi * rng.random(n)
    return Arrivals(
        stretch.ticks(n, rng),
        np.full(n, int(Origin.BACKGROUND)),
        radius * np.cos(angle),
        radius * np.sin(angle),
        np.full(n, -1),
        np.full(n, PULSE_HEIGHT),
    )


def _of_hotspots(observation: Observation, stretch: Stretch, rng: np.random.Generator) -> Arrivals:
    """Return events within a pixel or so of the hotspots."""
    spots = observation.scene.hotspots
    counts = rng.poisson([rate_in(spot.rate, observation.band) * stretch.seconds for spot in spots])
    place = np.array([place_of(spot) for spot in spots], np.float64).reshape(-1, 2)
    x, y = place.repeat(counts, axis=0).T
    n = len(x)
    return Arrivals(
        stretch.ticks(n, rng),
        np.full(n, int(Origin.HOTSPOT)),
        x + rng.normal(0, PIXEL_ARCSEC / 2, n),
        y + rng.normal(0, PIXEL_ARCSEC / 2, n),
        np.full(n, -1),
        np.array([spot.pulse_height for spot in spots], np.float64).repeat(counts),
    )


def _of_lights(
    observation: Observation, stretch: Stretch, bound: float, rng: np.random.Generator
) -> Arrivals:
    """Return photons of the sky's lights that fall into the field."""
    lights, attitude = observation.lights, observation.attitudes[stretch.leg]
    rate = np.where(_near(lights, attitude), lights.rate, 0.0) * lights.largest
    counts = rng.poisson(rate * bound * stretch.seconds)
    light = np.repeat(np.arange(len(lights)), counts)
    time_ms = stretch.ticks(len(light), rng)
    if lights.curves:
        since = (time_ms - observation.timeline.whole.start_ms) / 1000
        bright = rng.random(len(light)) < _brightness(lights, counts, since)
        light, time_ms = light[bright], time_ms[bright]
    blur = observation.scene.psf_sigma(observation.band)
    east, north = _extent(lights, light, rng)
    east, north = (offset + rng.normal(0, blur, len(light)) for offset in (east, north))
    row, part = attitude.rows(time_ms)
    directions = scatter(light, east, north, lights.frames)
    x, y = to_plane(directions, row, part, attitude.axes, attitude.drift)
    ghost = lights.ghostly[light]
    ya = np.where(ghost, rng.integers(0, GHOST_PHASES, len(light)), -1)
    height = np.full(len(light), PULSE_HEIGHT)
    events = Arrivals(time_ms, lights.origin[light], x, y, ya, height)
    return events.take(np.hypot(x, y) < FIELD_ARCSEC)


def _brightness(lights: Lights, counts: Integers, since: Floats) -> Floats:
    """Return brightness over the largest possible, of photons listed light by light."""
    brightness = np.ones(len(since))
    ends = np.cumsum(counts)
    for light in np.flatnonzero((lights.curve >= 0) & (counts > 0)):
        rows = slice(int(ends[light] - counts[light]), int(ends[light]))
        factor = lights.curves[lights.curve[light]].factor(since[rows])
        brightness[rows] = factor / lights.largest[light]
    return brightness


def _extent(lights: Lights, light: Integers, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return how far east and north (arcsec) of their light's centre photons start.

    In an exponential disc the radius follows a gamma distribution of shape 2; the disc is then
    foreshortened along its minor axis and turned.
    """
    east, north = np.zeros(len(light)), np.zeros(len(light))
    rows = np.flatnonzero(lights.scale[light] > 0)
    disc = light[rows]
    radius, angle = rng.gamma(2.0, lights.scale[disc]), 2 * np.pi * rng.random(len(rows))
    along = radius * np.cos(angle)
    across = radius * np.sin(angle) * lights.axis_ratio[disc]
    turn = lights.position_angle[disc]
    east[rows] = along * np.sin(turn) + across * np.cos(turn)
    north[rows] = along * np.cos(turn) - across * np.sin(turn)
    return east, north


def _near(lights: Lights, attitude: Attitude) -> NDArray[np.bool_]:
    """Return which lights may send photons into the field at some second of the leg."""
    # Photons start up to 10 scale lengths (1 in 2,000), or a little scatter, from the centre.
    margin = 60 + 10 * lights.scale
    pointing = attitude.axes[:, 2]
    middle = pointing.mean(axis=0)
    middle /= np.linalg.norm(middle)
    wander = np.arccos(np.clip(pointing @ middle, -1, 1)).max()
    reach = np.radians((FIELD_ARCSEC + margin) / 3600) + wander
    return np.asarray(lights.frames[:, 2] @ middle > np.cos(np.minimum(reach, np.pi)))
