"""Segments and their deblending against photutils, scipy and scikit-image, on the same images."""

import warnings

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.ndimage import label as scipy_label

from gphoton_db.products.kernels.deblending import deblend
from gphoton_db.products.kernels.segments import label_pixels


def crowded_field(seed: int) -> NDArray[np.float64]:
    """Return a smooth image of stars that touch each other."""
    rng = np.random.default_rng(seed)
    rate = np.full((220, 240), 0.4)
    x, y = rng.integers(0, 240, 300), rng.integers(0, 220, 300)
    np.add.at(rate, (y, x), rng.pareto(1.0, 300) * 30)
    image = rng.poisson(gaussian_filter(rate, 1.5)) * rng.uniform(0.9, 1.3, rate.shape)
    smooth: NDArray[np.float64] = gaussian_filter(image, 1.0)
    return smooth


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(each, marks=pytest.mark.deep) for each in (1, 2, 3))]
)
@pytest.mark.parametrize("contrast", [0.001, 0.1])
def test_sources_are_those_of_photutils(seed: int, contrast: float) -> None:
    from photutils.segmentation import SegmentationImage, deblend_sources, detect_sources

    image = crowded_field(seed)
    found = detect_sources(image, 1.0, n_pixels=2, connectivity=4)
    ours = found.data.astype(np.int32)
    pixel = np.flatnonzero(ours)
    label = ours.ravel()[pixel]
    n = deblend(pixel, image.ravel()[pixel], label, image.shape[1], 3, 60, contrast)
    ours.ravel()[pixel] = label
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
    assert ours.max() == n == len(np.unique(theirs)) - 1 > found.n_labels
    assert np.array_equal(ours > 0, theirs > 0)
    pairs = np.unique(np.stack([ours[ours > 0], theirs[ours > 0]]), axis=1)
    assert pairs.shape[1] == ours.max()


@pytest.mark.parametrize("filled", [0.05, 0.4, 0.6, 1.0])
def test_pixels_that_share_sides_are_the_groups_of_scipy(filled: float) -> None:
    above = np.random.default_rng(3).random((60, 47)) < filled
    label, n = label_pixels(np.flatnonzero(above), above.shape[1], 1)
    ours = np.zeros(above.shape, np.int32)
    ours[above] = label
    theirs, n_theirs = scipy_label(above)
    assert n == n_theirs
    assert np.array_equal(ours, theirs)


def test_groups_that_are_too_small_have_no_number() -> None:
    pixel = np.array([0, 3, 4, 13, 29])  # 10 columns: 3, 4 and 13 hang together
    label, n = label_pixels(pixel, 10, 2)
    assert n == 1
    assert label.tolist() == [0, 1, 1, 1, 0]


def test_rows_do_not_hang_together_at_their_ends() -> None:
    label, n = label_pixels(np.array([9, 10]), 10, 1)
    assert n == 2
    assert label.tolist() == [1, 2]
