"""A large simulated visit for benchmarks: realistic rates, any number of events."""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gphoton_db.mission import Band  # noqa: E402
from gphoton_db.simulate.budget import scene_with_events  # noqa: E402
from gphoton_db.simulate.light_curves import Constant, Flare  # noqa: E402
from gphoton_db.simulate.plan import Detector, LegPlan  # noqa: E402
from gphoton_db.simulate.scene import Scene, Source  # noqa: E402
from gphoton_db.simulate.synthetic_calibration import write_synthetic_calibration  # noqa: E402
from gphoton_db.simulate.visit import simulate_visit  # noqa: E402

ECLIPSE = 23500
DURATION_S = 1680
LEGS = (LegPlan(323.5, -2.0, duration=DURATION_S),)
FIELD_DEG = 0.6
"""Radius about the boresight in which the stars are."""


@dataclass(frozen=True)
class LargeVisit:
    """A visit on disk; `n_events` rows of telemetry."""

    raw6: Path
    pointing: Path
    calibration: Path
    n_events: int


def make_large_visit(directory: Path, n_events: int) -> LargeVisit:
    """Make a NUV visit of one leg with about `n_events` events below `directory`."""
    calibration = write_synthetic_calibration(directory / "calibration")
    return _simulated(directory, calibration, LEGS, large_scene(n_events, calibration))


def make_small_visit(directory: Path) -> LargeVisit:
    """Make a NUV visit of one leg with about as few events as can be reduced: 3,000.

    The reduction needs 2,001 stims, which come in 29 s; nearly all events are stims.
    """
    calibration = write_synthetic_calibration(directory / "calibration")
    legs = (LegPlan(LEGS[0].ra0, LEGS[0].dec0, duration=29, slew=2),)
    scene = scene_with_events(
        3_000,
        legs=legs,
        scene=Scene(()),
        detector=Detector(),
        band=Band.NUV,
        eclipse=ECLIPSE,
        calibration=calibration,
    )
    return _simulated(directory, calibration, legs, scene)


def _simulated(
    directory: Path, calibration: Path, legs: tuple[LegPlan, ...], scene: Scene
) -> LargeVisit:
    visit = simulate_visit(
        directory,
        calibration=calibration,
        band=Band.NUV,
        eclipse=ECLIPSE,
        legs=legs,
        scene=scene,
        event_truth=False,
    )
    return LargeVisit(visit.raw6, visit.pointing, calibration, visit.n_events)


def large_scene(n_events: int, calibration: Path, *, n_stars: int = 2_000) -> Scene:
    """Return stars, one in 25 of them flaring, and the background that makes `n_events`.

    Stars down to a rate r go as 1/r, and send a twentieth of the events in all.
    """
    rng = np.random.default_rng(1)
    radius, angle = FIELD_DEG * np.sqrt(rng.random(n_stars)), 2 * np.pi * rng.random(n_stars)
    rate = 1 / rng.uniform(0.001, 1, n_stars)
    rate *= n_events / DURATION_S / 20 / rate.sum()
    middle = LEGS[0]
    sources = tuple(
        Source(
            middle.ra0 + float(r * np.cos(a) / np.cos(np.radians(middle.dec0))),
            middle.dec0 + float(r * np.sin(a)),
            rate=float(photons_a_second),
            light_curve=Flare(start=float(rng.uniform(0, DURATION_S)), peak=5.0)
            if number % 25 == 0
            else Constant(),
        )
        for number, (r, a, photons_a_second) in enumerate(zip(radius, angle, rate, strict=True))
    )
    return scene_with_events(
        n_events,
        legs=LEGS,
        scene=Scene(sources),
        detector=Detector(),
        band=Band.NUV,
        eclipse=ECLIPSE,
        calibration=calibration,
    )
