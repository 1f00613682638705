"""Photons around a position, and the visits that saw it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fitsio
import numpy as np
import pytest
from astropy.io import fits
from astropy.table import QTable, Table
from astropy.units import Quantity
from tests.archives import SessionArchive, Star
from tests.shared import own_copy

from gphoton_db.archive import Archive
from gphoton_db.errors import NoCoverageError, ProductError


@pytest.fixture(scope="module")
def archive(two_bands: SessionArchive) -> Iterator[Archive]:
    with Archive(two_bands.archive_path) as opened:
        yield opened


@pytest.fixture
def place(two_bands: SessionArchive) -> tuple[float, float]:
    star = two_bands.star(Star.BRIGHT)
    return star.ra, star.dec


def test_weights_add_up_to_the_light_curve(archive: Archive, place: tuple[float, float]) -> None:
    events = archive.events(*place, 12.8)
    curve = archive.lightcurve(*place, step=None)
    for row in curve:
        mine = events[np.asarray(events["band"]) == row["band"]]
        assert mine["weight"].sum() == pytest.approx(row["flat_counts"].value, rel=1e-12)
    assert events["separation"].max() <= 12.8 * events["separation"].unit
    assert (np.diff(events["t"].value) >= 0).all()


def test_events_keep_to_bands_and_times(archive: Archive, place: tuple[float, float]) -> None:
    every = archive.events(*place, Quantity(0.5, "arcmin"))
    t0 = every["t"].value[0]
    some = archive.events(*place, 30, bands="FUV", time_ranges=[(t0 + 5, t0 + 9)])
    times = every["t"].value[np.asarray(every["band"]) == "FUV"]
    assert some["t"].value.tolist() == times[(times >= t0 + 5) & (times < t0 + 9)].tolist()
    assert set(some["band"]) == {"FUV"}


@pytest.mark.parametrize("radius", [0, -1, 1e6, float("nan")])
def test_impossible_radii_are_refused(
    archive: Archive, place: tuple[float, float], radius: float
) -> None:
    with pytest.raises(ProductError, match="holds nothing or too much"):
        archive.events(*place, radius)


def test_events_without_coverage_say_why(archive: Archive) -> None:
    with pytest.raises(NoCoverageError, match="no coverage"):
        archive.events(10, 10)


def test_an_event_list_in_fits_has_good_times(
    archive: Archive, place: tuple[float, float], tmp_path: Path
) -> None:
    events = archive.events(*place, 20)
    path = events.write(tmp_path / "events.fits")
    with fits.open(path, checksum=True) as hdus:
        hdus.verify("exception")
        header = hdus["EVENTS"].header
        assert header["HDUCLAS1"] == "EVENTS"
        assert (header["MJDREFI"], header["TIMESYS"], header["TIMEUNIT"]) == (44244, "TT", "s")
        assert header["TSTART"] == hdus["EVENTS"].data["TIME"][0]
        gti = hdus["GTI"].data
        assert (gti["START"] < gti["STOP"]).all()
        t = events["t"].value[:, None]
        inside = (t >= gti["t0"]) & (t < gti["t1"])
        assert inside.any(axis=1).all()
    assert fitsio.read(path, ext="EVENTS")["t"].tolist() == events["t"].value.tolist()


@pytest.mark.parametrize("ending", ["ecsv", "csv", "fits", "fits.gz", "parquet", "vot"])
def test_light_curves_and_events_come_back_from_files(
    archive: Archive, place: tuple[float, float], tmp_path: Path, ending: str
) -> None:
    curve = archive.lightcurve(*place, annulus=(30, 60), step=10)
    for made, column in ((curve, "cps"), (archive.events(*place, 5), "weight")):
        path = made.write(tmp_path / f"made.{ending}")
        reader = {"csv": "ascii.csv", "vot": "votable", "fits.gz": "fits"}.get(ending)
        which = {"hdu": 1} if "fits" in ending else {}
        back = Table.read(path, **({"format": reader} if reader else {}), **which)
        expected = np.asarray(getattr(made[column], "value", made[column]))
        np.testing.assert_allclose(np.asarray(back[column]), expected, rtol=1e-15)
    if ending == "ecsv":
        curve.write(tmp_path / "curve.ecsv")
        whole = QTable.read(tmp_path / "curve.ecsv")
        assert whole["flux"].unit == curve["flux"].unit
        assert whole.meta["ANNULUS"] == [30, 60]


def test_the_timing_keywords_of_a_light_curve(
    archive: Archive, place: tuple[float, float], tmp_path: Path
) -> None:
    curve = archive.lightcurve(*place, step=10)
    header = fits.getheader(curve.write(tmp_path / "curve.fits"), "RATE")
    assert header["MJDREFI"] == 44244
    assert header["MJDREFF"] == 0.0
    assert header["TIMEREF"] == "LOCAL"
    assert header["TIMEDEL"] == 10.0
    # Seconds of TT are GALEX seconds, 14 leap seconds, and 51.184 s of TT over UTC in 1980.
    assert header["TSTART"] == pytest.approx(curve["t0"].value.min() + 65.184, abs=1e-6)
    assert header["TSTOP"] == pytest.approx(curve["t1"].value.max() + 65.184, abs=1e-6)
    # MJDREF + TIME is the middle of the bin.
    time = fits.getdata(tmp_path / "curve.fits", "RATE")["TIME"]
    np.testing.assert_allclose(44244 + time / 86400, curve["time"].tt.mjd, atol=1e-9)


def test_unknown_formats_are_named(
    archive: Archive, place: tuple[float, float], tmp_path: Path
) -> None:
    curve = archive.lightcurve(*place, step=None)
    with pytest.raises(ProductError, match="its ending says no format"):
        curve.write(tmp_path / "curve.docx")
    with pytest.raises(ProductError, match="unknown format 'docx'"):
        curve.write(tmp_path / "curve", "docx")
    assert list(tmp_path.iterdir()) == []


def test_the_picture_of_a_light_curve(
    archive: Archive, place: tuple[float, float], tmp_path: Path
) -> None:
    path = archive.lightcurve(*place, annulus=(30, 60), step=5).write_png(tmp_path / "curve.png")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_find_lists_every_visit_with_its_exposure(
    archive: Archive, place: tuple[float, float]
) -> None:
    found = archive.find(*place)
    assert found["band"].tolist() == ["FUV", "NUV"]
    for row in found:
        assert row["ingested"]
        assert row["t0"] < row["t1"]
    exposure = dict(zip(found["band"], found["exposure"], strict=True))
    assert found.meta["EXPOSURE_NUV"] == pytest.approx(exposure["NUV"])
    assert len(archive.find(*place, bands="NUV")) == 1
    assert len(archive.find(10, 10)) == 0


def test_find_says_how_to_ingest_what_is_only_known(one_leg: SessionArchive) -> None:
    star = one_leg.star(Star.BRIGHT)
    with Archive(one_leg.archive_path) as archive:
        found = archive.find(star.ra, star.dec)
    missing = found[~found["ingested"]]
    assert missing["command"].tolist() == ["gphoton-db ingest 23500 FUV"]
    assert np.isnan(missing["exposure"]).all()
    assert found.meta["NOT_INGESTED"] == 1


def test_find_takes_several_positions(overlapping_visits: SessionArchive) -> None:
    star = overlapping_visits.star(Star.BRIGHT)
    table = Table({"ra": [10.0, star.ra, np.nan], "dec": [10.0, star.dec, 1.0]})
    with Archive(overlapping_visits.archive_path) as archive:
        found = archive.find(table, bands="NUV")
    assert set(found["position"]) == {1}
    assert sorted(found["eclipse"]) == [23500, 23510]


def test_detected_sources_are_left_out_of_the_background(
    two_bands: SessionArchive, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = own_copy(tmp_path_factory, two_bands.archive_path)
    star = two_bands.star(Star.BRIGHT)
    beside = star.ra + 60 / 3600 / np.cos(np.radians(star.dec)), star.dec
    options: dict[str, Any] = {"annulus": (30, 90), "step": None, "bands": "NUV"}
    with Archive(root) as archive:
        before = archive.lightcurve(*beside, **options)
        archive.photometry(23500, "NUV", radii=[6.0])
        after = archive.lightcurve(*beside, **options)
        as_sql = archive.lightcurve(*beside, **options, mask_sources=False)
    assert before.meta["SOURCES"] == 0
    assert after.meta["SOURCES"] >= 1
    assert after["bg"][0] < 0.5 * before["bg"][0]
    assert as_sql["bg"][0] == before["bg"][0]


def test_times_at_which_nothing_was_seen_are_no_coverage(
    archive: Archive, place: tuple[float, float]
) -> None:
    with pytest.raises(NoCoverageError, match="not seen in NUV and FUV in these time ranges"):
        archive.events(*place, 12.8, time_ranges=[(0, 10)])


def test_find_counts_the_positions_that_have_no_rows(
    archive: Archive, place: tuple[float, float], caplog: pytest.LogCaptureFixture
) -> None:
    catalog = Table({"ra": [place[0], np.nan, 10.0, 10.0], "dec": [place[1], 1.0, 99.99, -60.0]})
    found = archive.find(catalog)
    assert set(found["position"]) == {0}
    assert (found.meta["N_NO_POSITION"], found.meta["N_OFF_FIELD"]) == (2, 1)
    assert "3 of 4 positions have no rows: 2 are no position on the sky, 1 no visit" in caplog.text
