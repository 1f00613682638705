"""How many events a scene makes, and scenes made to measure; what is not in any field."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gphoton_db.errors import SimulationError
from gphoton_db.mission import Band
from gphoton_db.simulate.attitude import fly
from gphoton_db.simulate.field import FIELD_ARCSEC
from gphoton_db.simulate.observation import Observation, observe
from gphoton_db.simulate.plan import Detector, LegPlan
from gphoton_db.simulate.projection import sky_frames
from gphoton_db.simulate.scene import BandRates, Scene

HIGHEST_BACKGROUND = 1e7
"""Photons a second; beyond, the electronics record hardly more."""


def expected_events(
    legs: Sequence[LegPlan],
    scene: Scene,
    detector: Detector,
    band: Band,
    eclipse: int,
    calibration: Path,
) -> float:
    """Return the mean number of events, stims included, that a visit will have.

    Raises
    ------
    SimulationError
        As `visit.simulate_visit` does.
    """
    observation = observe(
        legs, scene, detector, band=band, eclipse=eclipse, calibration=calibration
    )
    return expected_of(observation, observation.background)


def scene_with_events(
    n_events: float,
    *,
    legs: Sequence[LegPlan],
    scene: Scene,
    detector: Detector,
    band: Band,
    eclipse: int,
    calibration: Path,
) -> Scene:
    """Return the scene with the background, in one band, that makes a number of events.

    Parameters
    ----------
    n_events : float
        Mean number of events of the visit, stims included.

    Raises
    ------
    SimulationError
        If the scene makes more events with no background, or no background makes so many.
    """
    observation = observe(
        legs, scene, detector, band=band, eclipse=eclipse, calibration=calibration
    )
    fewest, most = (expected_of(observation, b) for b in (0.0, HIGHEST_BACKGROUND))
    if fewest > n_events:
        raise SimulationError(
            f"{n_events:,.0f} {band} events are too few: the sources, galaxies, hotspots, ghosts "
            f"and stims of the scene alone make {fewest:,.0f} over these legs"
        )
    if most < n_events:
        raise SimulationError(
            f"{n_events:,.0f} {band} events are too many: the electronics record no more than "
            f"{most:,.0f} over these legs, however bright the background; make them longer"
        )
    low, high = 0.0, HIGHEST_BACKGROUND
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        if expected_of(observation, middle) < n_events:
            low = middle
        else:
            high = middle
    return replace(scene, background=_in_band(scene.background, band, (low + high) / 2))


def expected_of(observation: Observation, background: float) -> float:
    """Return the mean number of events of an observation with another background (photons/s)."""
    rates, live = observation.rates, observation.live_fraction_for(background)
    lit, only_stims = observation.timeline.lit_and_dark()
    arriving = rates.everything + background * rates.background + observation.stim_rate
    return float((lit * live * arriving).sum() + only_stims.sum() * observation.stim_rate)


def check_scene(legs: Sequence[LegPlan], scene: Scene) -> None:
    """Check that everything in the sky of a scene comes into the field of some leg.

    Raises
    ------
    SimulationError
        If there is no leg, or naming the first source, galaxy or ghost that never does.
    """
    attitudes = [sky_frames(leg.aspect.ra, leg.aspect.dec)[:, 2] for leg in fly(legs, 0)]
    boresights = sky_frames(
        np.array([leg.ra0 for leg in legs]), np.array([leg.dec0 for leg in legs])
    )[:, 2]
    for kind in ("sources", "galaxies", "ghosts"):
        things = getattr(scene, kind)
        places = sky_frames(
            np.array([thing.ra for thing in things], np.float64),
            np.array([thing.dec for thing in things], np.float64),
        )[:, 2]
        seen = np.zeros(len(things), np.bool_)
        for pointings in attitudes:
            seen |= _distance_deg(places, pointings) < FIELD_ARCSEC / 3600
        if not seen.all():
            number = int(np.flatnonzero(~seen)[0])
            key = {"sources": "source", "galaxies": "galaxy", "ghosts": "ghost"}[kind]
            distance = _distance_deg(places[[number]], boresights)[0]
            raise SimulationError(
                f"{key}[{number}] (ra {things[number].ra}, dec {things[number].dec}) is "
                f"{distance:.2f} deg from the nearest leg's boresight; "
                f"the field's radius is {FIELD_ARCSEC / 3600:.2f} deg"
            )


def _distance_deg(places: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far places are from the nearest of others; unit vectors, (n, 3) and (m, 3)."""
    cosine = (places @ others.T).max(axis=1)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _in_band(rate: float | BandRates, band: Band, value: float) -> BandRates:
    both = rate if isinstance(rate, BandRates) else BandRates(nuv=rate, fuv=rate)
    return replace(both, **{band.value.lower(): value})
