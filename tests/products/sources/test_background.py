"""The background of images against photutils, on the same images."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.stats import SigmaClip
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from gphoton_db.products.kernels.background import TOGETHER, median_filter
from gphoton_db.products.sources.background import BOX, FILTER, background

if TYPE_CHECKING:
    from photutils.background import Background2D

Floats = NDArray[np.float64]


def crowded_field(seed: int) -> Floats:
    """Return a smooth image of stars that touch each other."""
    rng = np.random.default_rng(seed)
    rate = np.full((220, 240), 0.4)
    np.add.at(rate, (rng.integers(0, 220, 300), rng.integers(0, 240, 300)), 30 * rng.random(300))
    smooth: Floats = gaussian_filter(rng.poisson(gaussian_filter(rate, 1.5)).astype(float), 1.0)
    return smooth


def planes(image: Floats, outside: NDArray[np.bool_], threads: int = 2) -> tuple[Floats, Floats]:
    found = background(lambda rows: image[rows], outside, threads=threads)
    everywhere = slice(0, len(image))
    return found.level.rows(everywhere), found.rms.rows(everywhere)


def photutils_background(image: NDArray[np.float64], outside: NDArray[np.bool_]) -> "Background2D":
    from photutils.background import Background2D, MedianBackground

    return Background2D(
        image,
        BOX,
        mask=outside,
        filter_size=FILTER,
        bkg_estimator=MedianBackground(),
        sigma_clip=SigmaClip(3.0),
    )


def test_the_background_is_that_of_photutils() -> None:
    image = crowded_field(1) + np.linspace(0, 5, 240)
    nowhere = np.zeros(image.shape, np.bool_)
    level, rms = planes(image, nowhere)
    expected = photutils_background(image, nowhere)
    np.testing.assert_allclose(level, expected.background, rtol=1e-10)
    np.testing.assert_allclose(rms, expected.background_rms, rtol=1e-10)


def test_the_background_of_a_round_field_is_that_of_photutils() -> None:
    image = crowded_field(2) + 5
    y, x = np.mgrid[:220, :240]
    outside = np.hypot(x - 120, y - 110) > 105
    level, rms = planes(image, outside)
    expected = photutils_background(image, outside)
    np.testing.assert_allclose(level, expected.background, rtol=1e-10)
    np.testing.assert_allclose(rms, expected.background_rms, rtol=1e-10)


@pytest.mark.parametrize("shape", [(23, 37), (1, 4), (6, 1)])
@pytest.mark.parametrize("side", [1, 5, 21])
def test_medians_are_those_of_numpy(shape: tuple[int, int], side: int) -> None:
    rng = np.random.default_rng(side)
    reach = side // 2
    assert 23 * 37 > TOGETHER  # more values than are counted together
    for grid in (rng.normal(size=shape), rng.integers(-2, 3, shape).astype(np.float64)):
        rows, columns = (
            [slice(max(k - reach, 0), k + reach + 1) for k in range(length)] for length in shape
        )
        expected = [[np.median(grid[y, x]) for x in columns] for y in rows]
        assert np.array_equal(median_filter(grid, side), expected)


def test_without_any_field_the_background_is_nothing() -> None:
    level, rms = planes(np.ones((40, 40)), np.ones((40, 40), np.bool_))
    assert not level.any()
    assert not rms.any()


@pytest.mark.parametrize("rows", [slice(0, 1), slice(7, 130), slice(219, 220)])
def test_some_rows_of_the_background_are_those_of_all(rows: slice) -> None:
    image = crowded_field(3)
    found = background(lambda rows: image[rows], np.zeros(image.shape, np.bool_), threads=1)
    assert np.array_equal(found.level.rows(rows), found.level.rows(slice(0, 220))[rows])


def test_an_even_image_has_an_even_background() -> None:
    level, rms = planes(np.full((47, 33), 2.5), np.zeros((47, 33), np.bool_))
    assert (level == 2.5).all()
    assert not rms.any()
