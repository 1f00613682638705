"""Sources and their photometry: in memory, in files, in the archive; input that is not right."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.table import Table
from tests.archives import SessionArchive, Star
from tests.shared import copied, own_copy

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.targets import PositionFlag
from gphoton_db.products.sources.detection import Threshold
from gphoton_db.products.sources.extended import LEAST_POINTS, crowds, peak_kernel, reach_of
from gphoton_db.products.sources.photometry import Photometry


@pytest.fixture
def field(one_leg: SessionArchive, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return Archive(own_copy(tmp_path_factory, one_leg.archive_path))


@pytest.fixture(scope="module")
def same(one_leg: SessionArchive, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """A copy for what does not depend on what other tests keep in it."""
    with Archive(copied(tmp_path_factory, "same", one_leg.archive_path)) as opened:
        yield opened


def stars_of(one_leg: SessionArchive) -> Table:
    stars = [one_leg.star(star) for star in Star]
    return Table({"ra": [s.ra for s in stars], "dec": [s.dec for s in stars]})


def test_the_stars_are_detected_and_kept_and_photutils_measures_their_pixels(
    field: Archive, one_leg: SessionArchive
) -> None:
    from photutils.segmentation import SourceCatalog

    image = field.image(23500, "NUV", pixel=3)
    detection = field.detect(image, extended_sources=True)
    sources = detection.sources
    for star in (Star.BRIGHT, Star.BLUE, Star.PULSATING):
        true = one_leg.star(star)
        cosine = np.cos(np.radians(true.dec))
        apart = np.hypot((sources["ra"] - true.ra) * cosine, sources["dec"] - true.dec) * 3600
        assert np.min(apart) < 1.0
    kept = field.query("SELECT source, ra FROM sources WHERE catalog = 'detected' ORDER BY source")
    assert [row["ra"] for row in kept.rows()] == list(sources["ra"])
    assert detection.outlines is not None
    assert set(np.unique(sources["extended_source"])) <= {0, *detection.outlines["extended_source"]}
    segmentation = detection.segmentation()
    assert segmentation.shape == image.count.shape
    assert list(segmentation.labels) == list(sources["source"])
    theirs = SourceCatalog(image.count.astype(float), segmentation)
    assert list(theirs.area.value) == list(sources["area"].value)


def measured_in_frames(field: Archive, one_leg: SessionArchive, method: str) -> Photometry:
    """Measure stars in frames, which must add up to the leg."""
    made = field.photometry(
        23500, "NUV", radii=(6, 12.8), depth=7, method=method, catalog=stars_of(one_leg)
    )
    rows = field.query(
        "SELECT source, radius, sum(counts) FILTER (frame IS NULL) AS leg, "
        "sum(counts) FILTER (frame IS NOT NULL) AS frames FROM photometry GROUP BY ALL"
    ).rows()
    assert len(rows) == 2 * len(Star)
    assert all(row["leg"] == pytest.approx(row["frames"], rel=1e-9) for row in rows)
    wide = made.wide(12.8)
    n = sum(name.startswith("aperture_sum_err_") for name in wide.colnames)
    total = sum(np.asarray(wide[f"aperture_sum_{k}"]) for k in range(n))
    np.testing.assert_allclose(total, wide["aperture_sum"])
    return made


def test_frames_of_photons_add_up_to_the_leg(field: Archive, one_leg: SessionArchive) -> None:
    measured_in_frames(field, one_leg, "photon")


def test_frames_of_images_add_up_to_the_leg_and_tables_have_their_usual_names(
    field: Archive, one_leg: SessionArchive
) -> None:
    made = measured_in_frames(field, one_leg, "image")
    folder = field.paths.root / "products"
    csv = made.write(folder)
    assert [path.name for path in csv] == [
        "e23500-nd-f0007-b00-movie-photom-6_0-catalog.csv",
        "e23500-nd-f0007-b00-movie-photom-12_8-catalog.csv",
    ]
    (six, _) = made.write(folder, "parquet", suffix="stars")
    assert six.name == "e23500-nd-f0007-b00-movie-photom-6_0-stars.parquet"
    columns = pq.read_table(six).column_names
    wanted = {"ra", "dec", "xcentroid", "aperture_sum", "artifact_flag", "exptime", "expt_0"}
    assert wanted | {"aperture_sum_2", "artifact_flag_2", "t0_2"} <= set(columns)
    registered = field.query("SELECT count(*) AS n FROM products WHERE kind = 'photometry'").rows()
    assert registered == [{"n": 4}]


def test_photons_in_the_aperture_are_those_of_sql_and_of_the_eclipse_in_a_catalogue_of_several(
    same: Archive, one_leg: SessionArchive
) -> None:
    star = one_leg.star(Star.BRIGHT)
    catalog = Table({"ra": [1.0, star.ra], "dec": [1.0, star.dec], "eclipse": [1, 23500]})
    made = same.photometry(23500, "NUV", radii=9, method="photon", catalog=catalog)
    assert made.sources["source"].tolist() == [1]
    (row,) = same.query(
        "SELECT sum(1 / response) AS counts, count(*) AS n, sqrt(sum(1 / response ** 2)) AS error "
        "FROM cone(?, ?, 9) WHERE flags = 0 AND response > 0 AND detrad < 400",
        [star.ra, star.dec],
    ).rows()
    assert made.table["photons"][0] == row["n"]
    assert made.table["counts"][0] == pytest.approx(row["counts"], rel=1e-6)
    assert made.table["counts_err"][0] == pytest.approx(row["error"], rel=1e-6)


def test_a_movie_and_an_image_that_exist_are_used(same: Archive, one_leg: SessionArchive) -> None:
    from gphoton_db.products.reader import choose_leg
    from gphoton_db.products.sources.make_photometry import make_photometry
    from gphoton_db.products.sources.photometry_options import PhotometryOptions

    reader = same._product_reader()
    leg = choose_leg(reader, 23500, one_leg.visit.band)
    options = PhotometryOptions(radii=9.0, depth=10.0)
    image, movie = same.image(23500, "NUV"), same.movie(23500, "NUV", depth=10)
    given = make_photometry(reader, leg, options, image=image, movie=movie, keep=False)
    alone = make_photometry(reader, leg, options, keep=False)
    assert np.array_equal(given.table["counts"], alone.table["counts"])
    other = same.movie(23500, "NUV", depth=20)
    with pytest.raises(ProductError, match="give another movie, or none"):
        make_photometry(reader, leg, options, movie=other, keep=False)


def test_extended_photometry_tells_hotspots_from_stars(
    same: Archive, one_leg: SessionArchive
) -> None:
    made = same.photometry(23500, "NUV", radii=6, catalog=stars_of(one_leg), extended=True)
    row = made.table[int(Star.BRIGHT)]
    assert row["dispersion"] > 2  # the dither spreads a star over the detector
    assert 0 < row["q_mean"] < 31
    assert 0 < row["ya_mean"] < 31


def test_bad_positions_are_kept_and_flagged(
    field: Archive, one_leg: SessionArchive, caplog: pytest.LogCaptureFixture
) -> None:
    star = one_leg.star(Star.BRIGHT)
    catalog = Table(
        {
            "RA": [star.ra, np.nan, star.ra, 10.0, 999.0],
            "Dec": [star.dec, star.dec, star.dec, -60.0, 0.0],
        }
    )
    made = field.photometry(23500, "NUV", radii=(0.0, 9.0), catalog=catalog)
    assert made.radii == (9.0,)
    none, again, off = PositionFlag.NO_POSITION, PositionFlag.DUPLICATE, PositionFlag.OFF_FIELD
    assert made.sources["position_flags"].tolist() == [0, none, again, off, none]
    assert made.table["counts"][0] == made.table["counts"][2] > 0
    assert made.table["counts"][3] == 0
    assert np.isnan(made.table["counts"][1])
    assert "left out: an aperture of radius 0 arcsec" in caplog.text
    assert (
        "of 5 positions 2 without a position, 1 at the place of an earlier one, "
        "1 outside of the field"
    ) in caplog.text
    stored = field.query("SELECT ra, counts FROM sources JOIN photometry USING (source)").rows()
    assert stored[1] == {"ra": None, "counts": None}


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"radii": 0}, "radius 0 arcsec"),
        ({"radii": 5000}, "larger than the field of view"),
        ({"radii": ()}, "there is no radius"),
        ({"method": "magic"}, "it is image or photon"),
        ({"catalog": Table({"x": [1.0]})}, "no column ra"),
        ({"depth": 1e9}, "longer than all there is"),
    ],
)
def test_what_makes_no_sense_is_refused(
    same: Archive, choices: dict[str, object], message: str
) -> None:
    with pytest.raises(ProductError, match=message):
        same.photometry(23500, "NUV", **choices)  # type: ignore[call-overload]


@pytest.mark.parametrize("extended", [True, pytest.param(False, marks=pytest.mark.deep)])
def test_no_sources_are_no_error(
    session_archive: object, tmp_path: Path, caplog: pytest.LogCaptureFixture, extended: bool
) -> None:
    empty = session_archive("empty_sky")  # type: ignore[operator]
    with Archive(empty.archive_path) as archive, caplog.at_level(logging.WARNING):
        made = archive.photometry(23500, "NUV", depth=20, extended_sources=extended)
    assert len(made.sources) == len(made.table) == 0
    assert "no sources found" in caplog.text
    (path, _) = made.write(tmp_path)
    assert "aperture_sum" in path.read_text()


def test_new_photometry_takes_the_place_of_old(field: Archive, one_leg: SessionArchive) -> None:
    def stored() -> list[dict[str, object]]:
        sql = "SELECT method, depth, count(*) AS n FROM photometry GROUP BY ALL ORDER BY ALL"
        return field.query(sql).rows()

    catalog = stars_of(one_leg)
    photon: dict[str, Any] = {"catalog": catalog, "method": "photon"}
    field.photometry(23500, "NUV", radii=(6, 9), **photon)
    field.photometry(23500, "NUV", radii=9, **photon)
    assert stored() == [{"method": "photon", "depth": None, "n": 7}]
    field.photometry(23500, "NUV", radii=9, catalog=catalog)
    assert [row["method"] for row in stored()] == ["image", "photon"]
    field.photometry(23500, "NUV", radii=9, catalog=catalog[:3], method="photon")  # other sources
    assert stored() == [{"method": "photon", "depth": None, "n": 3}]


def test_a_new_ingest_forgets_sources_and_so_does_one_whose_catalogue_is_lost(
    field: Archive, one_leg: SessionArchive
) -> None:
    visit = one_leg.visit
    field.photometry(23500, "NUV", radii=9, catalog=stars_of(one_leg))
    (calibration,) = field.query("SELECT DISTINCT directory FROM calibration_files").rows()
    image = field.image(23500, "NUV")
    field.ingest(
        23500,
        "NUV",
        raw6=visit.raw6,
        pointing=visit.pointing,
        calibration=calibration["directory"],
        force=True,
    )
    assert field.query("FROM sources").rows() == field.query("FROM photometry").rows() == []
    assert len(field.detect(image)) > 3  # of the ingest before: found, but not kept
    assert field.query("FROM sources").rows() == []
    field.close()
    (field.paths.root / "gphoton.duckdb").unlink()
    with Archive(field.paths.root) as anew:
        assert anew.query("FROM sources").rows() == anew.query("FROM photometry").rows() == []


def test_thresholds_are_those_of_the_specification() -> None:
    # By hand: 4 - 0.14 ln(368862), and 0.53 + 0.5 u / (1 + |u|) + 0.05 with u = -0.8238.
    short = Threshold.of(368_862, 387.9)
    assert short.multiplier == pytest.approx(2.2055, abs=1e-4)
    assert short.minimum == pytest.approx(0.3541, abs=1e-4)
    deep = Threshold.of(29_500_000, 1500.0)
    assert deep.multiplier == pytest.approx(4 - 0.14 * np.log(29_500_000))
    sparse = Threshold.of(15_000_000, 1500.0)
    assert sparse.multiplier == pytest.approx(4 - 0.14 * np.log(15_000_000) + 0.75)
    assert Threshold.of(0, 0.0).minimum == np.inf


def test_points_within_reach_make_groups() -> None:
    assert reach_of(1000) == 80
    assert reach_of(300_000) == 5
    assert reach_of(20_000) == pytest.approx((1500**2 / 20_000) ** 0.6)
    line = np.column_stack([np.arange(0, 1100, 79.0), np.zeros(14)])
    far = np.full((LEAST_POINTS - 1, 2), 5000.0)
    (group,) = crowds(np.concatenate([line, far]))
    assert np.array_equal(group, line)


@pytest.mark.parametrize("fwhm", [3.0, 5.0])
def test_the_peak_kernel_answers_with_the_height_of_a_star(fwhm: float) -> None:
    kernel, footprint = peak_kernel(fwhm)
    y, x = np.indices(kernel.shape) - len(kernel) // 2
    star = 3.0 * np.exp(-(x * x + y * y) * 4 * np.log(2) / fwhm**2)
    assert (kernel * star).sum() == pytest.approx(3.0)
    assert kernel[footprint].sum() == pytest.approx(0.0, abs=1e-12)
