"""The known faults of the reference implementation (its numbers in DESIGN): none is here."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from gphoton_db.exposure import exposure_between
from gphoton_db.mission import Band, Flag
from tests.ingest.cases import CASE_NAMES
from tests.ingest.reduced import Comparison
from tests.oracle.raw6 import read_raw6
from tests.oracle.reduction import reduce_visit
from tests.oracle.rules import OURS
from tests.oracle.sky import read_asprta


@pytest.mark.parametrize("case", ["NUV", "four legs"])
def test_the_last_photon_of_each_leg_is_kept(
    case: str, comparison_of: Callable[[str], Comparison]
) -> None:
    comparison = comparison_of(case)
    event_ms = comparison.visit.truth.time_ms
    for leg in comparison.eclipse.legs:
        first, last = leg.leg.aspect.time_ms[[0, -1]]
        of_leg = (event_ms >= first) & (event_ms <= last)
        assert sum(part.n_photons for part in leg.files) == of_leg.sum()
        assert leg.photons.ticks.t_ms[-1] == event_ms[of_leg][-1]


def test_a_missing_walk_corner_flags_a_photon(
    comparison_of: Callable[[str], Comparison],
) -> None:
    comparison = comparison_of("NUV")
    visit = comparison.visit
    mixing = reduce_visit(
        read_raw6(visit.raw6),
        read_asprta(sorted(visit.pointing.glob("*-asprta.fits.gz"))),
        visit.calibration,
        rules=replace(OURS, walk_needs_all_missing=True),
    )
    theirs = replace(comparison, oracle=mixing.legs)
    ours_flags, their_flags = (
        np.bincount(np.concatenate(flags).astype(int), minlength=13)
        for flags in (
            [photons.flag for photons in comparison.oracle],
            [photons.flag for photons in mixing.legs],
        )
    )
    changed = their_flags[Flag.GOOD] - ours_flags[Flag.GOOD]
    assert changed > 20
    stored = np.concatenate([ours.flags for ours, _ in theirs.pairs])
    assert (stored == Flag.GOOD).sum() == ours_flags[Flag.GOOD]
    assert (stored == Flag.BAD_POINTING).sum() == their_flags[Flag.BAD_POINTING] + changed
    rim = mixing.legs[0].detrad[comparison.oracle[0].flag != mixing.legs[0].flag]
    assert rim.min() > 380


@pytest.mark.parametrize("case", CASE_NAMES)
def test_photons_on_dead_pixels_are_kept_and_counted(
    case: str, comparison_of: Callable[[str], Comparison]
) -> None:
    comparison = comparison_of(case)
    for leg, (ours, theirs) in zip(comparison.eclipse.legs, comparison.pairs, strict=True):
        dead = (ours.flags == Flag.GOOD) & (ours.response == 0)
        assert dead.sum() == sum(part.n_no_weight for part in leg.files) > 100
        assert np.isfinite(ours.ra[dead]).all()
        assert abs(dead.sum() - ((theirs.flag == Flag.GOOD) & (theirs.response == 0)).sum()) <= 1


def test_dead_pixels_hold_their_events(comparison_of: Callable[[str], Comparison]) -> None:
    ours, _ = comparison_of("NUV").pairs[0]
    on_pixel = (abs(ours.col - 301.5) < 1.5) & (abs(ours.row - 501.5) < 1.5)
    assert on_pixel.sum() > 200
    assert (ours.response[on_pixel] == 0).all()


def test_the_dead_time_model_is_that_of_the_band(
    comparison_of: Callable[[str], Comparison],
) -> None:
    leg = comparison_of("dec -85, FUV").eclipse.legs[0].photons
    assert leg.on_detector_ms is not None
    fuv, nuv = (
        exposure_between(leg.ticks, *leg.on_detector_ms, band) for band in (Band.FUV, Band.NUV)
    )
    rate = leg.ticks.unflagged.sum() / fuv.raw
    assert fuv.raw == nuv.raw
    # Live fractions differ by 2.8e-7 an event a second: 0.06 % at 2,000, 0.3 % at 10,000.
    assert (fuv.effective - nuv.effective) / fuv.raw == pytest.approx(2.81e-7 * rate, rel=0.01)
