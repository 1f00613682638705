"""Standard readers find the times in our FITS files that the tables have themselves."""

import gc
from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from astropy.table import Table
from astropy.time import Time

from tests.interoperability.conftest import Library

MICROSECOND = 1e-6
TDB_OF_TT = 2e-3
"""TDB and TT differ by no more than this, s."""


def time_of(table: Table) -> Time:
    """Return the times of a table; tables of many light curves have those of the bins' ends."""
    if "time" in table.colnames:
        return table["time"]
    middle = (np.asarray(table["t0"], float) + np.asarray(table["t1"], float)) / 2
    return Time(middle + 315964800, format="unix")


def seconds_between(one: Time, other: Time) -> float:
    return float(np.abs((one - other).to_value("s")).max())


# So it is: where the spacecraft was is not in the file.
@pytest.mark.filterwarnings("ignore:Time column .* reference position will be ignored")
@pytest.mark.parametrize("name", ["lightcurve", "lightcurves", "events"])
def test_astropy_reads_the_times(measured: dict[str, Table], files: Path, name: str) -> None:
    read = Table.read(files / f"{name}.fits", hdu=1, astropy_native=True)
    assert read["TIME"].scale == "tt"
    assert seconds_between(read["TIME"], time_of(measured[name])) < MICROSECOND


@pytest.mark.parametrize("name", ["lightcurve", "events"])
def test_both_forms_of_the_epoch_say_the_same(
    measured: dict[str, Table], files: Path, name: str
) -> None:
    with fits.open(files / f"{name}.fits") as hdus:
        for hdu in hdus[1:]:
            header = hdu.header
            assert header["TIMESYS"] == "TT"
            assert header["MJDREF"] == header["MJDREFI"] + header["MJDREFF"] == 44244.0
        epoch = Time(44244.0, format="mjd", scale="tt")
        elapsed = hdus[1].data["TIME"].astype(float)
        galex = hdus[1].data["t"].astype(float)
        header = hdus[1].header
        gti = hdus["GTI"].data
    time = measured[name]["time"]
    assert seconds_between(epoch + elapsed * u.s, time) < MICROSECOND
    # GALEX seconds have a column of their own, and lie in the good times either way.
    assert seconds_between(Time(galex + 315964800, format="unix"), time) < MICROSECOND
    assert header["TSTART"] <= elapsed.min() <= elapsed.max() <= header["TSTOP"]
    for begin, end, t in (("START", "STOP", elapsed), ("t0", "t1", galex)):
        inside = (t[:, None] >= gti[begin]) & (t[:, None] <= gti[end])
        assert inside.any(axis=1).all()


@pytest.mark.filterwarnings("ignore:WARNING! FITS light curve handling")
@pytest.mark.filterwarnings("ignore:SIMON says")
def test_stingray_reads_a_light_curve(
    measured: dict[str, Table], files: Path, library: Library
) -> None:
    stingray = library("stingray")
    curve = measured["lightcurve"]
    read = stingray.Lightcurve.read(files / "lightcurve.fits", fmt="hea", skip_checks=True)
    epoch = Time(float(read.mjdref), format="mjd", scale="tdb")
    time = epoch + np.asarray(read.time, float) * u.s
    assert seconds_between(time, curve["time"]) < TDB_OF_TT
    step = curve.meta["STEP"]
    np.testing.assert_allclose(np.asarray(read.counts, float) / step, curve["cps"].value)
    np.testing.assert_allclose(np.asarray(read.counts_err, float) / step, curve["cps_err"].value)


# It leaves the file open.
@pytest.mark.filterwarnings("ignore:unclosed file")
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
def test_stingray_reads_an_event_list(
    measured: dict[str, Table], files: Path, library: Library
) -> None:
    stingray = library("stingray")
    events = measured["events"]
    read = stingray.EventList.read(str(files / "events.fits"), fmt="hea")
    epoch = Time(float(read.mjdref), format="mjd", scale=read.timesys or "tt")
    assert seconds_between(epoch + np.asarray(read.time, float) * u.s, events["time"]) < (TDB_OF_TT)
    assert read.timesys == "tt"
    gc.collect()


def test_lightkurve_reads_a_light_curve(
    measured: dict[str, Table], files: Path, library: Library
) -> None:
    lightkurve = library("lightkurve")
    curve = measured["lightcurve"]
    read = lightkurve.read(files / "lightcurve.fits")
    assert seconds_between(read.time, curve["time"]) < MICROSECOND
    np.testing.assert_array_equal(read["rate"].value, curve["cps"].value)
    np.testing.assert_array_equal(read["error"].value, curve["cps_err"].value)
    np.testing.assert_array_equal(read.flux.value, curve["flux"].value)
    assert len(read.to_periodogram().frequency) > 1
