"""A light curve that was handed over to stingray can be analysed there."""

import numpy as np
import pytest

from gphoton_db.archive import Archive
from gphoton_db.products.lightcurves.lightcurve import LightCurve
from tests.archives import SessionArchive, Star
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


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_it_has_the_length_of_each_bin(seen: SessionArchive, library: Library) -> None:
    library("stingray")
    star = seen.star(Star.BRIGHT)
    with Archive(seen.archive_path) as archive:
        (leg,) = (leg for leg in archive.legs() if leg.band == "NUV")
        begin = float(np.ceil(leg.t0)) + 10
        ranges = [(begin, begin + 9), (begin + 12, begin + 25.5)]
        curve = archive.lightcurve(star.ra, star.dec, step=4, bands="NUV", time_ranges=ranges)
        even = archive.lightcurve(star.ra, star.dec, step=5, bands="NUV").to_stingray()
    t0, t1 = (curve[name].to_value("s") for name in ("t0", "t1"))
    length = np.round(t1 - t0, 3)
    assert len(set(length.tolist())) > 2
    theirs = curve.to_stingray()
    rate = theirs.countrate
    np.testing.assert_allclose(rate, curve["flat_counts"].value / length, rtol=1e-9)
    np.testing.assert_allclose(rate / theirs.frac_exp, curve["cps"].value, rtol=1e-9)
    np.testing.assert_allclose(theirs.bin_lo, t0, atol=1e-6)
    np.testing.assert_allclose(theirs.bin_hi, t1, atol=1e-6)
    assert even.dt == 5.0  # one number, which stingray's spectra need


def test_a_power_spectrum_has_the_period_of_the_star(curve: LightCurve, library: Library) -> None:
    stingray = library("stingray")
    given = curve.to_stingray()
    power = stingray.Powerspectrum(given, norm="leahy", skip_checks=True)
    highest = power.freq[np.argmax(power.power)]
    assert abs(highest - 1 / PERIOD) <= power.df
    assert power.power.max() > 20
