"""Light curves of a position against SQL, the photons, and the truth."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import EarthLocation, SkyCoord
from astropy.time import Time
from astropy.timeseries import TimeSeries
from astropy.utils import iers
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.archives import MakeArchive, SessionArchive, Star
from tests.examples import examples

from gphoton_db.archive import Archive
from gphoton_db.errors import NoCoverageError, ProductError
from gphoton_db.products.apertures.aperture import Aperture, free_part
from gphoton_db.products.lightcurves.bits import LightCurveFlag, LightCurveWarning
from gphoton_db.products.lightcurves.lightcurve import LightCurve
from gphoton_db.products.sky_places import position_of
from gphoton_db.simulate.scene import BandRates

OF_SQL = int(
    LightCurveWarning.NONLINEAR
    | LightCurveWarning.LOW_PULSE_HEIGHT
    | LightCurveWarning.MEAN_RESPONSE
    | LightCurveWarning.MEAN_OFF_AXIS
)

PLACES = ("two_bands", "across_ra_0", "near_the_pole", "overlapping_visits")


@pytest.fixture(scope="module")
def archive(two_bands: SessionArchive) -> Iterator[Archive]:
    with Archive(two_bands.archive_path) as opened:
        yield opened


def plain(column: Any) -> Any:
    return np.asarray(getattr(column, "value", column))


def place(made: SessionArchive, star: Star = Star.BRIGHT) -> tuple[float, float]:
    source = made.star(star)
    return source.ra, source.dec


@pytest.mark.parametrize(
    ("name", "step"),
    [*((name, 7.0) for name in PLACES), ("overlapping_visits", 0.5), ("overlapping_visits", None)],
)
def test_the_numbers_are_those_of_sql(
    session_archive: MakeArchive, name: str, step: float | None
) -> None:
    made = session_archive(name)
    ra, dec = place(made)
    with Archive(made.archive_path) as archive:
        curve = archive.lightcurve(ra, dec, annulus=(30, 60), step=step, mask_sources=False)
        rows = archive.query(
            "FROM lightcurve(?, ?, step := ?, inner := 30, outer := 60)", [ra, dec, step]
        ).arrow()
    assert len(curve) == len(rows) > 0
    for column in rows.column_names:
        expected = rows[column].to_numpy(zero_copy_only=False)
        if column == "band":
            assert list(curve["band"]) == list(expected)
        elif column == "warnings":
            # Those that need the aspect, known sources or a fit are Python's alone.
            assert (plain(curve[column]) & OF_SQL).tolist() == expected.tolist()
        else:
            np.testing.assert_allclose(
                plain(curve[column]).astype(float),
                expected.astype(float),
                rtol=1e-11,
                atol=1e-30,
                err_msg=column,
            )


@pytest.mark.parametrize(("degrees", "beyond"), [(0.48, False), (0.52, True)])
def test_half_a_degree_off_centre_is_off_axis_in_sql_too(
    archive: Archive, degrees: float, beyond: bool
) -> None:
    leg = archive.legs()[0]
    ra, dec = leg.ra0, leg.dec0 + degrees
    curve = archive.lightcurve(ra, dec, radius=30, step=None)
    rows = archive.query("FROM visit_lightcurve(?, ?, radius := 30)", [ra, dec]).arrow()
    assert plain(curve["counts"]).min() > 0
    assert list(curve["flags"]) == rows["flags"].to_pylist()
    mean = LightCurveWarning.MEAN_OFF_AXIS
    assert {bool(bits & mean) for bits in curve["warnings"]} == {beyond}
    assert not beyond or all(bits & LightCurveFlag.OFF_AXIS for bits in curve["flags"])


def test_a_light_curve_is_a_time_series_with_units(
    archive: Archive, two_bands: SessionArchive
) -> None:
    curve = archive.lightcurve(*place(two_bands), step=5)
    assert isinstance(curve, TimeSeries)
    assert curve["cps"].unit == u.ct / u.s
    middle = (curve["t0"] + curve["t1"]).to_value("s") / 2
    np.testing.assert_allclose(curve["time"].unix - 315964800, middle, atol=1e-3)
    assert curve.meta["RADIUS"] == 12.8
    assert curve.meta["CALIBRATION"][0].startswith("synthetic-")
    assert curve.bands == ["FUV", "NUV"]
    assert set(curve.of_band("nuv")["band"]) == {"NUV"}
    assert isinstance(curve[:3], LightCurve)
    assert len(curve.to_pandas()) == len(curve)


def test_the_rate_of_a_star_is_the_true_one(archive: Archive, two_bands: SessionArchive) -> None:
    curve = archive.lightcurve(*place(two_bands), radius=17.3, annulus=(40, 90), step=None)
    for row, band in ((curve.of_band(b), b) for b in ("NUV", "FUV")):
        rates = two_bands.star(Star.BRIGHT).rate
        assert isinstance(rates, BandRates)
        flat = float(np.mean(plain(row["responses"])))
        true = (rates.nuv if band == "NUV" else rates.fuv) / flat
        measured, error = plain(row["cps_bgsub"])[0], plain(row["cps_bgsub_err"])[0]
        assert abs(measured - true) < 5 * error + 0.03 * true


def test_each_time_range_has_bins_of_its_own(archive: Archive, two_bands: SessionArchive) -> None:
    ra, dec = place(two_bands)
    whole = archive.lightcurve(ra, dec, step=5, bands="NUV")
    begin = plain(whole["t0"])[0]
    ranges = [(begin + 3.25, begin + 12.25), (begin + 20, begin + 20.5)]
    curve = archive.lightcurve(ra, dec, step=5, bands="NUV", time_ranges=ranges)
    np.testing.assert_allclose(plain(curve["t0"]) - begin, [3.25, 8.25, 20], atol=1e-6)
    np.testing.assert_allclose(plain(curve["t1"]) - begin, [8.25, 12.25, 20.5], atol=1e-6)
    times = plain(archive.events(ra, dec, bands="NUV")["t"])
    for row in curve:
        inside = (times >= row["t0"].value) & (times < row["t1"].value)
        assert row["counts"].value == inside.sum()
    same = archive.lightcurve(ra, dec, step=5, bands="NUV", time_ranges=[(0, 4e9)])
    assert np.array_equal(plain(same["counts"]), plain(whole["counts"]))


def test_longer_bins_are_those_of_a_new_query(archive: Archive, two_bands: SessionArchive) -> None:
    ra, dec = place(two_bands)
    fine = archive.lightcurve(ra, dec, annulus=(30, 60), step=2)
    coarse = archive.lightcurve(ra, dec, annulus=(30, 60), step=10)
    made = fine.bin(10)
    assert len(made) == len(coarse)
    for name in ("t0", "counts", "flat_counts", "bg", "cps", "mag_err_1", "racent", "q", "t_mean"):
        np.testing.assert_allclose(plain(made[name]), plain(coarse[name]), rtol=5e-3, err_msg=name)
    assert len(fine.bin(None)) == 2
    with pytest.raises(ProductError, match="cannot be divided"):
        fine.bin(1)


def test_barycentric_times_are_astropys(archive: Archive, two_bands: SessionArchive) -> None:
    ra, dec = place(two_bands)
    curve = archive.lightcurve(ra, dec, step=None)
    time = Time(curve["time"], location=EarthLocation.from_geocentric(0, 0, 0, "m"))
    with iers.conf.set_temp("auto_download", False):
        delay = time.light_travel_time(SkyCoord(ra, dec, unit="deg"), ephemeris="builtin")
    expected = (time.tdb + delay).jd
    assert np.abs(plain(curve["bjd_tdb"]) - expected).max() * 86400 < 1e-3


def test_pixel_sums_agree_with_photons(archive: Archive, two_bands: SessionArchive) -> None:
    ra, dec = place(two_bands)
    photon = archive.lightcurve(ra, dec, annulus=(30, 60), step=10)
    image = archive.lightcurve(ra, dec, annulus=(30, 60), step=10, method="image")
    assert image.meta["METHOD"] == "image"
    np.testing.assert_allclose(plain(image["cps"]), plain(photon["cps"]), rtol=0.05)
    assert np.array_equal(plain(image["exposure"]), plain(photon["exposure"]))


def test_pixel_sums_are_those_of_the_movie(archive: Archive, two_bands: SessionArchive) -> None:
    ra, dec = place(two_bands)
    movie = archive.movie(23500, "NUV", depth=10)
    # So wide that every pixel around the star is inside: whole pixels only at the rim differ.
    curve = archive.lightcurve(ra, dec, radius=60, step=10, bands="NUV", method="image")
    x, y = (float(v) for v in movie.geometry.pixel_of(ra, dec))
    rows, columns = np.indices(movie.geometry.shape)
    distance = np.hypot(columns + 1 - x, rows + 1 - y) * 1.5
    for number, row in enumerate(curve):
        count = movie[number].count
        low, high = count[distance < 58.9].sum(), count[distance < 61.1].sum()
        assert low - 1e-3 <= row["flat_counts"].value <= high + 1e-3


def test_positions_may_be_text_or_quantities(archive: Archive, two_bands: SessionArchive) -> None:
    ra, dec = place(two_bands)
    sky = SkyCoord(ra, dec, unit="deg")
    text = sky.to_string("hmsdms", sep=":", precision=6)
    expected = plain(archive.lightcurve(ra, dec)["counts"]).tolist()
    for given_place in ((sky,), (ra * u.deg, dec * u.deg), tuple(text.split()), (text,)):
        assert plain(archive.lightcurve(*given_place)["counts"]).tolist() == expected


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        (("21:34:00", "-02:30:00"), (323.5, -2.5)),
        (("21h34m00s", "-2d30m"), (323.5, -2.5)),
        (("323.5", "-2.5"), (323.5, -2.5)),
        (("21 34 00 -02 30 00",), (323.5, -2.5)),
        (("323.5d", "-2.5"), (323.5, -2.5)),
    ],
)
def test_sexagesimal_text_is_understood(
    text: tuple[str, ...], degrees: tuple[float, float]
) -> None:
    assert position_of(*text) == pytest.approx(degrees)


@pytest.mark.parametrize("text", [("abc", "1"), ("25:00:00x", "1"), ("12:00:00",), ("1", "nan")])
def test_other_text_is_refused(text: tuple[str, ...]) -> None:
    with pytest.raises(ProductError, match=r"no angle|dec is missing"):
        position_of(*text)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"radius": 0}, "radius 0 arcsec is empty"),
        ({"radius": 4000}, "larger than the field"),
        ({"radius": float("nan")}, "radius nan"),
        ({"annulus": (5, 60)}, "begins inside of the aperture"),
        ({"annulus": (60, 30)}, "is empty or too large"),
        ({"annulus": (30,)}, "inner and outer radius"),
        ({"step": 0}, "makes no bins"),
        ({"step": float("nan")}, "makes no bins"),
        ({"method": "magic"}, "unknown method"),
        ({"time_ranges": [(5, 4)]}, "is empty"),
        ({"time_ranges": [(0, 1e300)]}, "is no time"),
        ({"radius": "x"}, "no angle"),
    ],
)
def test_what_makes_no_sense_is_said(
    archive: Archive, two_bands: SessionArchive, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ProductError, match=message):
        archive.lightcurve(*place(two_bands), **options)


def test_no_coverage_says_why(archive: Archive, two_bands: SessionArchive) -> None:
    with pytest.raises(NoCoverageError, match=r"no coverage of ra 10.*gphoton-db ingest"):
        archive.lightcurve(10, 10)
    with pytest.raises(NoCoverageError, match="not seen in NUV and FUV in these time ranges"):
        archive.lightcurve(*place(two_bands), time_ranges=[(0, 10)])


def test_what_is_known_but_not_ingested_is_named(one_leg: SessionArchive) -> None:
    with (
        Archive(one_leg.archive_path) as archive,
        pytest.raises(NoCoverageError, match="gphoton-db ingest 23500 FUV"),
    ):
        archive.lightcurve(*place(one_leg), bands="FUV")


def test_a_covered_place_without_photons_is_said(
    empty_sky: SessionArchive, caplog: pytest.LogCaptureFixture
) -> None:
    leg = empty_sky.visit.scene.sources
    assert leg == ()
    with Archive(empty_sky.archive_path) as archive:
        curve = archive.lightcurve(150.1, 2.2, radius=1)
    assert plain(curve["counts"]).sum() == 0
    assert "has no photons" in caplog.text


def test_optional_libraries_are_asked_for_plainly(
    archive: Archive, two_bands: SessionArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    curve = archive.lightcurve(*place(two_bands))
    for library, convert in (("lightkurve", curve.to_lightkurve), ("stingray", curve.to_stingray)):
        monkeypatch.setitem(sys.modules, library, None)
        with pytest.raises(ProductError, match=rf"gphoton-db\[{library}\]"):
            convert()


@given(offset=st.floats(20.0, 80.0), angle=st.floats(0.0, 6.28), radius=st.floats(2.0, 25.0))
@settings(max_examples=examples(20), deadline=None)
def test_the_free_part_of_an_annulus_is_its_area_without_the_circle(
    offset: float, angle: float, radius: float
) -> None:
    aperture = Aperture(12.8, (30.0, 60.0))
    centre = np.array([[offset * np.cos(angle), offset * np.sin(angle)]])
    side = np.linspace(-60, 60, 801)
    x, y = np.meshgrid(side, side)
    ring = (np.hypot(x, y) > 30) & (np.hypot(x, y) <= 60)
    covered = np.hypot(x - centre[0, 0], y - centre[0, 1]) <= radius
    expected = 1 - (ring & covered).sum() / ring.sum()
    assert free_part(aperture, centre, radius) == pytest.approx(expected, abs=0.005)
