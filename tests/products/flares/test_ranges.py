"""Ranges and numbers of flares, from light curves that are made up."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gphoton_db.errors import ProductError
from gphoton_db.products.flares.energy import energy_of, significance, temperature_of
from gphoton_db.products.flares.find import flares_of_curve
from gphoton_db.products.flares.found import why_unquiet
from gphoton_db.products.flares.measure import FlareRow
from gphoton_db.products.flares.options import FlareOptions
from gphoton_db.products.flares.ranges import Floats, clipped_median, find_ranges
from gphoton_db.products.flares.series import series_of
from gphoton_db.products.flares.template import AREA, bin_means, fit_template
from tests.products.flares.curves import Columns, made_up

NOWHERE = (float("nan"), float("nan"))


def flares(
    curve: Columns, options: FlareOptions | None = None, distance: tuple[float, float] = NOWHERE
) -> list[FlareRow]:
    series = list(series_of(curve, 12.8))
    return flares_of_curve(series, options or FlareOptions(template=True), distance).rows


def with_flare(n: int = 50, at: int = 20, peak: float = 20.0) -> Floats:
    time = np.arange(n) - at
    return np.asarray(2.0 + np.where(time >= 0, peak * np.exp(-time / 3.0), 0.0))


def test_a_flare_has_its_fluence_and_its_place() -> None:
    (row,) = flares(made_up(with_flare()), distance=(10.0, 0.1))
    assert row["t0"] <= 8.0e8 + 20 * 30 <= row["t_peak"] <= row["t1"]
    expected = 30 * (with_flare() - 2.0).sum() * 10 ** (0.4 * 0.09)
    assert abs(row["excess"] - expected) < 3 * row["excess_err"]
    assert row["energy"] > 10 * row["energy_err"] > 0
    assert not row["cut_before"]
    assert not row["cut_after"]
    assert row["n_left_out"] == row["missing"] == 0


@pytest.mark.parametrize(("at", "before", "after"), [(0, True, False), (46, False, True)])
def test_the_ends_of_a_visit_cut_a_flare(at: int, before: bool, after: bool) -> None:
    rows = flares(made_up(with_flare(at=at)))
    (row,) = [row for row in rows if row["significance"] > 10]
    assert (row["cut_before"], row["cut_after"]) == (before, after)
    assert row["peak_at_edge"] == (at == 0)


def test_a_gap_cuts_a_flare_and_a_bin_left_out_is_missing() -> None:
    curve = made_up(with_flare())
    gap = {name: np.delete(values, np.arange(23, 30)) for name, values in curve.items()}
    row = max(flares(gap), key=lambda each: each["significance"])
    assert row["cut_after"]
    assert row["t1"] == curve["t1"][22]
    curve["flags"] = np.where(np.arange(50) == 22, 1, 0)
    row = max(flares(curve), key=lambda each: each["significance"])
    assert not row["cut_after"]
    assert row["missing"] == 30.0
    assert row["n_left_out"] == 1


def test_a_visit_of_nothing_but_a_flare_has_the_quiescence_of_others() -> None:
    whole, quiet = made_up(with_flare(12, 0, 60.0)), made_up(np.full(12, 2.0))
    quiet["t0"], quiet["t1"] = quiet["t0"] + 6000, quiet["t1"] + 6000
    curve = {name: np.concatenate([whole[name], quiet[name]]) for name in whole}
    curve["leg"] = np.repeat([0, 1], 12)
    curve["eclipse"] = np.full(24, 100)
    (row,) = flares(curve)
    assert row["quiet_elsewhere"]
    assert row["quiescence"] == pytest.approx(2.0 * 10 ** (0.4 * 0.09), abs=0.5)
    assert row["significance"] > 20


def test_a_flare_does_not_reach_into_the_next_leg_where_quiescence_is_looked_for() -> None:
    # Two legs of four bins that are 40 s apart, as in the All-sky Imaging Survey.
    curve = made_up(np.array([29.0, 150.0, 41.0, 17.0, 10.0, 10.0, 10.0, 10.0]))
    for name in ("t0", "t1"):
        curve[name] = curve[name] + np.repeat([0.0, 40.0], 4)
    curve["leg"], curve["eclipse"] = np.repeat([0, 1], 4), np.full(8, 100)
    (row,) = flares(curve)
    assert row["leg"] == 0
    assert row["quiet_elsewhere"]
    assert row["quiescence"] == pytest.approx(10.0 * 10 ** (0.4 * 0.09), rel=0.2)


@pytest.mark.parametrize(
    ("curve", "why"),
    [
        (made_up(np.full(2, 9.0)), "2 usable bins of 30 s are fewer than the 3"),
        (made_up(np.array([1.0, 90.0, 80.0, 70.0, 60.0])), "fewer than 3 of its 5 bins of 30 s"),
        (made_up(with_flare()) | {"flags": np.full(50, 1)}, "0 usable bins"),
    ],
    ids=["two bins", "flare", "all flagged"],
)
def test_a_lone_visit_without_quiescence_says_why(curve: Columns, why: str) -> None:
    found = flares_of_curve(list(series_of(curve, 12.8)), FlareOptions(), NOWHERE)
    assert found.rows == []
    assert [why_unquiet(each).startswith(why) for each in found.unquiet] == [True]
    known = flares_of_curve(list(series_of(made_up(with_flare()), 12.8)), FlareOptions(), NOWHERE)
    assert known.unquiet == []


@pytest.mark.parametrize(
    "curve",
    [
        made_up(np.empty(0)),
        made_up(np.array([5.0])),
        made_up(np.zeros(30)),
        made_up(np.full(2, 9.0)),
        made_up(with_flare()) | {"flags": np.full(50, 1)},
        made_up(with_flare()) | {"exptime": np.zeros(50)},
        made_up(with_flare()) | {"cps": np.full(50, np.nan)},
    ],
    ids=["none", "one bin", "no counts", "two bins", "all flagged", "no exposure", "no rates"],
)
@pytest.mark.parametrize("recipe", ["own", "gj65"])
def test_nothing_is_made_of_nothing(curve: Columns, recipe: str) -> None:
    assert flares(curve, FlareOptions(recipe=recipe, template=True)) == []  # type: ignore[arg-type]


def test_without_a_distance_there_is_no_energy() -> None:
    (row,) = flares(made_up(with_flare()))
    assert np.isnan([row["energy"], row["energy_err"], row["temperature"]]).all()
    assert row["fluence"] > 0
    assert np.isnan(energy_of(1.0, 0.1, -5.0, 0.1)).all()


@given(st.lists(st.floats(0, 50), min_size=1, max_size=40), st.floats(1, 6))
def test_ranges_are_apart_and_in_the_light_curve(rates: list[float], sigma: float) -> None:
    rate = np.array(rates)
    error, exposure = np.sqrt(rate / 30), np.full(len(rate), 30.0)
    ranges, quiescence = find_ranges(rate, error, exposure, sigma)
    assert all(0 <= each.first <= each.last < len(rate) for each in ranges)
    assert all(a.last + 1 < b.first for a, b in pairwise(ranges))
    if ranges:
        assert np.isfinite(quiescence.rate)


def test_a_clipped_median_leaves_out_the_flare() -> None:
    assert clipped_median(np.array([1.0] * 20 + [2.0] * 21 + [500.0] * 3)) == 2.0
    assert np.isnan(clipped_median(np.array([np.nan])))


def test_significance_is_that_of_li_and_ma() -> None:
    assert significance(100, 100, 1.0) == 0
    # Their equation for 5 photons where 1 was expected from 10 in ten times the time.
    assert significance(5, 10, 0.1) == pytest.approx(2.6057, abs=1e-4)
    assert significance(10, 0, 0.1) > 6
    assert significance(0, 100, 1.0) < -5
    assert np.isnan(significance(3, 5, 0.0))


@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.5])
def test_a_temperature_gives_its_ratio(ratio: float) -> None:
    temperature, error = temperature_of(ratio, 0.05 * ratio)
    nuv, fuv = (
        1 / wave**5 / np.expm1(1.438777e8 / wave / temperature) for wave in (2315.7, 1538.6)
    )
    assert fuv / nuv == pytest.approx(ratio, rel=1e-6)
    assert 0 < error < temperature


@pytest.mark.parametrize("ratio", [(-1.0, 0.1), (0.5, 0.6), (9.0, 0.1), (float("nan"), 0.1)])
def test_a_ratio_of_no_black_body_has_no_temperature(ratio: tuple[float, float]) -> None:
    assert np.isnan(temperature_of(*ratio)).all()


def test_a_template_comes_back_from_its_bins() -> None:
    t0: Floats = 8e8 + 10.0 * np.arange(60, dtype=np.float64)
    true = 40.0 * bin_means(t0, t0 + 10, 8e8 + 137.0, 35.0)
    noise = np.random.default_rng(3).normal(0, 0.5, 60)
    found = fit_template(t0, t0 + 10, true + noise, np.full(60, 0.5))
    assert found is not None
    assert abs(found.t_peak - (8e8 + 137.0)) < 4 * found.t_peak_err < 4
    assert abs(found.fwhm - 35.0) < 4 * found.fwhm_err
    assert abs(found.photons - AREA * 40.0 * 35.0) < 4 * found.photons_err
    assert 30 < found.chi2 < 90
    assert found.dof == 57
    assert fit_template(t0[:4], t0[:4] + 10, np.ones(4), np.ones(4)) is None
    assert fit_template(t0, t0 + 10, np.full(60, -1.0), np.ones(60)) is None


def test_what_is_no_light_curve_is_refused() -> None:
    with pytest.raises(ProductError, match="no column cps"):
        flares({name: np.ones(3) for name in ("band", "t0", "t1", "cps_err", "counts")})
    with pytest.raises(ProductError, match="recipe"):
        FlareOptions(recipe="theirs")  # type: ignore[arg-type]
    with pytest.raises(ProductError, match="both given"):
        FlareOptions(distance=1, parallax=1)
