"""Sparse images against astropy's own projection."""

from pathlib import Path

import duckdb
import numpy as np
import pytest
from astropy.wcs import WCS

from gphoton_db.archive import Archive
from tests.sql.reference import LegPhotons


@pytest.mark.parametrize("key", [(23500, "NUV", 1), (23502, "NUV", 0)])
@pytest.mark.parametrize("pixel", [1.5, 6.0])
def test_an_image_is_what_astropy_projects(
    key: tuple[int, str, int],
    pixel: float,
    sky: duckdb.DuckDBPyConnection,
    legs: list[LegPhotons],
) -> None:
    (leg,) = (leg for leg in legs if (leg.eclipse, leg.band, leg.leg) == key)
    table = sky.execute("FROM image_bins($1, $2, $3, pixel := $4)", [*key, pixel]).to_arrow_table()
    found = {name: table[name].to_numpy() for name in table.column_names}
    shape = int(found["n_y"][0]), int(found["n_x"][0])
    image, weighted = np.zeros(shape, int), np.zeros(shape)
    image[found["y"], found["x"]] = found["counts"]
    weighted[found["y"], found["x"]] = found["flat_counts"]

    good = leg.on_detector
    ra, dec, response = leg["ra"][good], leg["dec"][good], leg["response"][good]
    turned = (ra + 180) % 360 - 180 if key[0] == 23502 else ra
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [(turned.min() + turned.max()) / 2, (dec.min() + dec.max()) / 2]
    wcs.wcs.cdelt = [-pixel / 3600, pixel / 3600]
    width = (turned.max() - turned.min()) * np.cos(np.radians(wcs.wcs.crval[1]))
    size = np.ceil(np.array([width, dec.max() - dec.min()]) * 3600 / pixel)
    offset = np.abs(wcs.wcs_world2pix(ra, dec, 1)).max(axis=1)
    size += 2 * np.maximum(np.floor(offset - size / 2) + 1, 0)
    wcs.wcs.crpix = size / 2 + 0.5
    assert shape == (size[1], size[0])
    x, y = wcs.wcs_world2pix(ra, dec, 1)
    column, row = np.floor(x - 0.5).astype(int), np.floor(y - 0.5).astype(int)
    inside = (column >= 0) & (column < size[0]) & (row >= 0) & (row < size[1])
    expected, right = np.zeros(shape, int), np.zeros(shape)
    np.add.at(expected, (row[inside], column[inside]), 1)
    live = inside & (response > 0)
    np.add.at(right, (row[live], column[live]), 1 / response[live])
    # A photon on the very edge of a pixel may fall to either side of it.
    assert np.abs(image - expected).sum() <= 4
    same = image == expected
    assert np.allclose(weighted[same], right[same])


def test_a_leg_that_is_not_there_has_no_image(sky: duckdb.DuckDBPyConnection) -> None:
    assert sky.execute("FROM image_bins(1, 'NUV', 0)").fetchall() == []


@pytest.mark.parametrize("eclipse", [pytest.param(23501, marks=pytest.mark.deep), 23502, 23503])
def test_every_photon_is_in_the_image_of_python_at_a_pole_too(
    eclipse: int, sky: duckdb.DuckDBPyConnection, sky_root: Path, legs: list[LegPhotons]
) -> None:
    table = sky.execute("FROM image_bins(?, 'NUV', 0)", [eclipse]).to_arrow_table()
    (leg,) = (leg for leg in legs if leg.eclipse == eclipse)
    found = {name: table[name].to_numpy() for name in table.column_names}
    assert found["counts"].sum() == leg.on_detector.sum()
    with Archive(sky_root) as archive:
        image = archive.image(eclipse, "NUV")
    assert (found["n_y"][0], found["n_x"][0]) == image.count.shape
    assert (image.count[found["y"], found["x"]] > 0).mean() > 0.99
