"""Sky to pixels: the same as astropy's, everywhere."""

import numpy as np
import pytest
from astropy.wcs import WCS
from hypothesis import given, settings
from hypothesis import strategies as st

from gphoton_db.errors import ProductError
from gphoton_db.kernels.arrays import read_only
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.kernels.placing import Edges, place
from gphoton_db.products.kernels.projection import indices_near, sky_to_index

directions = st.tuples(st.floats(0, 359.9999), st.floats(-90, 90))


def geometry_at(ra: float, dec: float) -> ImageGeometry:
    return ImageGeometry.centred(ra, dec, 1.3, 1.2, 1.5)


@settings(deadline=None)  # the kernels are compiled at first
@given(directions, st.floats(-500, 3600), st.floats(-500, 3400))
def test_pixels_agree_with_astropy(centre: tuple[float, float], x: float, y: float) -> None:
    geometry = geometry_at(*centre)
    ra, dec = geometry.wcs().all_pix2world(x, y, 1)
    found = geometry.pixel_of(ra, dec)
    # Right ascensions close to a pole are numbers of few digits.
    assert np.hypot(found[0] - x, found[1] - y) < 1e-7


@settings(deadline=None)  # the kernels are compiled at first
@given(directions, directions)
def test_far_directions_agree_or_have_no_pixel(
    centre: tuple[float, float], direction: tuple[float, float]
) -> None:
    geometry = geometry_at(*centre)
    x, y = geometry.pixel_of(*direction)
    near = separation_cosine(centre, direction)
    if near < -1e-9:
        assert np.isnan(x)
    elif near > 0.01:
        expected = geometry.wcs().all_world2pix(*direction, 1)
        assert np.hypot(x - expected[0], y - expected[1]) < 1e-9 * (1e4 + np.hypot(x, y))


def separation_cosine(one: tuple[float, float], other: tuple[float, float]) -> float:
    (a, d), (b, e) = np.radians(one), np.radians(other)
    return float(np.sin(d) * np.sin(e) + np.cos(d) * np.cos(e) * np.cos(a - b))


def test_pixel_borders_are_half_open() -> None:
    geometry = geometry_at(10.0, 20.0)
    wcs: WCS = geometry.wcs()
    rows, columns = geometry.shape
    for x, y, expected in (
        (0.5 + 1e-6, 0.5 + 1e-6, 0),
        (1.5 - 1e-6, 0.5 + 1e-6, 0),
        (1.5 + 1e-6, 0.5 + 1e-6, 1),
        (0.5 + 1e-6, 1.5 + 1e-6, columns),
        (columns + 0.5 - 1e-6, rows + 0.5 - 1e-6, rows * columns - 1),
        (columns + 0.5 + 1e-6, 1.0, -1),
        (1.0, rows + 0.5 + 1e-6, -1),
        (0.5 - 1e-6, 1.0, -1),
    ):
        assert geometry.index_of(*wcs.all_pix2world(x, y, 1)) == expected


def test_numbers_are_those_of_the_specification() -> None:
    geometry = geometry_at(10.0, 20.0)
    assert geometry.cdelt == (-0.000416666666666667, 0.000416666666666667)
    assert geometry.shape == (2880, 3120)
    assert geometry.crpix == (1560.5, 1440.5)


@pytest.mark.parametrize("pixel", [0.0, -1.0, float("inf"), float("nan")])
def test_pixels_without_a_size_are_errors(pixel: float) -> None:
    with pytest.raises(ProductError, match="is not valid"):
        ImageGeometry.centred(0.0, 0.0, 1.0, 1.0, pixel)


def test_too_many_pixels_are_an_error() -> None:
    with pytest.raises(ProductError, match="use larger pixels, or a smaller field"):
        ImageGeometry.centred(0.0, 0.0, 1.0, 1.0, 0.01)


@pytest.mark.parametrize("farthest", [0.0, 100.0])
def test_many_directions_have_the_pixels_of_each(farthest: float) -> None:
    # Within a few degrees of the reference they are projected in another loop.
    projection = geometry_at(359.9, 30.0).projection
    rng = np.random.default_rng(1)
    ra, dec = 359.9 + rng.uniform(-0.9, 0.09, 200), 30.0 + rng.uniform(-0.7, 0.7, 200)
    ra[0] -= farthest
    index = np.empty(200)
    assert indices_near(read_only(ra), read_only(dec), projection, index) == (farthest == 0)
    expected = sky_to_index(ra, dec, projection)
    assert 20 < len(set(expected)) < 180
    if farthest == 0:
        assert np.array_equal(index, expected)
    col, flags = np.full(200, 400, np.float32), np.zeros(200, np.uint8)
    col, mask, edges = read_only(col), read_only(flags > 0), Edges(360.0, 370.0)
    sky = read_only(ra), read_only(dec)
    placed = place(*sky, col, col, col, mask, read_only(flags), projection, edges)
    assert np.array_equal(placed.pixel, expected)
