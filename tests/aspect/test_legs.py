from collections.abc import Callable

import numpy as np
import pytest

from gphoton_db.aspect.legs import (
    LegStart,
    dither_boresight,
    good_fixes,
    leg_geometry,
    legs_from_aspect,
    legs_from_boresights,
    nominal_boresight,
)
from gphoton_db.aspect.pointing import Aspect, Boresight, Leg
from gphoton_db.aspect.sphere import separation
from gphoton_db.errors import PointingError
from gphoton_db.mission import DETECTOR_RADIUS_DEG

Dither = Callable[..., dict[str, np.ndarray]]
AsAspect = Callable[[dict[str, np.ndarray]], Aspect]

TARGETS = {
    "equator": [(10.0, 0.0), (11.2, 0.3)],
    "across RA 0": [(359.6, 20.0), (0.4, 20.0)],
    "target on RA 0": [(0.0, -30.0), (1.0, -30.0)],
    "near the pole": [(40.0, 89.7), (220.0, 89.6)],
}


def _aspect(flags: list[int], time_s: list[float] | None = None) -> Aspect:
    n = len(flags)
    time = np.arange(n) if time_s is None else np.array(time_s)
    return Aspect(
        np.rint(time * 1000).astype(np.int64),
        np.full(n, 10.0),
        np.zeros(n),
        np.zeros(n),
        np.array(flags, dtype=np.int64),
    )


def test_a_good_fix_has_even_flags_on_both_sides() -> None:
    assert good_fixes(_aspect([0, 0, 2, 0, 1, 0, 0, 0, 4])).tolist() == [
        False, True, True, False, False, False, True, True, False
    ]  # fmt: skip


def test_a_good_fix_has_steps_of_one_second_on_both_sides() -> None:
    good = good_fixes(_aspect([0] * 6, [0, 1, 2, 3.005, 4.005, 5.005]))
    assert good.tolist() == [False, True, False, False, True, False]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_rows_hold_no_good_fix(n: int) -> None:
    assert not good_fixes(_aspect([0] * n)).any()


def test_flags_of_negative_sign_are_odd_or_even_too() -> None:
    assert not good_fixes(_aspect([0, -1, 0])).any()
    assert good_fixes(_aspect([0, -2, 0])).tolist() == [False, True, False]


@pytest.mark.parametrize("targets", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("slew_flag", [0, 1])
def test_two_legs_are_found_in_the_aspect_alone(
    dither: Dither, as_aspect: AsAspect, targets: list[tuple[float, float]], slew_flag: int
) -> None:
    aspect = as_aspect(dither(targets, slew_seconds=25, slew_flag=slew_flag, roll=359.0))
    legs = legs_from_aspect(aspect)
    assert [leg.number for leg in legs] == [0, 1]
    for leg, target in zip(legs, targets, strict=True):
        away = separation(*target, leg.boresight.ra0, leg.boresight.dec0)
        assert away < 0.012
        assert leg.boresight.roll0 == pytest.approx(359.0)
        assert leg_geometry(leg).good_s == pytest.approx(100, abs=5)
    assert legs[0].aspect.time_ms[-1] < legs[1].aspect.time_ms[0]


def test_the_slew_is_in_no_leg(dither: Dither, as_aspect: AsAspect) -> None:
    aspect = as_aspect(dither([(10.0, 0.0), (12.0, 0.0)], seconds=60, slew_seconds=20))
    for leg in legs_from_aspect(aspect):
        away = separation(leg.aspect.ra, leg.aspect.dec, leg.boresight.ra0, leg.boresight.dec0)
        # one step of the slew, at most, on either side of the fixes that are used
        assert away[1:-1].max() < 0.12
        assert away.max() < 0.25


def test_every_good_fix_of_a_leg_is_one_of_the_whole_aspect(
    dither: Dither, as_aspect: AsAspect
) -> None:
    aspect = as_aspect(dither([(10.0, 0.0), (11.0, 0.0)], slew_flag=1))
    legs = legs_from_aspect(aspect)
    used = np.concatenate([leg.aspect.time_ms[good_fixes(leg.aspect)] for leg in legs])
    assert used.tolist() == aspect.time_ms[good_fixes(aspect)].tolist()


def test_a_jump_without_a_slew_leaves_no_row_in_two_legs(
    dither: Dither, as_aspect: AsAspect
) -> None:
    aspect = as_aspect(dither([(10.0, 0.0), (11.0, 0.0), (12.0, 0.0)], slew_seconds=0))
    legs = legs_from_aspect(aspect)
    times = np.concatenate([leg.aspect.time_ms for leg in legs])
    assert len(legs) == 3
    assert times.tolist() == aspect.time_ms.tolist()


def test_legs_shorter_than_thirty_seconds_are_dropped() -> None:
    def aspect(good_seconds: int) -> Aspect:
        return _aspect([1] + [0] * (good_seconds + 2) + [1])

    assert legs_from_aspect(aspect(29)) == ()
    (leg,) = legs_from_aspect(aspect(30))
    assert leg_geometry(leg).good_s == 30
    assert len(leg.aspect) == 32


def test_a_long_pause_ends_a_leg_and_a_bad_row_does_not() -> None:
    one = legs_from_aspect(_aspect([0] * 50 + [1] + [0] * 50))
    two = legs_from_aspect(_aspect([0] * 50 + [1] * 20 + [0] * 50))
    gap = legs_from_aspect(_aspect([0] * 100, [*range(50), *range(70, 120)]))
    assert [len(legs) for legs in (one, two, gap)] == [1, 2, 2]


def test_aspect_without_good_fixes_has_no_legs() -> None:
    assert legs_from_aspect(_aspect([1] * 100)) == ()
    assert legs_from_aspect(_aspect([0] * 100, list(range(0, 200, 2)))) == ()


def test_a_planned_boresight_nearby_is_taken(dither: Dither, as_aspect: AsAspect) -> None:
    aspect = as_aspect(dither([(10.0, 0.0), (11.0, 0.0)], slew_flag=1))
    planned = [Boresight(11.001, 0.001, 7.0), Boresight(55.0, 0.0, 7.0)]
    first, second = legs_from_aspect(aspect, planned=planned)
    assert second.boresight is planned[0]
    assert first.boresight == dither_boresight(first.aspect)


@pytest.mark.parametrize("targets", TARGETS.values(), ids=TARGETS)
def test_a_boresight_table_splits_the_aspect_at_its_starts(
    dither: Dither, as_aspect: AsAspect, targets: list[tuple[float, float]]
) -> None:
    aspect = as_aspect(dither(targets))
    first_ms = int(aspect.time_ms[0])
    starts = [
        LegStart(k, first_ms + 1000 + k * 110_000, ra0=ra, dec0=dec, roll0=5.0)
        for k, (ra, dec) in enumerate(targets)
    ]
    legs = legs_from_boresights(aspect, starts[::-1])
    assert [leg.boresight for leg in legs] == [Boresight(*t, 5.0) for t in targets]
    # The row before the first start is in no leg; a row at a start belongs to that leg.
    assert [(leg.aspect.time_ms[[0, -1]] - first_ms).tolist() for leg in legs] == [
        [1000, 110_000],
        [111_000, 219_000],
    ]


def test_a_leg_without_aspect_is_left_out_and_the_others_keep_their_numbers() -> None:
    aspect = _aspect([0] * 50)
    starts = [LegStart(0, -9000), LegStart(1, 0), LegStart(2, 60_000)]
    assert [leg.number for leg in legs_from_boresights(aspect, starts)] == [1]


@pytest.mark.parametrize(
    "starts",
    [
        [LegStart(0, 0), LegStart(1, 0)],
        [LegStart(0, 0), LegStart(0, 5000)],
        [LegStart(1, 0), LegStart(0, 5000)],
    ],
)
def test_legs_out_of_order_are_an_error(starts: list[LegStart]) -> None:
    with pytest.raises(PointingError, match="numbered in order of time"):
        legs_from_boresights(_aspect([0] * 50), starts)


def test_what_is_not_given_of_a_boresight_is_that_of_the_dither() -> None:
    aspect = _aspect([0] * 50)
    dither = dither_boresight(aspect)
    assert (dither.ra0, dither.dec0, dither.roll0) == pytest.approx((10.0, 0.0, 0.0))
    one = nominal_boresight(aspect, ra0=1.0, dec0=None, roll0=3.0)
    assert one == Boresight(dither.ra0, dither.dec0, 3.0)
    other = nominal_boresight(aspect, ra0=-1.0, dec0=2.0, roll0=None)
    assert other == Boresight(359.0, 2.0, dither.roll0)


def test_an_impossible_boresight_is_an_error() -> None:
    with pytest.raises(PointingError, match=r"91.0.*outside"):
        nominal_boresight(_aspect([0] * 50), ra0=1.0, dec0=91.0, roll0=0.0)


@pytest.mark.parametrize("target", [(10.0, 0.0), (0.0, 45.0), (359.99, -60.0), (77.0, 89.8)])
def test_geometry_encloses_what_the_leg_saw(
    dither: Dither, as_aspect: AsAspect, target: tuple[float, float]
) -> None:
    aspect = as_aspect(dither([target]))
    boresight = Boresight(*target, 110.0)
    geometry = leg_geometry(Leg(0, boresight, aspect))
    assert (geometry.t0_ms, geometry.t1_ms) == (aspect.time_ms[0], aspect.time_ms[-1])
    assert (geometry.ra0, geometry.dec0) == target
    assert geometry.good_s == 98
    assert geometry.radius == pytest.approx(DETECTOR_RADIUS_DEG + 0.01, abs=3e-4)
    assert geometry.bounds.contains(aspect.ra, aspect.dec).all()
    lowest = aspect.dec[1:-1].min() - DETECTOR_RADIUS_DEG
    assert geometry.bounds.dec_min == pytest.approx(lowest, abs=1e-8)


def test_geometry_counts_only_good_fixes() -> None:
    aspect = _aspect([0] * 50)
    aspect.ra[20] = 12.0
    aspect.flags[20] = 1
    geometry = leg_geometry(Leg(0, Boresight(10.0, 0.0, 0.0), aspect))
    assert geometry.good_s == 45
    assert geometry.radius == pytest.approx(DETECTOR_RADIUS_DEG)


def test_a_leg_without_a_good_fix_has_no_geometry() -> None:
    with pytest.raises(PointingError, match="leg 3 has no good aspect fix"):
        leg_geometry(Leg(3, Boresight(0.0, 0.0, 0.0), _aspect([1] * 50)))
