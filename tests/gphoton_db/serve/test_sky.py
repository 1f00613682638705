"""Tiles, coverage and legs, compared with SQL and with maps."""

import astropy.units as u
import numpy as np
import pytest
import shapely
from astropy_healpix import HEALPix
from numpy.typing import NDArray

from gphoton_db.archive import Archive
from tests.gphoton_db.serve.conftest import Client

GOOD = "flags = 0 AND NOT coalesce(mask, false) AND response > 0 AND detrad < 370"


def pixels_of(content: bytes) -> NDArray[np.float32]:
    """Return a tile as it is sent: 512 rows from above."""
    return np.frombuffer(content, "<f4").reshape(512, 512)


def fullest(archive: Archive, band: str, order: int) -> tuple[int, float]:
    """Return the tile of an order with most photons, and the sum of their weights."""
    (row,) = archive.query(
        f"SELECT cell >> {2 * (13 - order)} AS tile, sum(1 / response::DOUBLE) AS weight "
        f"FROM photons WHERE band = '{band}' AND {GOOD} GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    ).rows()
    return row["tile"], row["weight"]


def test_the_archive_in_short(client: Client, served: Archive) -> None:
    info = client.get("/api/info").json()
    assert (info["bands"], info["legs"]) == (["NUV", "FUV"], len(served.legs()))
    assert info["archive"] == str(served.paths.root)
    assert info["limits"] == {"sql_seconds": 30.0, "sql_rows": 100, "bins": 100_000}
    assert info["has"] == {"sources": False, "catalogue": False, "variables": False}
    assert info["writable_notes"]


def test_legs_are_those_of_the_archive(client: Client, served: Archive) -> None:
    answer = client.get("/api/legs").json()
    found = [(e["eclipse"], e["band"], e["photons"], e["generation"]) for e in answer["legs"]]
    assert found == [
        (leg.eclipse, leg.band, leg.n_photons, leg.generation) for leg in served.legs()
    ]
    assert not answer["truncated"]


def test_outlines_have_few_corners_and_the_area_of_the_field(
    client: Client, served: Archive
) -> None:
    (leg,) = client.get("/api/coverage", band="NUV").json()["legs"]
    corners = sum(map(len, leg["outline"]))
    assert 20 < corners <= 200
    (record,) = (each for each in served.legs() if each.band == "NUV")
    flat = np.array(leg["outline"][0])
    flat[:, 0] = (flat[:, 0] - record.ra0) * np.cos(np.radians(record.dec0))
    whole = served.moc("NUV", order=11).sky_fraction * 41252.96
    assert shapely.Polygon(flat).area == pytest.approx(whole, rel=0.02)


def test_the_coverage_is_a_moc_of_the_fewest_cells(client: Client, served: Archive) -> None:
    (leg,) = (each for each in served.legs() if each.band == "FUV")
    asked = {"band": "FUV", "order": 10, "ra": leg.ra0, "dec": leg.dec0, "radius": 60}
    cells = client.get("/api/moc", **asked).json()["cells"]
    assert max(map(int, cells)) == 10 > min(map(int, cells))
    every = [
        pixel
        for order, numbers in cells.items()
        for number in numbers
        for pixel in range(number << 2 * (10 - int(order)), (number + 1) << 2 * (10 - int(order)))
    ]
    assert sorted(every) == served.moc("FUV", order=10).pixels.tolist()
    elsewhere = client.get("/api/moc", **(asked | {"dec": -leg.dec0 - 30})).json()
    assert elsewhere == {"cells": {}, "truncated": False}


@pytest.mark.parametrize("order", [8, 4, 11])
def test_a_tile_holds_all_photons_there(client: Client, served: Archive, order: int) -> None:
    tile, weight = fullest(served, "NUV", order)
    reply = client.get("/api/tile", band="NUV", order=order, npix=tile, plane="count")
    assert np.nansum(pixels_of(reply.content), dtype=np.float64) == pytest.approx(weight, rel=1e-6)


def test_a_tile_is_sql_pixel_for_pixel_in_the_rows_of_a_picture(
    client: Client, served: Archive
) -> None:
    tile, _ = fullest(served, "FUV", 8)
    image = pixels_of(client.get("/api/tile", band="FUV", order=8, npix=tile).content)
    rows = served.query(
        f"SELECT ra, dec, 1 / response::DOUBLE AS weight FROM photons WHERE band = 'FUV' AND {GOOD}"
        f" AND cell >> 10 = {tile}"
    ).df()
    place = HEALPix(nside=2**17, order="nested").lonlat_to_healpix(
        rows["ra"].to_numpy() * u.deg, rows["dec"].to_numpy() * u.deg
    )
    expected = np.bincount(place & (2**18 - 1), rows["weight"], 2**18)
    number = np.arange(2**18)
    x, y = (sum((number >> (2 * b + s) & 1) << b for b in range(9)) for s in (0, 1))
    np.testing.assert_allclose(np.nan_to_num(image)[x, y], expected, rtol=1e-6)


def test_part_of_the_time_is_the_sum_of_sql(client: Client, served: Archive) -> None:
    tile, _ = fullest(served, "NUV", 6)
    (leg,) = (each for each in served.legs() if each.band == "NUV")
    t0, t1 = leg.t0 + 10.0, leg.t0 + 25.5
    reply = client.get("/api/tile", band="NUV", order=6, npix=tile, t0=t0, t1=t1)
    (row,) = served.query(
        f"SELECT sum(1 / response::DOUBLE) AS weight FROM photons WHERE band = 'NUV' AND {GOOD} "
        f"AND cell >> 14 = {tile} AND t >= {t0!r} AND t < {t1!r}"
    ).rows()
    found = np.nansum(pixels_of(reply.content), dtype=np.float64)
    assert found == pytest.approx(row["weight"], rel=1e-6)
    of_leg = {"band": "NUV", "order": 6, "npix": tile, "leg": f"{leg.eclipse}.{leg.leg}"}
    again = client.get("/api/tile", **of_leg, t0=t0, t1=t1)
    assert again.content == reply.content


def test_intensity_is_that_of_a_map(client: Client, served: Archive) -> None:
    tile, _ = fullest(served, "NUV", 7)
    values = [
        pixels_of(client.get("/api/tile", band="NUV", order=7, npix=tile, plane=plane).content)
        for plane in ("count", "exposure", "intensity")
    ]
    healpix = HEALPix(nside=2**7, order="nested")
    ra, dec = healpix.healpix_to_lonlat(tile)
    (made,) = served.map(ra.deg, dec.deg, 0.05, bands="NUV", pixel=6.0)
    middle = float(np.median(made.exposure))
    assert float(np.nanmedian(values[1][200:312, 200:312])) == pytest.approx(middle, rel=0.01)
    area = 4 * np.pi * np.degrees(3600.0) ** 2 / (12 * 4**16)
    seen = values[1] > 1.0
    np.testing.assert_allclose(
        values[2][seen], (values[0] / (values[1] * area))[seen], rtol=1e-5, atol=1e-12
    )


def test_a_tile_without_sky_is_empty(client: Client) -> None:
    for number in (0, 1):
        reply = client.get("/api/tile", band="NUV", order=3, npix=number)
        assert (reply.status, reply.content) == (204, b"")


def test_a_tile_that_is_known_is_not_sent_again(client: Client, served: Archive) -> None:
    tile, _ = fullest(served, "NUV", 8)
    path = f"/api/tile?band=NUV&order=8&npix={tile}&plane=count"
    first = client.ask("GET", path)
    assert served.legs()[-1].generation in first.headers["etag"]
    again = client.ask("GET", path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.content) == (304, b"")


def test_a_leg_that_is_not_there_is_said(client: Client) -> None:
    reply = client.get("/api/tile", band="NUV", order=8, npix=0, leg="1.0")
    assert (reply.status, reply.error) == (404, "there is no leg 1.0 in NUV")
