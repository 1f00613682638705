"""Curves of growth: published figures, and scatter that the errors say."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from gphoton_db.mission import Band
from gphoton_db.products.catalogue.band_columns import magnitude, magnitude_errors
from gphoton_db.products.catalogue.growth import fit_growth, ring_areas

RADII = (1.5, 2.3, 3.8, 6.0, 9.0, 12.8, 17.3)
EXPOSURE = 1500.2287
PUBLISHED = np.array([0.0350, 0.0774, 0.1547, 0.2757, 0.4626, 0.8012, 1.3507])
"""Counts a second in those apertures, of a source in eclipse 23456."""


def drawn(counts: float, sigma: float, background: float, n: int, seed: int) -> NDArray[np.float64]:
    """Return counts in the apertures, (n, 7), of a source and of a background per arcsec2."""
    edges = np.exp(-np.square([0.0, *RADII]) / (2 * sigma**2))
    mean = -counts * np.diff(edges) + background * ring_areas(RADII)
    return np.random.default_rng(seed).poisson(mean, (n, len(RADII))).cumsum(axis=1).astype(float)


def test_the_published_curve_of_growth() -> None:
    counts = PUBLISHED[None] * EXPOSURE
    fit = fit_growth(RADII, counts, counts, EXPOSURE)
    assert fit.cps[0] == pytest.approx(0.131, abs=0.001)
    assert fit.cps_err[0] == pytest.approx(0.015, abs=0.001)
    assert fit.sigma[0] == pytest.approx(2.24, abs=0.05)
    assert fit.sigma_err[0] == pytest.approx(0.23, abs=0.04)
    assert fit.background[0] == pytest.approx(1.300e-3, rel=0.005)
    assert fit.dof[0] == 4
    assert fit.chi2[0] == pytest.approx((fit.residuals[0] ** 2).sum())


def test_the_published_magnitude() -> None:
    cps = 74.195186 / EXPOSURE
    assert cps == pytest.approx(0.049456, abs=5e-7)
    (mag,) = magnitude(np.array([cps]), Band.NUV)
    assert mag == pytest.approx(23.344454, abs=5e-7)
    brighter, fainter = magnitude_errors(
        np.array([cps]), np.array([math.sqrt(74.195186)]) / EXPOSURE
    )
    assert brighter[0] == pytest.approx(2.5 * math.log10(1 + 1 / math.sqrt(74.195186)))
    assert fainter[0] > brighter[0]


@pytest.mark.parametrize(("counts", "background"), [(200.0, 0.5), (5000.0, 0.5), (60.0, 0.05)])
def test_errors_are_those_of_the_scatter(counts: float, background: float) -> None:
    apertures = drawn(counts, 2.2, background, 3000, seed=1)
    fit = fit_growth(RADII, apertures, apertures, 1.0)
    known = np.isfinite(fit.cps)
    assert known.mean() > 0.99
    for value, error, truth in (
        (fit.cps, fit.cps_err, counts),
        (fit.sigma, fit.sigma_err, 2.2),
        (fit.background, fit.background_err, background),
    ):
        pull = (value - truth)[known] / error[known]
        assert abs(pull.mean()) < 0.15
        assert 0.9 < pull.std() < 1.1
    assert fit.chi2[known].mean() == pytest.approx(4, abs=0.25)
    assert np.median(fit.sigma[known]) == pytest.approx(2.2, rel=0.02)


def test_weights_change_the_units_and_not_the_significance() -> None:
    apertures = drawn(200.0, 2.2, 0.5, 20, seed=2)
    plain = fit_growth(RADII, apertures, apertures, 1.0)
    weighted = fit_growth(RADII, 2 * apertures, 4 * apertures, 1.0)
    np.testing.assert_allclose(weighted.cps, 2 * plain.cps, rtol=1e-6)
    np.testing.assert_allclose(weighted.cps_err, 2 * plain.cps_err, rtol=1e-6)
    np.testing.assert_allclose(weighted.chi2, plain.chi2, rtol=1e-6)


def test_nothing_but_background_has_a_rate_with_a_given_width() -> None:
    apertures = drawn(0.0, 2.2, 0.5, 3000, seed=3)
    fit = fit_growth(RADII, apertures, apertures, 1.0, sigma=2.2)
    pull = fit.cps / fit.cps_err
    assert np.isfinite(pull).all()
    assert abs(fit.cps.mean()) < 0.1 * np.median(fit.cps_err)
    assert 0.9 < pull.std() < 1.1
    assert np.isnan(fit.sigma_err).all()
    assert (fit.dof == 5).all()


def test_too_few_apertures_no_exposure_and_no_counts_are_no_fit() -> None:
    assert np.isnan(fit_growth(RADII[:2], np.ones((1, 2)), np.ones((1, 2)), 1.0).cps).all()
    assert (fit_growth(RADII, np.ones((1, 7)), np.ones((1, 7)), 0.0).dof == -1).all()
    assert np.isnan(fit_growth(RADII, np.zeros((1, 7)), np.zeros((1, 7)), 1.0).cps).all()
    assert len(fit_growth(RADII, np.empty((0, 7)), np.empty((0, 7)), 1.0).cps) == 0
