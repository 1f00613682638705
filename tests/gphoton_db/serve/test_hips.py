"""The HiPS of a running archive, as others read it."""

import io
from pathlib import Path

import numpy as np
from astropy.io import fits
from mocpy import MOC
from PIL import Image

from gphoton_db.archive import Archive
from gphoton_db.products.hips.tiles import picture, values_of_fits
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


def test_programs_without_cookies_have_the_token_in_the_path(client: Client) -> None:
    reply = client.ask("GET", f"/key/{client.token}/hips/FUV/properties", cookie=False)
    lines = dict(line.split("=", 1) for line in reply.content.decode().splitlines())
    values = {name.strip(): value.strip() for name, value in lines.items()}
    assert (values["hips_order"], values["hips_frame"]) == ("8", "equatorial")
    assert values["hips_tile_format"] == "fits png"
    other = client.ask("GET", f"/key/{client.token}/api/info", cookie=False)
    assert other.status == 403


def test_the_moc_is_that_of_the_archive(client: Client, served: Archive, tmp_path: Path) -> None:
    (tmp_path / "Moc.fits").write_bytes(client.get("/hips/NUV/Moc.fits").content)
    read = MOC.load(tmp_path / "Moc.fits", "fits")
    assert read.sky_fraction == served.moc("NUV", order=11).sky_fraction


def test_what_a_hips_has_not_is_not_found(client: Client) -> None:
    names = ("Norder8/Dir0/Npix1.fits", "Norder9/Dir0/Npix1.png", "Norder8/Dir10000/Npix1.png", "x")
    for name in names:
        assert client.get(f"/hips/NUV/{name}").status == 404
    assert client.get("/hips/XUV/properties").status == 400
