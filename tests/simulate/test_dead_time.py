"""Dead time as a reduction finds it: in the rates of stims and of photons."""

from pathlib import Path

import numpy as np
import pytest

from gphoton_db.mission import DEAD_TIME, Band
from gphoton_db.simulate.plan import Detector, LegPlan
from gphoton_db.simulate.scene import Hotspot, Origin, Scene, Source
from gphoton_db.simulate.visit import simulate_visit
from tests.oracle.raw6 import read_raw6
from tests.oracle.reduction import reduce_visit


# The bands differ in two numbers of the model.
@pytest.mark.parametrize("band", [Band.NUV, pytest.param(Band.FUV, marks=pytest.mark.deep)])
def test_stims_sources_and_hotspots_lose_what_the_model_says(
    band: Band, synthetic_calibration: Path, tmp_path: Path
) -> None:
    scene = Scene(
        (Source(10.1, 5.0, rate=500.0),),
        hotspots=(Hotspot(470.5, 520.5, 500.0),),
        background=22_000.0,
    )
    visit = simulate_visit(
        tmp_path,
        calibration=synthetic_calibration,
        band=band,
        legs=[LegPlan(10.0, 5.0, duration=31)],
        scene=scene,
        detector=Detector(response=False),
    )
    reduction = reduce_visit(
        read_raw6(visit.raw6),
        visit.legs,
        visit.calibration,
        fuv_temperature=visit.fuv_temperature if band is Band.FUV else None,
    )
    photons, model = reduction.legs[0], DEAD_TIME[band]
    second = (photons.time_ms - visit.legs[0].aspect.time_ms[0]) / 1000
    # The reduction knows the rate where there is pointing.
    rate = ((photons.flag == 0) & (second >= 5) & (second < 26)).sum() / 21
    live = (model.slope * rate + model.intercept) / model.intercept
    assert 0.8 < live < 0.9
    origin, seconds = visit.truth.origin, 31.005
    for which, expected in ((Origin.STIM, model.intercept), (Origin.HOTSPOT, 500.0), (0, 500.0)):
        found = (origin == which).sum()
        assert found == pytest.approx(
            expected * live * seconds, abs=4 * np.sqrt(expected * seconds)
        )
    assert (origin == Origin.BACKGROUND).sum() / (22_000 * seconds) == pytest.approx(
        live, abs=0.004
    )


def test_stims_are_all_recorded_in_the_dark(synthetic_calibration: Path, tmp_path: Path) -> None:
    visit = simulate_visit(
        tmp_path,
        calibration=synthetic_calibration,
        band=Band.NUV,
        legs=[LegPlan(10.0, 5.0, duration=10, dark=((5.0, 10.0),))],
        scene=Scene(background=60_000.0),
        detector=Detector(stim_rate=100.0),
    )
    second = (visit.truth.time_ms - visit.legs[0].aspect.time_ms[0]) / 1000
    stims = visit.truth.origin == Origin.STIM
    lit, dark = ((stims & (second // 5 == k)).sum() for k in (0, 1))
    assert dark == pytest.approx(400 * 5, abs=4 * np.sqrt(2_000))
    assert lit < 0.85 * dark
