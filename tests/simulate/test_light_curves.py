from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from gphoton_db.mission import Band
from gphoton_db.simulate.light_curves import (
    Constant,
    Dimming,
    Flare,
    LightCurve,
    Sinusoid,
    Tabulated,
)
from gphoton_db.simulate.plan import Detector, LegPlan
from gphoton_db.simulate.scene import Scene, Source
from gphoton_db.simulate.visit import simulate_visit

EACH_KIND: dict[str, tuple[LightCurve, dict[float, float]]] = {
    "constant": (Constant(), {0.0: 1.0, 500.0: 1.0}),
    "flare": (
        Flare(start=100.0, peak=8.0, rise=4.0, decay=20.0),
        {0.0: 1.0, 100.0: 1.0, 102.0: 5.0, 104.0: 9.0, 124.0: 1 + 8 / np.e, 1000.0: 1.0},
    ),
    "sinusoid": (
        Sinusoid(period=50.0, amplitude=0.4, maximum=10.0),
        {10.0: 1.4, 35.0: 0.6, 22.5: 1.0, 60.0: 1.4},
    ),
    "one eclipse": (
        Dimming(middle=200.0, duration=40.0, depth=0.7, ingress=10.0),
        {100.0: 1.0, 180.0: 1.0, 185.0: 0.65, 190.0: 0.3, 200.0: 0.3, 215.0: 0.65, 400.0: 1.0},
    ),
    "eclipses": (
        Dimming(middle=20.0, duration=10.0, depth=1.0, ingress=2.0, period=100.0),
        {20.0: 0.0, 120.0: 0.0, 116.0: 0.5, 70.0: 1.0, -80.0: 0.0},
    ),
    "table": (
        Tabulated(seconds=(10.0, 20.0, 40.0), factors=(1.0, 3.0, 0.0)),
        {0.0: 1.0, 15.0: 2.0, 30.0: 1.5, 99.0: 0.0},
    ),
}


@pytest.mark.parametrize("name", EACH_KIND)
def test_factors_are_those_of_the_definition(name: str) -> None:
    curve, points = EACH_KIND[name]
    found = curve.factor(np.array(list(points)))
    np.testing.assert_allclose(found, list(points.values()), atol=1e-6)


@given(st.sampled_from(list(EACH_KIND)), st.floats(-100, 2000))
def test_no_factor_is_negative_or_above_the_largest(name: str, second: float) -> None:
    curve, _ = EACH_KIND[name]
    (factor,) = curve.factor(np.array([second]))
    assert 0 <= factor <= curve.largest * (1 + 1e-12)


def test_a_table_must_grow() -> None:
    with pytest.raises(ValidationError, match="must grow"):
        Tabulated(seconds=(1.0, 1.0), factors=(1.0, 2.0))


def counts_of(
    curve: LightCurve, directory: Path, calibration: Path, legs: tuple[LegPlan, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the photons of a star in each second of the legs, and how many are expected."""
    visit = simulate_visit(
        directory,
        calibration=calibration,
        band=Band.NUV,
        legs=legs,
        scene=Scene((Source(10.0, 5.0, rate=60.0, light_curve=curve),), background=10.0),
        detector=Detector(response=False, dead_time=False),
    )
    first = visit.legs[0].aspect.time_ms[0]
    since = (visit.truth.time_ms[visit.truth.origin == 0] - first) / 1000
    seconds = np.concatenate(
        [(leg.aspect.time_ms[:-1] - first) / 1000 for leg in visit.legs]
    ).astype(np.int64)
    found = np.bincount(since.astype(np.int64), minlength=seconds[-1] + 2)[seconds]
    fine = seconds[:, None] + np.arange(0.05, 1, 0.1)
    return found.astype(np.float64), 60.0 * curve.factor(fine).mean(axis=1)


@pytest.mark.parametrize("name", ["flare", "sinusoid", "eclipses", "table"])
def test_photons_arrive_as_the_light_curve_says(
    name: str, synthetic_calibration: Path, tmp_path: Path
) -> None:
    legs = (LegPlan(10.0, 5.0, duration=90, slew=20), LegPlan(10.1, 5.0, duration=60))
    found, expected = counts_of(EACH_KIND[name][0], tmp_path, synthetic_calibration, legs)
    assert (found[expected == 0] == 0).all()
    bright = expected > 0
    chi2 = ((found - expected)[bright] ** 2 / expected[bright]).mean()
    # 150 seconds: the mean of so many squares is known to 0.12.
    assert 0.6 < chi2 < 1.5
    assert found.sum() == pytest.approx(expected.sum(), abs=4 * np.sqrt(expected.sum()))
