from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gphoton_db.errors import SimulationError
from gphoton_db.mission import Band
from gphoton_db.simulate.budget import check_scene, expected_events, scene_with_events
from gphoton_db.simulate.light_curves import Flare
from gphoton_db.simulate.plan import Detector, LegPlan
from gphoton_db.simulate.scene import BandRates, Galaxy, Ghost, Hotspot, Scene, Source
from gphoton_db.simulate.visit import simulate_visit

LEGS = (
    LegPlan(10.0, 5.0, duration=40, slew=20, gaps=((5.0, 9.0),)),
    LegPlan(10.3, 5.0, duration=30, dark=((10.25, 15.0),)),
)
SCENE = Scene(
    sources=(
        Source(10.0, 5.3, rate=200.0),
        Source(10.2, 5.0, rate=50.0, light_curve=Flare(start=20.0, peak=10.0)),
        Source(10.6, 5.0, rate=100.0),
    ),
    galaxies=(Galaxy(10.1, 4.9, 20.0, rate=30.0),),
    hotspots=(Hotspot(520.5, 470.5, 40.0),),
    ghosts=(Ghost(10.0, 5.1, 20.0),),
    background=BandRates(nuv=500.0, fuv=70.0),
)


IDEAL = Detector(response=False, dead_time=False)


@pytest.mark.parametrize(
    ("eclipse", "detector"),
    [
        (40000, Detector()),
        (23500, IDEAL),
        pytest.param(23500, Detector(), marks=pytest.mark.deep),
        pytest.param(40000, IDEAL, marks=pytest.mark.deep),
    ],
)
def test_a_visit_has_the_events_that_are_expected(
    eclipse: int, detector: Detector, synthetic_calibration: Path, tmp_path: Path
) -> None:
    expected = expected_events(LEGS, SCENE, detector, Band.NUV, eclipse, synthetic_calibration)
    visit = simulate_visit(
        tmp_path,
        calibration=synthetic_calibration,
        band=Band.NUV,
        eclipse=eclipse,
        legs=LEGS,
        scene=SCENE,
        detector=detector,
    )
    assert visit.n_events == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_a_background_makes_the_events_that_are_wanted(synthetic_calibration: Path) -> None:
    arguments = (Detector(), Band.FUV, 23500, synthetic_calibration)
    scene = scene_with_events(
        1_000_000,
        legs=LEGS,
        scene=SCENE,
        detector=Detector(),
        band=Band.FUV,
        eclipse=23500,
        calibration=synthetic_calibration,
    )
    assert expected_events(LEGS, scene, *arguments) == pytest.approx(1_000_000, rel=1e-6)
    assert isinstance(scene.background, BandRates)
    assert scene.background.nuv == 500.0
    assert scene.background.fuv > 10_000
    assert scene.sources == SCENE.sources


@pytest.mark.parametrize(
    ("n_events", "message"),
    [
        (20_000, r"20,000 NUV events are too few: .* stims of the scene alone make \d\d,\d\d\d"),
        (1e9, r"1,000,000,000 NUV events are too many: .* make them longer"),
    ],
)
def test_impossible_numbers_of_events_are_refused(
    n_events: float, message: str, synthetic_calibration: Path
) -> None:
    with pytest.raises(SimulationError, match=message):
        scene_with_events(
            n_events,
            legs=LEGS,
            scene=SCENE,
            detector=Detector(),
            band=Band.NUV,
            eclipse=23500,
            calibration=synthetic_calibration,
        )


def test_what_some_leg_sees_is_no_problem() -> None:
    check_scene(LEGS, SCENE)
    check_scene((LegPlan(0.1, 88.0),), Scene((Source(359.0, 88.0, rate=1.0),)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"sources": (*SCENE.sources, Source(12.0, 5.0, rate=1.0))},
            r"source\[3\] \(ra 12.0, dec 5.0\) is 1.69 deg from the nearest leg's boresight; "
            r"the field's radius is 0.67 deg",
        ),
        ({"galaxies": (Galaxy(10.0, 6.0, 20.0, rate=30.0),)}, r"galaxy\[0\] .* is 1.00 deg"),
        ({"ghosts": (Ghost(190.0, 5.0, 20.0),)}, r"ghost\[0\] .* is 170.00 deg"),
    ],
)
def test_what_no_leg_sees_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SimulationError, match=message):
        check_scene(LEGS, replace(SCENE, **changes))


def test_a_visit_needs_a_leg() -> None:
    with pytest.raises(SimulationError, match="no leg: a visit needs at least one pointing"):
        check_scene((), SCENE)
