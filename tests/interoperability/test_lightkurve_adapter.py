"""A light curve that was handed over to lightkurve can be analysed there."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.time import Time

from gphoton_db.products.lightcurves.lightcurve import LightCurve
from tests.interoperability.conftest import Library

PERIOD = 12.0
"""Of the pulsating star, s."""


def test_times_and_rates_are_the_same(curve: LightCurve, library: Library) -> None:
    library("lightkurve")
    given = curve.to_lightkurve()
    assert np.abs((given.time - curve["time"]).to_value("s")).max() < 1e-6
    np.testing.assert_array_equal(given.flux.value, curve["cps"].value)
    np.testing.assert_array_equal(given.flux_err.value, curve["cps_err"].value)


def test_a_periodogram_has_the_period_of_the_star(curve: LightCurve, library: Library) -> None:
    library("lightkurve")
    given = curve.to_lightkurve()
    periodogram = given.to_periodogram(minimum_period=10 / 86400, maximum_period=40 / 86400)
    assert np.isfinite(periodogram.power.value).all()
    assert periodogram.period_at_max_power.to_value("s") == pytest.approx(PERIOD, rel=0.05)


def test_it_can_be_flattened_and_binned(curve: LightCurve, library: Library) -> None:
    library("lightkurve")
    given = curve.to_lightkurve()
    flat = given.flatten(window_length=11)
    assert np.nanmedian(flat.flux.value) == pytest.approx(1, abs=0.2)
    binned = given.bin(time_bin_size=10 / 86400)
    assert len(binned) < len(given)
    assert np.nanmean(binned.flux.value) == pytest.approx(np.nanmean(given.flux.value), rel=0.1)


def test_it_has_a_noise_metric(curve: LightCurve, library: Library) -> None:
    library("lightkurve")
    noise = curve.to_lightkurve().estimate_cdpp(transit_duration=2, savgol_window=11)
    assert np.isfinite(noise.value)
    assert noise.value > 0


def test_it_can_be_written(curve: LightCurve, library: Library, tmp_path: Path) -> None:
    library("lightkurve")
    given = curve.to_lightkurve()
    given.to_fits(tmp_path / "theirs.fits")
    data = fits.getdata(tmp_path / "theirs.fits", 1)
    time = Time(data["TIME"].astype(float), format=given.time.format, scale=given.time.scale)
    assert np.abs((time - curve["time"]).to_value("s")).max() < 1e-4
    np.testing.assert_allclose(data["FLUX"], curve["cps"].value, rtol=1e-6)
