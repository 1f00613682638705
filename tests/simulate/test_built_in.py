"""The built-in scene, which the demonstration shows."""

import numpy as np
import pytest

from gphoton_db.mission import DETECTOR_RADIUS_DEG
from gphoton_db.simulate.budget import check_scene
from gphoton_db.simulate.built_in import CENTRE, built_in_plan
from gphoton_db.simulate.light_curves import Flare


@pytest.mark.parametrize("legs", [1, 2, 5])
def test_every_leg_sees_the_flare_star(legs: int) -> None:
    plan = built_in_plan(legs=legs)
    star = plan.scene.sources[0]
    assert (star.ra, star.dec) == CENTRE
    check_scene(plan.legs, plan.scene)
    for leg in plan.legs:
        distance = np.hypot((leg.ra0 - star.ra) * np.cos(np.radians(star.dec)), leg.dec0 - star.dec)
        assert distance < DETECTOR_RADIUS_DEG / 2
    assert len({(leg.ra0, leg.dec0) for leg in plan.legs}) == legs


@pytest.mark.parametrize("duration", [30, 120, 1500])
def test_the_star_flares_and_decays_in_the_first_leg(duration: int) -> None:
    curve = built_in_plan(duration=duration).scene.sources[0].light_curve
    assert isinstance(curve, Flare)
    assert 5 < curve.start < curve.start + curve.rise + curve.decay < duration - 2
