"""Where and how often photons reach the detector, without any file."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gphoton_db.mission import DEAD_TIME, Band
from gphoton_db.simulate.arrivals import Arrivals, arrivals, true_positions
from gphoton_db.simulate.attitude import Attitude, fly
from gphoton_db.simulate.field import FIELD_ARCSEC
from gphoton_db.simulate.kernels.sky import from_plane, to_plane
from gphoton_db.simulate.observation import Observation, observe
from gphoton_db.simulate.plan import Detector, LegPlan
from gphoton_db.simulate.projection import plane_to_sky, sky_frames, sky_to_plane
from gphoton_db.simulate.scene import Galaxy, Hotspot, Origin, Scene, Source

Floats = NDArray[np.float64]

IDEAL = Detector(response=False, dead_time=False)


def observed(
    scene: Scene, calibration: Path, *, leg: LegPlan, detector: Detector = IDEAL
) -> tuple[Observation, list[Arrivals]]:
    observation = observe(
        [leg], scene, detector, band=Band.NUV, eclipse=23500, calibration=calibration
    )
    rng = np.random.default_rng(5)
    return observation, [arrivals(observation, s, rng) for s in observation.timeline.slices()]


def offsets(
    observation: Observation, parts: list[Arrivals], origin: int, ra: float, dec: float
) -> tuple[Floats, Floats]:
    """Return how far east and north (arcsec, in the tangent plane) of a place photons are."""
    east, north = [], []
    for part, stretch in zip(parts, observation.timeline.slices(), strict=True):
        events = part.take(part.origin == origin)
        x, y = sky_to_plane(*true_positions(events, observation, stretch), ra, dec, 0.0)
        east.append(-x)
        north.append(y)
    return np.concatenate(east), np.concatenate(north)


@pytest.mark.parametrize(
    ("ra", "dec"),
    [
        (0.0005, 40.0),
        (7.0, -89.9),
        pytest.param(10.0, 5.0, marks=pytest.mark.deep),
        pytest.param(200.0, 85.0, marks=pytest.mark.deep),
    ],
)
def test_a_star_is_round_and_in_its_place_everywhere(
    ra: float, dec: float, synthetic_calibration: Path
) -> None:
    scene = Scene((Source(ra, dec, rate=500.0),), psf_fwhm=5.0, background=0.0)
    observation, parts = observed(scene, synthetic_calibration, leg=LegPlan(ra, dec))
    for offset in offsets(observation, parts, 0, ra, dec):
        assert len(offset) > 29_000
        assert abs(offset.mean()) < 4 * offset.std() / np.sqrt(len(offset))
        assert offset.std() == pytest.approx(5.0 / 2.35482, rel=0.02)


def test_a_galaxy_is_an_exponential_disc(synthetic_calibration: Path) -> None:
    galaxy = Galaxy(10.1, 5.0, 30.0, rate=500.0, axis_ratio=0.4, position_angle=35.0)
    scene = Scene(galaxies=(galaxy,), psf_fwhm=0.01, background=0.0)
    observation, parts = observed(scene, synthetic_calibration, leg=LegPlan(10.0, 5.0))
    east, north = offsets(observation, parts, 0, galaxy.ra, galaxy.dec)
    turn = np.radians(galaxy.position_angle)
    along = north * np.cos(turn) + east * np.sin(turn)
    across = (east * np.cos(turn) - north * np.sin(turn)) / galaxy.axis_ratio
    radius = np.hypot(along, across)
    scale = 30.0 / 1.67835
    assert np.median(radius) == pytest.approx(30.0, rel=0.02)
    for scales in (0.5, 1.0, 3.0, 5.0):
        expected = 1 - (1 + scales) * np.exp(-scales)
        assert (radius < scales * scale).mean() == pytest.approx(expected, abs=0.012)
    assert along.std() == pytest.approx(across.std(), rel=0.03)
    assert abs(np.corrcoef(along, across)[0, 1]) < 0.03


def test_the_response_thins_the_sky_but_no_hotspot(synthetic_calibration: Path) -> None:
    scene = Scene(
        (Source(10.2, 5.2, rate=300.0),), hotspots=(Hotspot(301.5, 501.5, 300.0),), background=0.0
    )
    thinned = Detector(dead_time=False)
    counts = []
    for detector in (IDEAL, thinned):
        observation, parts = observed(
            scene, synthetic_calibration, leg=LegPlan(10.0, 5.0), detector=detector
        )
        origin = np.concatenate([part.origin for part in parts])
        counts.append([(origin == 0).sum(), (origin == Origin.HOTSPOT).sum()])
    x, y = (np.concatenate([getattr(part, axis) for part in parts]) for axis in "xy")
    star = origin == 0
    response = observation.field.at(x[star], y[star]).mean() * observation.field.scale(
        np.array([observation.timeline.whole.start_ms])
    )
    assert response[0] < 0.95
    assert counts[1][0] / counts[0][0] == pytest.approx(response[0], abs=0.03)
    assert counts[1][1] == pytest.approx(counts[0][1], abs=4 * np.sqrt(2 * 18_000))


def test_the_background_is_even(synthetic_calibration: Path) -> None:
    scene = Scene(background=2000.0)
    _, parts = observed(scene, synthetic_calibration, leg=LegPlan(10.0, 5.0))
    x, y = (np.concatenate([getattr(part, axis) for part in parts]) for axis in "xy")
    radius = np.hypot(x, y)
    assert len(x) == pytest.approx(2000 * 60, rel=0.012)
    assert radius.max() < FIELD_ARCSEC
    for part in (0.3, 0.6, 0.9):
        assert (radius < part * FIELD_ARCSEC).mean() == pytest.approx(part**2, abs=0.006)
    assert abs(x.mean()) < 4 * x.std() / np.sqrt(len(x))


@pytest.mark.parametrize("band", list(Band))
def test_the_live_fraction_is_what_a_reduction_makes_of_the_recorded_rate(
    band: Band, synthetic_calibration: Path
) -> None:
    scene = Scene((Source(10.2, 5.2, rate=200.0),), background=20_000.0)
    observation = observe(
        [LegPlan(10.0, 5.0)],
        scene,
        Detector(),
        band=band,
        eclipse=23500,
        calibration=synthetic_calibration,
    )
    rates, live = observation.rates, observation.live_fraction
    recorded = live * (rates.counted + 20_000.0 * rates.background_counted)
    model = DEAD_TIME[band]
    np.testing.assert_allclose(live, (model.slope * recorded + model.intercept) / model.intercept)
    assert (live < 0.93).all()


def test_the_kernels_project_as_the_plain_formulas_do() -> None:
    (leg,) = fly([LegPlan(359.9, 84.0, roll0=77.0)], 0)
    attitude, aspect = Attitude.of(leg), leg.aspect
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-2400, 2400, (2, 500))
    row = rng.integers(0, len(aspect) - 1, 500)
    ra, dec = plane_to_sky(x, y, aspect.ra[row], aspect.dec[row], aspect.roll[row])
    still = np.zeros(500)
    directions = np.ascontiguousarray(sky_frames(ra, dec)[:, 2])
    found = to_plane(directions, row, still, attitude.axes, attitude.drift)
    np.testing.assert_allclose(found, (x, y), atol=1e-6)
    back = from_plane(*found, row, still, attitude.axes, attitude.drift)
    np.testing.assert_allclose(back, (ra, dec), atol=1e-10)


def test_the_drift_carries_the_pointing_to_the_next_row() -> None:
    (leg,) = fly([LegPlan(120.0, 30.0)], 0)
    attitude, aspect = Attitude.of(leg), leg.aspect
    row = np.arange(len(aspect) - 1)
    whole = np.ones(len(row))
    ra, dec = from_plane(0 * whole, 0 * whole, row, whole, attitude.axes, attitude.drift)
    np.testing.assert_allclose(dec, aspect.dec[1:], atol=1e-7)
    np.testing.assert_allclose(ra, aspect.ra[1:], atol=1e-7)
