"""The reduction against the independent oracle, photon by photon, on made-up visits."""

from collections.abc import Callable

import numpy as np
import pytest

from gphoton_db.exposure import exposure_between
from gphoton_db.mission import Flag
from tests.ingest.cases import CASE_NAMES, CASES
from tests.ingest.reduced import Comparison, distance_arcsec
from tests.oracle.exposure import exposure

FINAL_FLAGS = {Flag.GOOD, Flag.NO_POINTING, Flag.BAD_POINTING, Flag.GHOST}


@pytest.fixture(params=CASE_NAMES)
def comparison(
    request: pytest.FixtureRequest, comparison_of: Callable[[str], Comparison]
) -> Comparison:
    return comparison_of(request.param)


def test_every_leg_has_the_photons_of_its_time(comparison: Comparison) -> None:
    legs = comparison.eclipse.legs
    assert [leg.leg.number for leg in legs] == [leg.number for leg in comparison.visit.legs]
    for leg, photons in zip(legs, comparison.oracle, strict=True):
        assert sum(part.n_photons for part in leg.files) == len(photons)
    assert comparison.eclipse.telemetry.layout.n_rows == len(comparison.visit.truth)


def test_measured_columns_are_identical(comparison: Comparison) -> None:
    for ours, theirs in comparison.pairs:
        assert np.array_equal(ours.t_ms, theirs.time_ms)
        assert np.array_equal(ours.q, theirs.q)
        assert np.array_equal(ours.ya, theirs.ya)


def test_flags_are_identical(comparison: Comparison) -> None:
    for ours, theirs in comparison.pairs:
        assert np.array_equal(ours.flags, theirs.flag)
        assert (ours.flags == Flag.GOOD).sum() > 5_000
        assert set(ours.flags) <= FINAL_FLAGS


def test_sky_positions_agree(comparison: Comparison) -> None:
    for ours, theirs in comparison.pairs:
        distance = distance_arcsec(ours.ra, ours.dec, theirs.ra, theirs.dec)
        assert np.array_equal(np.isnan(ours.ra), np.isnan(theirs.ra))
        assert np.array_equal(np.isnan(ours.dec), np.isnan(theirs.dec))
        assert np.nanmax(distance) < 1e-6
        assert ((ours.ra >= 0) & (ours.ra < 360) | np.isnan(ours.ra)).all()


def test_detector_pixels_agree(comparison: Comparison) -> None:
    for ours, theirs in comparison.pairs:
        # float32 keeps 3e-5 of a pixel at 800.
        assert abs(ours.col - theirs.col).max() < 1e-4
        assert abs(ours.row - theirs.row).max() < 1e-4


def test_response_and_hotspots_agree(comparison: Comparison) -> None:
    for ours, theirs in comparison.pairs:
        # What counts is the pixel of the stored float32 position, which may round up to the next.
        same = np.trunc(ours.col) == np.trunc(theirs.col)
        same &= np.trunc(ours.row) == np.trunc(theirs.row)
        assert same.mean() > 0.9995
        np.testing.assert_allclose(ours.response[same], theirs.response[same], rtol=1e-6)
        assert np.array_equal(ours.mask[same], theirs.mask[same])
        assert ours.mask.any()


def test_exposure_of_any_interval_agrees(comparison: Comparison) -> None:
    band = comparison.visit.band
    for leg, photons in zip(comparison.eclipse.legs, comparison.oracle, strict=True):
        first, last = int(photons.time_ms[0]), int(photons.time_ms[-1])
        on_detector = leg.photons.on_detector_ms
        assert on_detector is not None
        odd = [(first + 7_003, last - 11_111), (first + 12_345, first + 12_346)]
        outside = [(first - 5_000, first + 9_000), (last + 1_000, last + 2_000)]
        for start, stop in [on_detector, (first, last), (first, last + 1), *odd, *outside]:
            found = exposure_between(leg.photons.ticks, start, stop, band).effective
            expected = exposure(photons.time_ms, photons.flag, start, stop, band=band)
            assert found == pytest.approx(expected, abs=1e-6)


def test_ticks_count_every_photon(comparison: Comparison) -> None:
    for leg, photons in zip(comparison.eclipse.legs, comparison.oracle, strict=True):
        ticks = leg.photons.ticks
        times, events = np.unique(photons.time_ms, return_counts=True)
        good = photons.time_ms[photons.flag == Flag.GOOD]
        assert np.array_equal(ticks.t_ms, times)
        assert np.array_equal(ticks.events, events)
        assert ticks.unflagged.sum() == len(good)
        assert np.array_equal(times[ticks.unflagged > 0], np.unique(good))


def test_the_image_interval_is_that_of_photons_on_the_detector(comparison: Comparison) -> None:
    for leg, photons in zip(comparison.eclipse.legs, comparison.oracle, strict=True):
        on_detector = photons.time_ms[np.isfinite(photons.ra) & (photons.detrad < 400)]
        assert leg.photons.on_detector_ms == (on_detector[0], on_detector[-1])


@pytest.mark.parametrize("case", [name for name, case in CASES.items() if case.ghosts])
def test_ghost_photons_are_flagged_kept_and_counted(
    case: str, comparison_of: Callable[[str], Comparison]
) -> None:
    comparison = comparison_of(case)
    (ours, theirs), leg = comparison.pairs[0], comparison.eclipse.legs[0]
    ghost = ours.flags == Flag.GHOST
    assert ghost.sum() == sum(part.n_ghost for part in leg.files) > 200
    assert np.isfinite(ours.ra[ghost]).all()
    assert leg.photons.ticks.unflagged.sum() == (theirs.flag == Flag.GOOD).sum()
