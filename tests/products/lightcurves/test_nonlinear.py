"""The correction of bright sources for the non-linearity of the detectors."""

import numpy as np
import pytest
from tests.archives import SessionArchive, Star

from gphoton_db.archive import Archive
from gphoton_db.mission import NONLINEAR_RATE, Band
from gphoton_db.products.lightcurves.bits import LightCurveWarning
from gphoton_db.products.lightcurves.nonlinear import (
    NONLINEARITY,
    Floats,
    brightest,
    corrected_rate,
    corrected_rates,
    linear_up_to,
)


def measured_of(true: Floats, band: Band) -> Floats:
    c0, c1, c2 = NONLINEARITY[band]
    x = np.log10(true)
    return np.asarray(10 ** (c0 + c1 * x + c2 * x**2))


@pytest.mark.parametrize("band", list(Band))
def test_a_tenth_is_lost_at_the_published_rates(band: Band) -> None:
    rate = np.array([NONLINEAR_RATE[band]])
    assert measured_of(rate, band)[0] / rate[0] == pytest.approx(0.9, abs=0.005)


@pytest.mark.parametrize("band", list(Band))
def test_the_true_rate_comes_back_with_an_error(band: Band) -> None:
    true = np.geomspace(1.1 * linear_up_to(band), 2000, 50)
    measured = measured_of(true, band)
    found, error = corrected_rate(measured, 0.01 * measured, band)
    np.testing.assert_allclose(found, true, rtol=1e-9)
    assert (error / found > 0.01).all()
    # What a change of the measured rate does to the true one.
    step = corrected_rate(1.0001 * measured, measured, band)[0] - found
    np.testing.assert_allclose(error, 100 * step, rtol=0.02)


@pytest.mark.parametrize("band", list(Band))
def test_faint_rates_stay_and_impossible_ones_are_unknown(band: Band) -> None:
    rates = np.array([0.0, 1.0, 0.99 * linear_up_to(band), 1.01 * brightest(band), np.nan])
    found, error = corrected_rate(rates, np.ones(5), band)
    np.testing.assert_array_equal(found[:3], rates[:3])
    np.testing.assert_array_equal(error[:3], 1.0)
    assert np.isnan(found[3:]).all()


def test_the_background_is_not_corrected() -> None:
    columns = {"cps": np.array([400.0, 2.0]), "cps_err": np.array([4.0, 0.2])}
    columns |= {"cps_bgsub": np.array([399.0, 1.0]), "cps_bgsub_err": np.array([5.0, 0.25])}
    found = corrected_rates(np.array(["NUV", "FUV"]), columns)
    np.testing.assert_allclose(found["cps"] - found["cps_bgsub"], 1.0)
    np.testing.assert_allclose(found["cps_bgsub_err"][0] ** 2 - found["cps_err"][0] ** 2, 9.0)
    assert found["nonlinearity"][0] > 1.1
    assert found["nonlinearity"][1] == 1.0


def test_a_light_curve_says_what_was_done(two_bands: SessionArchive) -> None:
    star = two_bands.star(Star.FLARING)
    with Archive(two_bands.archive_path) as archive:
        plain = archive.lightcurve(star.ra, star.dec, step=2)
        found = archive.lightcurve(star.ra, star.dec, step=2, nonlinear=True)
    assert "nonlinearity" not in plain.colnames
    assert found.meta["NONLINEAR"]
    factor = np.asarray(found["nonlinearity"])
    np.testing.assert_allclose(found["cps"].value, plain["cps"].value * factor)
    corrected = (np.asarray(found["warnings"]) & LightCurveWarning.CORRECTED) > 0
    limit = np.array([linear_up_to(Band(band)) for band in found["band"]])
    np.testing.assert_array_equal(corrected, plain["cps"].value > limit)
    np.testing.assert_array_equal(found["flags"], plain["flags"])
    # Of longer bins, too.
    assert "nonlinearity" in found.bin(10).colnames
