"""The plan of a mission: surveys, sky, times, bands and repeated visits."""

from collections import Counter

import numpy as np
import pytest

from gphoton_db.errors import SimulationError
from gphoton_db.mission import Band, Epoch, epoch_of
from gphoton_db.simulate.mission_plan import (
    LAST_FUV_ECLIPSE,
    MISSION_ECLIPSES,
    SURVEYS,
    PlannedVisit,
    plan_mission,
)
from gphoton_db.simulate.survey_fields import (
    AIS_LEAST_LATITUDE_DEG,
    all_sky_strips,
    away_from_sun,
    galactic_latitude,
    unit_vectors,
)


@pytest.fixture(scope="module")
def plan() -> tuple[PlannedVisit, ...]:
    return plan_mission(2000)


def test_the_same_seed_makes_the_same_plan(plan: tuple[PlannedVisit, ...]) -> None:
    assert plan_mission(2000) == plan
    assert plan_mission(2000, seed=2) != plan


def test_eclipses_come_in_order_and_can_all_be_simulated(plan: tuple[PlannedVisit, ...]) -> None:
    numbers = [visit.eclipse for visit in plan]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 2000
    assert {epoch_of(number) for number in numbers} == {Epoch.PRE_CSP, Epoch.POST_CSP}
    starts = np.array([visit.start_ms for visit in plan])
    lengths = np.array([len(v.boresights) * (v.duration + v.slew) for v in plan])
    assert (np.diff(starts) > 1000 * lengths[:-1]).all()


def test_surveys_have_their_shares_and_legs(plan: tuple[PlannedVisit, ...]) -> None:
    counts = Counter(visit.survey for visit in plan)
    for survey, share in SURVEYS.items():
        assert abs(counts[survey] / len(plan) - share) < 0.05
    legs = Counter(len(visit.boresights) for visit in plan if visit.survey == "AIS")
    assert legs.most_common(1)[0][0] == 12
    assert {len(visit.boresights) for visit in plan if visit.survey != "AIS"} == {1}


def test_one_field_is_seen_far_more_often_than_others(plan: tuple[PlannedVisit, ...]) -> None:
    deep = [visit for visit in plan if visit.survey == "DIS"]
    (deepest, most), (_, next_most) = Counter(visit.target for visit in deep).most_common(2)
    assert most > 5 * next_most
    assert [v.visit for v in deep if v.target == deepest] == list(range(1, most + 1))
    assert len({v.boresights for v in deep if v.target == deepest}) == 1


def test_fuv_is_missing_sometimes_and_always_in_the_end(plan: tuple[PlannedVisit, ...]) -> None:
    early = [visit.bands for visit in plan if visit.eclipse <= LAST_FUV_ECLIPSE]
    assert 0.05 < early.count((Band.NUV,)) / len(early) < 0.15
    assert {visit.bands for visit in plan if visit.eclipse > LAST_FUV_ECLIPSE} == {(Band.NUV,)}


def test_eclipses_look_away_from_the_sun(plan: tuple[PlannedVisit, ...]) -> None:
    for visit in plan[::40]:
        places = unit_vectors(np.array(visit.boresights))
        assert places.mean(axis=0) @ away_from_sun(visit.start_ms) > -0.01


def test_the_sun_is_where_it_is() -> None:
    # The equinox of 2008-03-20 05:48 UTC: ra and dec of the Sun are 0.
    equinox_ms = (1205992080 - 315964800) * 1000
    assert np.allclose(away_from_sun(equinox_ms), [-1, 0, 0], atol=0.001)


def test_the_all_sky_survey_leaves_no_hole_but_the_plane() -> None:
    fields = all_sky_strips()
    boresights = np.concatenate(fields.boresights)
    assert np.abs(galactic_latitude(boresights)).min() >= AIS_LEAST_LATITUDE_DEG
    rng = np.random.default_rng(5)
    places = np.stack([rng.uniform(0, 360, 2000), np.degrees(np.arcsin(rng.uniform(-1, 1, 2000)))])
    far = np.abs(galactic_latitude(places.T)) > AIS_LEAST_LATITUDE_DEG + 1
    nearest = (unit_vectors(places.T[far]) @ unit_vectors(boresights).T).max(axis=1)
    assert np.degrees(np.arccos(nearest.min())) < 0.72


@pytest.mark.parametrize("n", [0, len(MISSION_ECLIPSES) + 1])
def test_more_eclipses_than_the_mission_had_are_refused(n: int) -> None:
    with pytest.raises(SimulationError, match="the real one had 45,775"):
        plan_mission(n)


@pytest.mark.parametrize(("surveys", "named"), [(["AIS", "XYZ"], "XYZ"), ([], "none")])
def test_surveys_that_are_not_known_are_refused(surveys: list[str], named: str) -> None:
    with pytest.raises(SimulationError, match=f"{named}: no survey"):
        plan_mission(10, surveys=surveys)


def test_a_seed_is_no_negative_number() -> None:
    with pytest.raises(SimulationError, match="seed"):
        plan_mission(10, seed=-1)
