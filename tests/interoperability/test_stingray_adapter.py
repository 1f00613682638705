"""A light curve that was handed over to stingray can be analysed there."""

import numpy as np
import pytest

from gphoton_db.products.lightcurves.lightcurve import LightCurve
from tests.interoperability.conftest import Library
from tests.interoperability.test_lightkurve_adapter import PERIOD

# It says that it takes all errors for those of Poisson, which a spectrum of counts does not need.
pytestmark = pytest.mark.filterwarnings("ignore:SIMON says:UserWarning")


def test_times_rates_and_good_times_are_the_same(curve: LightCurve, library: Library) -> None:
    library("stingray")
    given = curve.to_stingray()
    t0, t1 = (curve[name].to_value("s") for name in ("t0", "t1"))
    np.testing.assert_allclose(given.time, (t0 + t1) / 2)
    np.testing.assert_array_equal(given.counts, curve["flat_counts"].value)
    np.testing.assert_array_equal(given.counts_err, curve["flat_counts_err"].value)
    exposed = given.frac_exp > 0
    rate = given.countrate[exposed] / given.frac_exp[exposed]
    np.testing.assert_allclose(rate, curve["cps"].value[exposed])
    np.testing.assert_array_equal(given.gti, curve.meta["GTI"])
    assert given.mjdref == 44244


def test_a_power_spectrum_has_the_period_of_the_star(curve: LightCurve, library: Library) -> None:
    stingray = library("stingray")
    given = curve.to_stingray()
    power = stingray.Powerspectrum(given, norm="leahy", skip_checks=True)
    highest = power.freq[np.argmax(power.power)]
    assert abs(highest - 1 / PERIOD) <= power.df
    assert power.power.max() > 20
