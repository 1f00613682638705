"""Images: every photon on the detector is in them, once, with its weight and its bits."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.products.conftest import ECLIPSE

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.images.extent import _found_bounds
from gphoton_db.products.images.image import Image
from gphoton_db.products.images.make import make_image
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.products.photon_batches import row_groups
from gphoton_db.products.reader import choose_leg, photon_files

Photons = Mapping[str, NDArray[Any]]

ON_DETECTOR = "ra IS NOT NULL AND detrad < 400"


def photons_of(archive: Archive, band: str = "NUV") -> Photons:
    """Return the photons on the detector, by SQL and numpy alone."""
    table = archive.query(
        f"SELECT * FROM photons WHERE band = '{band}' AND leg = 0 AND {ON_DETECTOR}"
    ).arrow()
    return {name: table[name].to_numpy() for name in table.column_names}


@pytest.fixture(scope="module")
def image(archive: Archive) -> Image:
    """Not to be changed."""
    return archive.image(ECLIPSE, "NUV")


def test_it_is_what_numpy_makes_of_the_photons(archive: Archive, image: Image) -> None:
    photons = photons_of(archive)
    x, y = image.wcs.all_world2pix(photons["ra"], photons["dec"], 1)
    column, row = (np.floor(v - 0.5).astype(int) for v in (x, y))
    weight = np.zeros(len(x))
    np.divide(1.0, photons["response"], out=weight, where=photons["response"] > 0)
    count = np.zeros(image.count.shape)
    np.add.at(count, (row, column), weight)
    np.testing.assert_allclose(image.count, count, rtol=1e-6)
    bits = 1 * photons["mask"] + 4 * (photons["detrad"] > 350) + 8 * (photons["detrad"] > 370)
    flag = np.zeros(image.flag.shape, np.uint8)
    np.bitwise_or.at(flag, (row, column), bits.astype(np.uint8))
    assert np.array_equal(image.flag, flag)
    dose = np.zeros((3200, 3200), np.int32)
    np.add.at(dose, tuple((photons[n] * 4).astype(int) for n in ("col", "row")), 1)
    assert np.array_equal(image.dose, dose)


def test_its_bounds_are_those_of_all_photons(archive: Archive) -> None:
    reader, leg = (
        archive._product_reader(),
        choose_leg(archive._product_reader(), ECLIPSE, Band.NUV),
    )
    groups = row_groups(photon_files(reader, leg))
    bounds, whole = _found_bounds(groups, leg.ra0, threads=1)
    photons = photons_of(archive)
    exact = [(f(photons["ra"] - leg.ra0), f(photons["dec"])) for f in (np.min, np.max)]
    assert whole == (exact[0][0], exact[1][0], exact[0][1], exact[1][1])
    # Those of groups that lie inside are what their files say, which holds all of them.
    assert (bounds[:, [0, 2]] >= np.array(whole)[[0, 2]]).all()
    assert (bounds[:, [1, 3]] <= np.array(whole)[[1, 3]]).all()


def test_photons_are_conserved_anywhere_on_the_sky(field_root: Path) -> None:
    with Archive(field_root) as archive:
        image = archive.image(ECLIPSE, "NUV", pixel=3)
        photons = photons_of(archive)
    weight = 1 / photons["response"][photons["response"] > 0].astype(np.float64)
    assert len(weight) > 3000
    assert image.count.sum(dtype=np.float64) == pytest.approx(weight.sum(), rel=1e-6)
    assert image.dose.sum() == len(photons["ra"]) == image.header["PHOTCNT"]
    rows, columns = image.count.shape
    assert 1450 < rows < 1650
    assert 1450 < columns < 1650


def test_photons_without_a_weight_are_in_the_dose_only(archive: Archive, image: Image) -> None:
    photons = photons_of(archive)
    dead = int((photons["response"] == 0).sum())
    assert image.header["NOWEIGHT"] == dead
    assert np.isfinite(image.count).all()
    assert image.dose.sum() == len(photons["ra"])


def test_threads_and_no_dose_change_nothing(archive: Archive, image: Image) -> None:
    reader = archive._product_reader()
    leg = choose_leg(reader, ECLIPSE, Band.NUV)
    alone = make_image(reader, leg, ImageOptions(threads=1), dose=False)
    assert np.array_equal(alone.count, image.count)
    assert np.array_equal(alone.flag, image.flag)
    assert alone.dose.shape == image.dose.shape
    assert not alone.dose.any()


def test_pixels_may_have_any_size(archive: Archive, image: Image) -> None:
    coarse = archive.image(ECLIPSE, "NUV", pixel=6)
    assert coarse.geometry.pixel == pytest.approx(6)
    assert coarse.count.shape == tuple(-(-side // 4) for side in image.count.shape)
    assert coarse.count.sum() == pytest.approx(image.count.sum(), rel=1e-6)


def test_edges_are_a_setting(archive: Archive) -> None:
    wide = archive.image(ECLIPSE, "NUV", edges=(100.0, 200.0), pixel=3)
    photons = photons_of(archive)
    assert (wide.header["SOFTEDGE"], wide.header["HARDEDGE"]) == (100, 200)
    assert np.count_nonzero(wide.flag & 8) > 0.5 * (photons["detrad"] > 200).sum()


def test_extended_set(archive: Archive) -> None:
    image = archive.image(ECLIPSE, "NUV", extended=True, pixel=60)
    photons = photons_of(archive)
    pixel = image.geometry.index_of(photons["ra"].copy(), photons["dec"].copy())
    chosen = pixel == np.bincount(pixel).argmax()
    assert chosen.sum() > 3
    for name in ("col", "row"):
        values = photons[name][chosen].astype(np.float64)
        found = [image.extended[f"{name.upper()}_{what}"] for what in ("MEAN", "STD")]
        mean, deviation = (plane.reshape(-1)[pixel[chosen][0]] for plane in found)
        assert mean == pytest.approx(values.mean(), rel=1e-6)
        assert deviation == pytest.approx(values.std(), rel=1e-5)
    for name in ("ya", "q"):
        mean = image.extended[f"{name.upper()}_MEAN"].reshape(-1)[pixel[chosen][0]]
        assert mean == pytest.approx(photons[name][chosen].mean(), rel=1e-6)
    assert np.array_equal(
        np.isnan(image.extended["Q_MEAN"]),
        np.bincount(pixel, minlength=image.count.size).reshape(image.count.shape) == 0,
    )


def test_header_says_what_it_is(archive: Archive, image: Image) -> None:
    (leg,) = (each for each in archive.legs(ECLIPSE) if each.band == "NUV")
    header = image.header
    identity = ("TELESCOP", "ECLIPSE", "LEG", "BANDNAME", "BAND", "N_FRAME")
    assert [header[name] for name in identity] == ["GALEX", ECLIPSE, 0, "NUV", 1, 1]
    assert (header["TIMESYS"], header["TIMEUNIT"]) == ("UTC", "s")
    assert (header["T0"], header["T1"]) == (leg.photon_t0, leg.photon_t1)
    assert header["XPOSURE"] == header["EXPT_0"] == pytest.approx(leg.exposure, rel=1e-12)
    assert (header["CALHASH"], header["INGEST"]) == (leg.calibration, leg.generation)


def test_intensity_is_counts_per_second(image: Image) -> None:
    assert image.intensity().sum() == pytest.approx(image.count.sum() / image.exposure, rel=1e-5)


def test_ccddata_has_coordinates_and_mask(image: Image) -> None:
    data = image.to_ccddata()
    assert str(data.unit) == "ct"
    assert np.array_equal(data.mask, image.coverage == 0)
    assert data.wcs.wcs.crval.tolist() == list(image.geometry.crval)
    assert data.meta["ECLIPSE"] == ECLIPSE


def test_photons_lie_where_the_leg_looked(image: Image) -> None:
    unseen = (image.coverage == 0) & (image.count > 0)
    # The detector's field is a circle of 400 pixels for photons, of 375 for the exposed part.
    assert image.count[unseen].sum() < 0.2 * image.count.sum()


def test_legs_are_chosen_by_number(archive: Archive) -> None:
    second = archive.image(ECLIPSE, "FUV", 1)
    assert second.header["LEG"] == 1
    assert [each.header["LEG"] for each in archive.image(ECLIPSE, "FUV", "all")] == [0, 1]


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ((1, "NUV"), {}, "run `gphoton-db ingest 1 NUV`"),
        ((ECLIPSE, "FUV"), {}, "2 legs (0, 1)"),
        ((ECLIPSE, "FUV", 2), {}, "has no leg 2: it has legs 0, 1"),
        ((ECLIPSE, "NUV", -1), {}, "has no leg -1"),
        ((ECLIPSE, "NUV"), {"pixel": 0}, "a pixel size of 0 arcsec"),
        ((ECLIPSE, "NUV"), {"pixel": -1.5}, "a pixel size of -1.5 arcsec"),
        ((ECLIPSE, "NUV"), {"pixel": float("nan")}, "a pixel size of nan arcsec"),
        ((ECLIPSE, "NUV"), {"pixel": 1e-4}, "use larger pixels"),
        ((ECLIPSE, "NUV"), {"edges": (370, 350)}, "the smaller one first"),
        ((ECLIPSE, "NUV"), {"edges": (float("nan"), 350)}, "edges of nan"),
    ],
)
def test_what_makes_no_sense_is_said(
    archive: Archive, arguments: tuple[Any, ...], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ProductError) as raised:
        archive.image(*arguments, **options)
    assert words in str(raised.value)


def test_a_band_that_is_not_there_names_the_one_that_is(field_root: Path) -> None:
    with Archive(field_root) as archive, pytest.raises(ProductError, match="23500 in NUV only"):
        archive.image(ECLIPSE, "FUV")
