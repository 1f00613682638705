"""Deblending and background against photutils and scikit-image, on the same images."""

import warnings

import numpy as np
import pytest
from astropy.stats import SigmaClip
from numpy.typing import NDArray
from photutils.background import Background2D, MedianBackground
from photutils.segmentation import SegmentationImage, deblend_sources, detect_sources
from scipy.ndimage import gaussian_filter

from gphoton_db.products.kernels.deblending import deblend
from gphoton_db.products.sources.background import BOX, FILTER, background


def crowded_field(seed: int) -> NDArray[np.float64]:
    """Return a smooth image of stars that touch each other."""
    rng = np.random.default_rng(seed)
    rate = np.full((220, 240), 0.4)
    x, y = rng.integers(0, 240, 300), rng.integers(0, 220, 300)
    np.add.at(rate, (y, x), rng.pareto(1.0, 300) * 30)
    image = rng.poisson(gaussian_filter(rate, 1.5)) * rng.uniform(0.9, 1.3, rate.shape)
    smooth: NDArray[np.float64] = gaussian_filter(image, 1.0)
    return smooth


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("contrast", [0.001, 0.1])
def test_sources_are_those_of_photutils(seed: int, contrast: float) -> None:
    image = crowded_field(seed)
    found = detect_sources(image, 1.0, n_pixels=2, connectivity=4)
    boxes = np.array([(y.start, y.stop, x.start, x.stop) for y, x in found.slices])
    ours = deblend(image, found.data.astype(np.int32), boxes, 3, 60, contrast)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The deblending mode")
        theirs = deblend_sources(
            image,
            SegmentationImage(found.data),
            n_pixels=3,
            n_levels=60,
            mode="exponential",
            contrast=contrast,
            connectivity=8,
            progress_bar=False,
        ).data
    assert ours.max() == len(np.unique(theirs)) - 1 > found.n_labels
    assert np.array_equal(ours > 0, theirs > 0)
    pairs = np.unique(np.stack([ours[ours > 0], theirs[ours > 0]]), axis=1)
    assert pairs.shape[1] == ours.max()


def photutils_background(image: NDArray[np.float64], outside: NDArray[np.bool_]) -> Background2D:
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
    level, rms = background(image, nowhere)
    expected = photutils_background(image, nowhere)
    np.testing.assert_allclose(level, expected.background, rtol=1e-10)
    np.testing.assert_allclose(rms, expected.background_rms, rtol=1e-10)


def test_the_background_of_a_round_field_is_that_of_photutils() -> None:
    image = crowded_field(2) + 5
    y, x = np.mgrid[:220, :240]
    outside = np.hypot(x - 120, y - 110) > 105
    level, rms = background(image, outside)
    expected = photutils_background(image, outside)
    np.testing.assert_allclose(level, expected.background, rtol=1e-10)
    np.testing.assert_allclose(rms, expected.background_rms, rtol=1e-10)


def test_without_any_field_the_background_is_nothing() -> None:
    level, rms = background(np.ones((40, 40)), np.ones((40, 40), np.bool_))
    assert not level.any()
    assert not rms.any()
