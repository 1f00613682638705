"""The HiPS of a running archive, as others read it."""

import io
from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.config import set_temp_cache
from astropy.io import fits
from astropy_healpix import HEALPix
from PIL import Image

from gphoton_db.archive import Archive
from gphoton_db.products.hips.tiles import picture, values_of_fits
from tests.archives import SessionArchive, Star
from tests.gphoton_db.serve.conftest import Client
from tests.gphoton_db.serve.test_sky import fullest, pixels_of


def test_tiles_are_those_of_the_page(client: Client, served: Archive) -> None:
    tile, _ = fullest(served, "NUV", 8)
    asked = {"band": "NUV", "order": 8, "npix": tile, "plane": "intensity"}
    shown = pixels_of(client.get("/api/tile", **asked).content)
    name = f"Norder8/Dir{tile // 10_000 * 10_000}/Npix{tile}"
    image = fits.getdata(io.BytesIO(client.get(f"/hips/NUV/{name}.fits").content))
    np.testing.assert_array_equal(picture(values_of_fits(image)), shown)
    drawn = np.asarray(Image.open(io.BytesIO(client.get(f"/hips/NUV/{name}.png").content)))
    assert drawn.shape == (512, 512, 2)
    np.testing.assert_array_equal(drawn[..., 1] > 0, np.isfinite(shown))
    brightest = np.unravel_index(np.nanargmax(shown), shown.shape)
    assert drawn[(*brightest, 0)] == 255


def test_programs_without_cookies_have_the_token_in_the_path(
    client: Client, served: Archive
) -> None:
    reply = client.ask("GET", f"/key/{client.token}/hips/FUV/properties", cookie=False)
    lines = dict(line.split("=", 1) for line in reply.content.decode().splitlines())
    values = {name.strip(): value.strip() for name, value in lines.items()}
    assert (values["hips_order"], values["hips_frame"]) == ("8", "equatorial")
    assert values["hips_tile_format"] == "fits png"
    tile, _ = fullest(served, "FUV", 8)
    name = f"hips/FUV/Norder8/Dir{tile // 10_000 * 10_000}/Npix{tile}.fits"
    by_path = client.ask("GET", f"/key/{client.token}/{name}", cookie=False)
    assert (by_path.status, by_path.content) == (200, client.get(f"/{name}").content)
    other = client.ask("GET", f"/key/{client.token}/api/info", cookie=False)
    assert other.status == 403


@pytest.mark.deep
def test_others_read_it_from_the_running_server(
    client: Client, served: Archive, two_bands: SessionArchive, tmp_path: Path
) -> None:
    """reproject takes properties and tiles by the address that is printed for Aladin."""
    from reproject.hips import hips_as_dask_array

    star, order = two_bands.star(Star.BRIGHT), 7
    with set_temp_cache(tmp_path):
        address = f"http://{client.host}/key/{client.token}/hips/NUV"
        sky, wcs = hips_as_dask_array(address, level=order)
        x, y = (round(float(each)) for each in wcs.world_to_pixel_values(star.ra, star.dec))
        tile_read = np.asarray(sky.blocks[y // 512, x // 512])
    columns, rows = np.meshgrid(np.arange(x - 9, x + 10), np.arange(y - 9, y + 10))
    found = tile_read[rows - y // 512 * 512, columns - x // 512 * 512]
    ra, dec = wcs.pixel_to_world_values(columns, rows)
    healpix = HEALPix(nside=2 ** (order + 9), order="nested")
    pixels = healpix.lonlat_to_healpix(ra * u.deg, dec * u.deg)
    (tile,) = np.unique(pixels >> 18)
    asked = {"band": "NUV", "order": order, "npix": tile, "plane": "intensity"}
    shown = pixels_of(client.get("/api/tile", **asked).content)
    expected = values_of_fits(shown[::-1])[pixels & (2**18 - 1)]
    np.testing.assert_array_equal(found, expected)
    assert found[9, 9] > 10 * np.median(found)


def test_pictures_of_all_tiles_have_one_stretch(client: Client, served: Archive) -> None:
    """Equal intensities are equally grey on neighbours and on other orders: no seams."""
    tile, _ = fullest(served, "NUV", 8)
    greys, values = [], []
    for order, number in ((8, tile), (8, tile ^ 1), (7, tile >> 2)):
        name = f"/hips/NUV/Norder{order}/Dir{number // 10_000 * 10_000}/Npix{number}"
        picture_of = Image.open(io.BytesIO(client.get(f"{name}.png").content))
        image = fits.getdata(io.BytesIO(client.get(f"{name}.fits").content))
        seen = np.isfinite(image[::-1])
        greys.append(np.asarray(picture_of)[..., 0][seen].astype(float))
        values.append(image[::-1][seen])
    lines = dict(
        line.split("=", 1)
        for line in client.get("/hips/NUV/properties").content.decode().splitlines()
    )
    cuts = {name.strip(): value for name, value in lines.items()}["hips_pixel_cut"]
    low, high = (float(each) for each in cuts.split())
    for grey, value in zip(greys, values, strict=True):
        part = np.clip((value - low) / (high - low), 0, 1)
        assert np.abs(grey - 255 * np.arcsinh(10 * part) / np.arcsinh(10)).max() < 0.6


def test_the_moc_is_that_of_the_archive(client: Client, served: Archive, tmp_path: Path) -> None:
    from mocpy import MOC

    (tmp_path / "Moc.fits").write_bytes(client.get("/hips/NUV/Moc.fits").content)
    read = MOC.load(tmp_path / "Moc.fits", "fits")
    assert read.sky_fraction == served.moc("NUV", order=11).sky_fraction


def test_what_a_hips_has_not_is_not_found(client: Client) -> None:
    names = ("Norder8/Dir0/Npix1.fits", "Norder9/Dir0/Npix1.png", "Norder8/Dir10000/Npix1.png", "x")
    for name in names:
        assert client.get(f"/hips/NUV/{name}").status == 404
    assert client.get("/hips/XUV/properties").status == 400
