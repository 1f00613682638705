"""Statistics of photons of which it is known how they came: bursts, constants, nothing at all."""

import numpy as np
import pytest
from benchmarks.variable_times import (
    Factors,
    Floats,
    constant,
    dither_of,
    simulate_times,
    with_burst,
)

from gphoton_db.mission import Band
from gphoton_db.products.apertures.targets import Targets
from gphoton_db.products.variables.curves import Curves
from gphoton_db.products.variables.neighbours import in_step, shares_photons
from gphoton_db.products.variables.scoring import scores
from gphoton_db.products.variables.statistics import (
    BandStatistics,
    Columns,
    band_statistics,
    constancy_columns,
)
from tests.products.flares.curves import gj65, read_curve

CUT = 4.5


def statistics_of(
    rates: Floats, background: float, seconds: int, factors: Factors = constant, depth: int = 30
) -> BandStatistics:
    of = simulate_times(np.random.default_rng(5), rates, background, seconds, factors)
    dirty = np.zeros((len(rates), -(-seconds // depth)), np.bool_)
    return band_statistics(of, dirty, dither_of(seconds), depth)


def score_of(columns: Columns) -> Floats:
    unknown = np.full(len(columns["flare_p"]), np.nan)
    return scores({**columns, "coincidence_p": unknown})[0]


def test_five_seconds_with_fifteen_photons_are_found_on_a_faint_star() -> None:
    rng = np.random.default_rng(5)
    of = with_burst(rng, simulate_times(rng, np.full(40, 0.05), 0.25, 1500), 400, 5, 15)
    found = band_statistics(of, np.zeros((40, 50), np.bool_), dither_of(1500), 30).columns
    assert (score_of(found) >= CUT).all()
    assert (np.abs(found["flare_t0"] - 400) < 5).all()
    assert np.median(found["flare_window"]) == 5
    # In bins of 30 s, it is lost.
    assert (found["constant_p"] > found["flare_p"]).all()
    assert np.median(found["constant_p"]) > 1e-4


def test_probabilities_are_those_of_constant_stars() -> None:
    rates = 10 ** np.random.default_rng(1).uniform(-1.5, 0.5, 800)
    found = statistics_of(rates, 0.3, 900).columns
    for name in ("constant_p", "trend_p", "period_p", "dither_p"):
        assert np.mean(found[name] < 0.1) == pytest.approx(0.1, abs=0.04)
    for name in ("flare_p", "dip_p"):  # upper limits: windows overlap
        assert np.mean(found[name] < 0.1) < 0.1
    assert (score_of(found) >= CUT).sum() <= 1
    assert np.abs(np.mean(found["excess_variance"][rates > 1])) < 0.02


def test_a_rate_that_goes_with_the_place_on_the_detector_says_so() -> None:
    place = dither_of(900)[:, 0] / 80

    def swing(_: int, seconds: Floats) -> Floats:
        return 1 + 0.4 * place[(seconds // 5).astype(np.int64)]

    found = statistics_of(np.full(10, 3.0), 0.3, 900, swing).columns
    assert (found["dither_p"] < 1e-6).all()
    # Its frequency is not looked at, so that it is no period.
    assert (np.abs(1 / found["period"] - 0.00882) > 1 / 900).all()


def test_sources_that_vary_in_step_say_so() -> None:
    def dark(_: int, seconds: Floats) -> Floats:
        return np.where((seconds > 500) & (seconds < 600), 0.7, 1.0)

    residuals = statistics_of(np.full(12, 4.0), 0.3, 900, dark).residuals
    places = Targets(150 + np.arange(12) / 100, np.zeros(12))
    found = in_step(places, residuals, 12.8)
    assert (found.neighbours > 0).all()
    assert np.median(found.probability) < 1e-3
    alone = in_step(Targets(np.arange(12.0), np.zeros(12)), residuals, 12.8)
    assert np.isnan(alone.probability).all()
    near = Targets(np.array([10.0, 10.003, 20.0]), np.zeros(3))
    assert shares_photons(near, np.array([1.0, 9.0, 2.0]), 12.8).tolist() == [True, False, False]


@pytest.mark.parametrize(("rate", "seconds"), [(0.0, 300), (0.005, 300), (5.0, 20)])
def test_too_little_gives_no_numbers(rate: float, seconds: int) -> None:
    """No photons, a handful, and a single bin."""
    columns = statistics_of(np.full(3, rate), 0.0, seconds).columns
    names = ["constant_p", "trend_p", "period_p", "dither_p", "excess_variance"]
    if rate < 1:
        names = [*names[:4], "flare_p", "dip_p", "flare_t0", "dip_t0"]
        assert np.isnan(score_of(columns)).all()
    for name in names:
        assert np.isnan(columns[name]).all(), name


def test_bins_that_are_all_of_artifacts_are_not_clean() -> None:
    of = simulate_times(np.random.default_rng(2), np.full(2, 3.0), 0.1, 300)
    found = band_statistics(of, np.ones((2, 10), np.bool_), dither_of(300), 30).columns
    assert (found["n_clean"] == 0).all()
    assert np.isnan(found["max_cps"]).all()
    assert np.isnan(found["anderson_darling_p"]).all()
    assert (found["n_high"] == 0).all()


def published_curve(name: str) -> Columns:
    """Return what the bins of a published light curve of NUV say."""
    curve = read_curve((Band.NUV, gj65() / name))
    exposure = np.maximum(curve["exptime"].astype(float), 0.0)
    depth = float(np.median(curve["t1"].astype(float) - curve["t0"].astype(float)))
    used = exposure >= depth / 2
    counts, weights = curve["counts"][None].astype(float), (curve["cps"] * exposure)[None]
    expected = np.where(used, exposure, 0.0)[None]
    expected *= counts[:, used].sum() / expected.sum()
    curves = Curves(counts, weights, expected, exposure, used)
    return constancy_columns(curves, np.zeros(1), used[None])


@pytest.mark.parametrize("visit", ["e13648", "e13649", "e13651", "e13656"])
def test_published_flares_of_gj_65_are_found(visit: str) -> None:
    found = published_curve(f"{visit}-nd-30s.csv")
    assert found["constant_p"][0] < 1e-6
    assert found["excess_variance"][0] > 5 * found["excess_variance_err"][0]


@pytest.mark.parametrize("name", ["nearest1_5s.csv", "brightest2_5s.csv"])
def test_constant_stars_beside_gj_65_are_not(name: str) -> None:
    found = published_curve(name)
    assert found["constant_p"][0] > 1e-3
