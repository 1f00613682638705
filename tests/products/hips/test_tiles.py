from typing import Any

import astropy.units as u
import numpy as np
import pytest
from astropy_healpix import HEALPix
from numpy.typing import NDArray

from gphoton_db.aspect.sphere import unit_vectors
from gphoton_db.kernels.arrays import read_only
from gphoton_db.mission import CELL_ORDER, DETECTOR_PIXEL_DEG, DETECTOR_PIXELS
from gphoton_db.products.hips.exposure import DetectorSums, TileExposure
from gphoton_db.products.hips.photons import TiledPhotons, add_to_tile, place_photons
from gphoton_db.products.hips.plan import BLOCK_DEPTH
from gphoton_db.products.hips.pyramid import Pyramid
from gphoton_db.products.hips.tiles import (
    TILE_DEPTH,
    TILE_PIXELS,
    SkyTile,
    fits_image,
    picture,
    pixel_arcsec2,
    tiles_in_disc,
    values_of_fits,
)
from gphoton_db.products.kernels.hips import centres_of, pixels_in_cells, points_of_tile
from gphoton_db.products.maps.detector_weights import UsableDetector
from gphoton_db.products.maps.exposure_map import Attitudes

RNG = np.random.default_rng(20)
CELLS = HEALPix(nside=2**CELL_ORDER, order="nested")


def places(n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return directions all over the sky, and at its poles and RA 0."""
    ra, dec = RNG.uniform(0, 360, n), np.degrees(np.arcsin(RNG.uniform(-1, 1, n)))
    dec[: n // 8] = 90 - RNG.uniform(0, 0.1, n // 8)
    dec[n // 8 : n // 4] = -90 + RNG.uniform(0, 0.1, n // 8)
    ra[n // 4 : n // 2] = RNG.uniform(-0.01, 0.01, n // 4) % 360
    return ra, dec


def pixels_of(ra: NDArray[np.float64], dec: NDArray[np.float64], order: int) -> NDArray[np.int64]:
    healpix = HEALPix(nside=2**order, order="nested")
    return np.asarray(healpix.lonlat_to_healpix(ra * u.deg, dec * u.deg), np.int64)


@pytest.mark.parametrize("order", [13, 17, 20])
def test_pixels_are_those_of_astropy_healpix(order: int) -> None:
    ra, dec = places(8000)
    cell = read_only(pixels_of(ra, dec, CELL_ORDER).astype(np.int32))
    found = pixels_in_cells(read_only(ra), read_only(dec), cell, np.arange(len(ra)), order)
    # At the finest order some positions are within rounding of a border.
    assert (found != pixels_of(ra, dec, order)).sum() <= 2


@pytest.mark.parametrize("order", [0, 1, 8, 20])
def test_centres_are_those_of_astropy_healpix(order: int) -> None:
    pixels = RNG.integers(0, 12 * 4**order, 2000)
    ra, dec = HEALPix(nside=2**order, order="nested").healpix_to_lonlat(pixels)
    expected = unit_vectors(ra.deg, dec.deg)
    np.testing.assert_allclose(centres_of(pixels, order), expected, atol=2e-15)


def test_points_of_a_tile_reach_from_corner_to_corner() -> None:
    steps, healpix = 4, HEALPix(nside=2**5, order="nested")
    for tile in RNG.integers(0, 12 * 4**5, 20).tolist():
        points = points_of_tile(tile, 5, steps)
        j, i = np.mgrid[0 : steps + 1, 0 : steps + 1] / steps
        ra, dec = healpix.healpix_to_lonlat(np.full(i.shape, tile), dx=i, dy=j)
        np.testing.assert_allclose(points, unit_vectors(ra.deg, dec.deg), atol=1e-14)


def test_a_photon_that_rounding_moved_stays_in_its_cell() -> None:
    """It gets the pixel of its cell that is nearest, across borders of faces as well."""
    cells = np.unique(np.concatenate([RNG.integers(0, 12 * 4**CELL_ORDER, 300), [0, 2**26 - 1]]))
    corner = RNG.choice([-0.01, 1.01], len(cells))
    ra, dec = CELLS.healpix_to_lonlat(cells, dx=np.clip(corner, 0, 1), dy=np.full(len(cells), 0.3))
    centre = CELLS.healpix_to_lonlat(cells)
    ra = (ra.deg + 0.01 * (ra.deg - centre[0].deg + 180) % 360 - 0.01 * 180) % 360
    dec = dec.deg + 0.01 * (dec.deg - centre[1].deg)
    place = read_only(ra), read_only(dec), read_only(cells.astype(np.int32))
    found = pixels_in_cells(*place, np.arange(len(cells)), 17)
    assert np.array_equal(found >> 8, cells)


def photons_at(ra: NDArray[np.float64], dec: NDArray[np.float64], order: int = 8) -> TiledPhotons:
    n = len(ra)
    cell = pixels_of(ra, dec, CELL_ORDER).astype(np.int32)
    first = np.argsort(cell, kind="stable")
    columns: dict[str, NDArray[Any]] = {
        **{"ra": ra[first], "dec": dec[first], "cell": cell[first]},
        **{name: np.full(n, 400, np.float32) for name in ("col", "row")},
        "response": np.full(n, 0.5, np.float32),
        **{"mask": np.zeros(n, np.bool_), "flags": np.zeros(n, np.uint8)},
        "t_ms": np.arange(n)[first],
    }
    columns = {name: read_only(column) for name, column in columns.items()}
    return place_photons(columns, [(0, n)], UsableDetector(), order, 0)


def test_tiles_of_lower_orders_hold_the_same_photons() -> None:
    """Sums of four pixels, photons added to the lower tile, and cells alone give the same."""
    ra, dec = RNG.uniform(10.0, 10.3, 5000), RNG.uniform(41.0, 41.2, 5000)
    photons, coarse = photons_at(ra, dec), photons_at(ra, dec, 4)
    finished: dict[tuple[int, int], SkyTile] = {}
    pyramid = Pyramid(lambda tile: finished.update({(tile.order, tile.number): tile}))
    nothing = np.zeros(TILE_PIXELS, np.float32)
    for tile in np.unique(photons.tiles).tolist():
        count = np.zeros(TILE_PIXELS)
        add_to_tile(count, photons, 8, tile)
        pyramid.add(SkyTile(8, tile, count, nothing))
    pyramid.finish()
    for order in range(9):
        of_order = [tile for (k, _), tile in finished.items() if k == order]
        assert sum(tile.count.sum() for tile in of_order) == 10_000
    for tile in np.unique(coarse.tiles).tolist():
        from_cells, straight = np.zeros(TILE_PIXELS), np.zeros(TILE_PIXELS)
        add_to_tile(from_cells, coarse, 4, tile)
        add_to_tile(straight, photons, 4, tile)
        assert np.array_equal(from_cells, finished[4, tile].count)
        assert np.array_equal(straight, finished[4, tile].count)


def test_photons_are_chosen_by_time_and_counted_without_weights() -> None:
    photons = photons_at(RNG.uniform(10.0, 10.3, 2000), RNG.uniform(41.0, 41.2, 2000))
    count = np.zeros(TILE_PIXELS)
    for factor in (1, 2):  # what is there stays
        for tile in range(12):
            add_to_tile(count, photons, 0, tile, [(100, 200), (1500, 1600)], weighted=False)
        assert count.sum() == 200 * factor
    with pytest.raises(ValueError, match="make no tile of 9"):
        add_to_tile(np.zeros(TILE_PIXELS), photons, 9, 0)


def test_exposure_of_a_lower_order_is_the_mean() -> None:
    tile = SkyTile(3, 5, np.zeros(TILE_PIXELS), np.arange(TILE_PIXELS, dtype=np.float32))
    assert np.array_equal(tile.quarter()[1], np.arange(TILE_PIXELS // 4) * 4 + 1.5)


def test_files_and_pictures_are_upside_down_to_each_other() -> None:
    values = np.arange(TILE_PIXELS)
    image = fits_image(values)
    assert np.array_equal(image[::-1], picture(values))
    assert np.array_equal(values_of_fits(image), values)
    # x = 1, y = 2 has the bits of x at even places, and those of y between them.
    assert image[511 - 1, 2] == picture(values)[1, 2] == 0b1001


@pytest.mark.parametrize(("ra", "dec"), [(0.1, 12.0), (200.0, 89.9), (45.0, -41.8), (323.5, -2.0)])
def test_a_disc_touches_the_tiles_that_have_any_of_it(ra: float, dec: float) -> None:
    healpix = HEALPix(nside=2**8, order="nested")
    expected = healpix.cone_search_lonlat(ra * u.deg, dec * u.deg, 0.7 * u.deg)
    found = tiles_in_disc(8, ra, dec, 0.7)
    assert set(expected.tolist()) <= set(found.tolist())
    assert len(found) < 2.2 * len(expected)
    assert (np.diff(found) > 0).all()


def test_pixels_of_all_orders_cover_the_sphere() -> None:
    sphere = 4 * np.pi * np.degrees(3600.0) ** 2
    assert pixel_arcsec2(8) * 12 * 4 ** (8 + TILE_DEPTH) == pytest.approx(sphere)
    assert BLOCK_DEPTH == 3


def dithered(ra: float, dec: float, n: int) -> Attitudes:
    """Return attitudes along a circle of 1.5 arcmin about a direction; the first does not count."""
    turn = np.linspace(0, 2 * np.pi, n)
    dec_of = dec + 0.025 * np.sin(turn)
    ra_of = ra + 0.025 * np.cos(turn) / np.cos(np.radians(dec))
    towards, above = unit_vectors(ra_of, dec_of), unit_vectors(ra_of, dec_of + 90)
    pixels, centre = np.degrees(1) / DETECTOR_PIXEL_DEG, DETECTOR_PIXELS / 2 * towards
    east = np.cross(above, towards)
    planes = np.stack([pixels * east + centre, pixels * above + centre, towards], axis=1)
    return Attitudes(planes, np.r_[0.0, RNG.uniform(0.5, 1, n - 1)], np.arange(n) * 1000)


@pytest.mark.parametrize(("order", "dec"), [(6, 0.3), (8, -41.0), (11, 66.0), (4, 89.5)])
def test_what_was_seen_is_where_there_is_exposure(order: int, dec: float) -> None:
    col, row = np.indices((DETECTOR_PIXELS, DETECTOR_PIXELS)) - DETECTOR_PIXELS / 2 + 0.5
    weight = (np.hypot(col, row) < 370).astype(np.float32)
    weight[380:400, 500:540] = 0  # not all of it leaves a hole in all attitudes
    weight[100:500, 380:390] = 0.5
    detector, attitudes = DetectorSums(weight), dithered(123.0, dec, 12)
    parts = []
    for tile in tiles_in_disc(order, 123.0, dec, 0.9)[:: max(1, 4 ** (order - 8))].tolist():
        summed, seen = TileExposure(order, tile), TileExposure(order, tile)
        for of_leg in (attitudes, dithered(123.4, dec, 3)):
            summed.add(of_leg, detector)
            seen.add_seen(of_leg, detector)
        exposure = summed.values()
        np.testing.assert_array_equal(seen.values() > 0, exposure > 0)
        parts.append((exposure > 0).mean())
    assert 0 < np.mean(parts) < 1
