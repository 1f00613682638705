from collections.abc import Iterator
from pathlib import Path
from typing import Any

import astropy.units as u
import numpy as np
import pytest
from astropy.io import fits
from astropy_healpix import HEALPix
from numpy.typing import NDArray
from PIL import Image
from tests.gphoton_db.conftest import Cli
from tests.products.conftest import ECLIPSE, FIELDS

from gphoton_db.archive import Archive
from gphoton_db.errors import NoCoverageError, ProductError
from gphoton_db.mission import Band
from gphoton_db.products.hips.blocks import make_tile
from gphoton_db.products.hips.folder import HipsFolder
from gphoton_db.products.hips.options import HipsOptions
from gphoton_db.products.hips.plan import HipsPlan, plan_of
from gphoton_db.products.hips.tiles import Plane, SkyTile, pixel_arcsec2, values_of_fits

ORDER = 5
"""Of the HiPS that are written here: pixels of 13 arcsec."""

GOOD = "band = '{}' AND flags = 0 AND NOT coalesce(mask, false) AND response > 0 AND detrad < 370"


def photons_of(archive: Archive, band: str, order: int) -> dict[str, NDArray[Any]]:
    """Return pixels (of an order) and weights of the photons that count, by SQL."""
    found = archive.query(f"SELECT ra, dec, response, cell FROM photons WHERE {GOOD.format(band)}")
    rows = found.df()
    healpix = HEALPix(nside=2**order, order="nested")
    ra, dec = (rows[name].to_numpy() * u.deg for name in ("ra", "dec"))
    pixel, cell = healpix.lonlat_to_healpix(ra, dec), rows["cell"].to_numpy()
    inside = pixel >> 2 * (order - 13) == cell if order > 13 else np.ones(len(cell), np.bool_)
    weight = 1 / rows["response"].to_numpy(np.float64)
    return {"pixel": pixel, "weight": weight, "inside": inside}


@pytest.fixture(scope="module")
def whole(products_root: Path, tmp_path_factory: pytest.TempPathFactory) -> HipsFolder:
    """Counts of the two FUV legs, which overlap."""
    folder = tmp_path_factory.mktemp("hips") / "counts"
    with Archive(products_root) as archive:
        made = archive.hips(folder, "FUV", order=ORDER, plane="count")
    assert (made.n_legs, made.path) == (2, folder)
    return HipsFolder(folder)


@pytest.fixture(scope="module")
def plan(products_root: Path) -> Iterator[tuple[Archive, HipsPlan]]:
    with Archive(products_root) as archive:
        yield archive, plan_of(archive._product_reader(), Band.NUV, None, HipsOptions(threads=1))


@pytest.fixture(scope="module")
def fullest(plan: tuple[Archive, HipsPlan]) -> SkyTile:
    """The tile of order 8 with most photons."""
    archive, how = plan
    tiles = photons_of(archive, "NUV", 8)["pixel"]
    return make_tile(archive._product_reader(), how, int(np.bincount(tiles).argmax()))


def test_a_tile_equals_sql_pixel_for_pixel(
    plan: tuple[Archive, HipsPlan], fullest: SkyTile
) -> None:
    photons = photons_of(plan[0], "NUV", 17)
    here = photons["pixel"] >> 18 == fullest.number
    assert photons["inside"][here].all()
    place = photons["pixel"][here] & (2**18 - 1)
    expected = np.bincount(place, photons["weight"][here], 2**18)
    assert here.sum() > 300
    np.testing.assert_allclose(fullest.count, expected, rtol=2e-7)


def test_intensity_is_that_of_a_map(plan: tuple[Archive, HipsPlan], fullest: SkyTile) -> None:
    archive, how = plan
    healpix = HEALPix(nside=2**17, order="nested")
    ra, dec = healpix.healpix_to_lonlat(fullest.number * 2**18 + np.arange(2**18))
    centre = float(ra.deg.mean()), float(dec.deg.mean())
    (made,) = archive.map(*centre, 0.5, bands="NUV", pixel=3.0)
    x, y = made.geometry.pixel_of(ra.deg, dec.deg)
    place = np.rint(y - 1).astype(int), np.rint(x - 1).astype(int)
    # Off the edges: of the field, and of hotspots, which a short visit does not smooth.
    even = made.exposure[place] > 0.99 * made.exposure.max()
    ratio = fullest.exposure[even] / made.exposure[place][even]
    assert even.mean() > 0.8
    assert ratio.mean() == pytest.approx(1.0, abs=1e-3)
    assert np.percentile(np.abs(ratio - 1), 99) < 0.01
    # About the star: a photon more or less on the rim is one of 1,200.
    star = FIELDS["ordinary"][0] + 0.1, FIELDS["ordinary"][1] - 0.1
    patch = np.hypot(ra.deg - star[0], dec.deg - star[1]) < 0.03
    same = np.zeros(made.count.shape, np.bool_)
    same[place[0][patch], place[1][patch]] = True
    flux = np.nansum(fullest.plane(Plane.INTENSITY, how.longest)[patch]) * pixel_arcsec2(8)
    assert fullest.count[patch].sum() > 1000
    assert flux == pytest.approx(np.nansum(made.intensity[same]), rel=0.01)


def test_all_orders_hold_all_photons(whole: HipsFolder, archive: Archive) -> None:
    total = photons_of(archive, "FUV", 13)["weight"].sum()
    for order in range(ORDER + 1):
        tiles = whole.tiles(order, "fits")
        found = sum(np.nansum(fits.getdata(file), dtype=np.float64) for _, file in tiles)
        assert found == pytest.approx(total, rel=1e-6)
        assert [k for k, _ in tiles] == [k for k, _ in whole.tiles(order, "png")]


def test_others_read_it_where_the_photons_are(whole: HipsFolder, archive: Archive) -> None:
    """reproject's reader puts each pixel of order 12 at the place that astropy-healpix has it."""
    from reproject.hips import hips_as_dask_array

    pixels, wcs = hips_as_dask_array(whole.root, level=3)
    photons = photons_of(archive, "FUV", 12)
    counts = np.bincount(photons["pixel"], photons["weight"], 12 * 4**12)
    healpix = HEALPix(nside=2**12, order="nested")
    fullest = int(np.bincount(photons["pixel"] >> 18).argmax())
    ra, dec = healpix.healpix_to_lonlat(fullest * 2**18 + np.arange(2**18))
    x, y = (np.rint(each).astype(int) for each in wcs.world_to_pixel_values(ra.deg, dec.deg))
    (row,), (column,) = np.unique(y // 512), np.unique(x // 512)
    chunk = np.asarray(pixels.blocks[row, column])
    found = chunk[y - row * 512, x - column * 512]
    np.testing.assert_allclose(np.nan_to_num(found), counts[fullest * 2**18 :][: 2**18], rtol=1e-6)


def test_pictures_and_the_overview_show_the_tiles(whole: HipsFolder) -> None:
    number, file = whole.tiles(3, "fits")[0]
    image = fits.getdata(file)
    with Image.open(whole.tile(3, number, "png")) as picture:
        grey, alpha = np.moveaxis(np.asarray(picture), -1, 0)
    assert np.array_equal(alpha > 0, np.isfinite(image[::-1]))
    assert grey[alpha > 0].max() == 255
    overview = fits.getdata(whole.allsky("fits"))
    assert overview.shape == (29 * 64, 27 * 64)
    row, column = (64 * k for k in divmod(number, 27))
    part = overview[::-1][row : row + 64, column : column + 64]
    seen = np.isfinite(image[::-1].reshape(64, 8, 64, 8)).any(axis=(1, 3))
    assert np.array_equal(np.isfinite(part), seen)
    assert np.isfinite(overview).sum() == sum(
        np.isfinite(fits.getdata(each)[::-1].reshape(64, 8, 64, 8)).any(axis=(1, 3)).sum()
        for _, each in whole.tiles(3, "fits")
    )
    with Image.open(whole.allsky("png")) as picture:
        assert picture.size == (27 * 64, 29 * 64)


def test_properties_and_coverage_say_what_there_is(whole: HipsFolder, archive: Archive) -> None:
    from mocpy import MOC

    lines = whole.properties.read_text().splitlines()
    said = {name.strip(): value.strip() for name, _, value in (e.partition("=") for e in lines)}
    assert (said["hips_order"], said["hips_frame"]) == (str(ORDER), "equatorial")
    assert said["hips_tile_format"] == "fits png"
    assert float(said["hips_pixel_scale"]) == pytest.approx(pixel_arcsec2(ORDER) ** 0.5 / 3600)
    moc = MOC.from_fits(whole.moc)
    assert moc.max_order == int(said["moc_order"]) == ORDER + 3
    assert float(said["moc_sky_fraction"]) == pytest.approx(moc.sky_fraction, rel=1e-5)
    photons = photons_of(archive, "FUV", ORDER + 3)["pixel"]
    assert set(photons.tolist()) <= set(moc.flatten().tolist())


def test_a_moc_is_the_sky_that_was_seen(archive: Archive, tmp_path: Path) -> None:
    from mocpy import MOC

    made = archive.moc("FUV", order=9)
    read = MOC.from_fits(made.write(tmp_path / "moc.fits"))
    assert np.array_equal(np.sort(read.flatten()), made.pixels)
    two = [archive.coverage(ECLIPSE, "FUV", leg).partial for leg in (0, 1)]
    # Near the equator degrees of right ascension are degrees.
    area = two[0].union(two[1]).area * np.cos(np.radians(2.0))
    assert read.sky_fraction * 41252.96 == pytest.approx(area, rel=0.02)
    assert archive.moc("FUV", [ECLIPSE], order=9).sky_fraction == made.sky_fraction
    with pytest.raises(ProductError, match="a MOC of order 15 is not valid"):
        archive.moc("FUV", order=15)


def test_an_empty_moc_is_said(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    assert archive.moc("FUV", order=0).sky_fraction == 0
    assert "the MOC is empty: no pixel of order 0 has its centre in the field" in caplog.text


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "properties")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_an_interrupted_one_is_gone_on_with(
    whole: HipsFolder, archive: Archive, tmp_path: Path
) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if stage == "drawing" and done == 3:
            raise KeyboardInterrupt

    folder = tmp_path / "sky"
    partial = HipsFolder(tmp_path / ".sky.partial")
    with pytest.raises(KeyboardInterrupt):
        archive.hips(folder, "FUV", order=ORDER, plane="count", on_progress=stop)
    assert not folder.exists()
    before = {file: file.stat().st_mtime_ns for _, file in partial.tiles(ORDER, "fits")}
    assert before
    with pytest.raises(KeyboardInterrupt):
        archive.hips(folder, "FUV", order=ORDER, plane="count", on_progress=stop)
    assert {file: file.stat().st_mtime_ns for file in before} == before
    for damaged in partial.root.glob(".gphoton-db/*.npz"):
        damaged.write_bytes(b"half of it")
    archive.hips(folder, "FUV", order=ORDER, plane="count")
    assert contents(folder) == contents(whole.root)
    assert [path.name for path in tmp_path.iterdir()] == ["sky"]


def test_one_is_replaced_and_nothing_else(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "sky"
    archive.hips(folder, "NUV", [ECLIPSE], order=3, plane="exposure")
    exposure = values_of_fits(fits.getdata(HipsFolder(folder).tiles(3, "fits")[0][1]))
    assert 30 < np.nanmax(exposure) < 40
    t0 = archive.legs(ECLIPSE)[0].t0
    ranges = [(t0 + 5, t0 + 15)]
    made = archive.hips(folder, "NUV", order=3, plane="exposure", time_ranges=ranges)
    exposure = values_of_fits(fits.getdata(HipsFolder(folder).tiles(3, "fits")[0][1]))
    assert 9 < np.nanmax(exposure) < 10
    assert made.n_tiles == sum(len(HipsFolder(folder).tiles(k, "fits")) for k in range(4))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    with pytest.raises(ProductError, match=r"other: holds something that is no HiPS"):
        archive.hips(tmp_path / "other", "NUV", order=3)
    with pytest.raises(ProductError, match=r"file: is a file"):
        archive.hips(tmp_path / "other" / "file", "NUV", order=3)


def test_what_cannot_be_made_is_an_error(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(ProductError, match="eclipse 9 NUV is not ingested, nor are 1 others"):
        archive.hips(tmp_path / "sky", "NUV", [9, 10, ECLIPSE])
    with pytest.raises(ProductError, match="no eclipse was given"):
        archive.hips(tmp_path / "sky", "NUV", [])
    with pytest.raises(ProductError, match="a HiPS of order 12 is not valid"):
        archive.hips(tmp_path / "sky", "NUV", order=12)
    with pytest.raises(ProductError, match="unknown plane 'colour'"):
        archive.hips(tmp_path / "sky", "NUV", plane="colour")
    with pytest.raises(NoCoverageError, match="no NUV leg was observed in these time ranges"):
        archive.hips(tmp_path / "sky", "NUV", time_ranges=[(1, 2)])
    assert list(tmp_path.iterdir()) == []


def test_the_commands_write_what_they_say(copied: Path, tmp_path: Path, cli: Cli) -> None:
    from mocpy import MOC

    words = ["--archive", copied, "hips", str(ECLIPSE), "--band", "NUV", "--order", "3"]
    done = cli(*words, "--output", tmp_path / "sky")
    assert done.code == 0, done.err
    assert "tiles of orders 0 to 3 from 1 leg\n" in done.out
    assert fits.getheader(HipsFolder(tmp_path / "sky").tiles(3, "fits")[0][1])["BUNIT"] == (
        Plane.INTENSITY.unit
    )
    done = cli("--archive", copied, "moc", "--all", "--band", "FUV", "--output", tmp_path)
    assert done.code == 0, done.err
    assert MOC.from_fits(tmp_path / "galex-fd-moc.fits").max_order == 10
    for wrong in ([], [str(ECLIPSE), "--all"]):
        done = cli("--archive", copied, "moc", *wrong, "--band", "FUV")
        assert done.code == 2
        assert "name eclipses, or take --all of them" in done.err
