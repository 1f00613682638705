"""What is measured of sources against photutils, on the same image and segments."""

import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray
from scipy.ndimage import convolve, gaussian_filter

from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.images.image import Image
from gphoton_db.products.sources.detection import (
    Segments,
    find_segments,
    smoothing_kernel,
    source_table,
)

SHAPE = (310, 290)

NAMES = {
    "x": "x_centroid",
    "y": "y_centroid",
    "area": "area",
    "segment_flux": "segment_flux",
    "elongation": "elongation",
    "eccentricity": "eccentricity",
    "equivalent_radius": "equivalent_radius",
    "max_value": "max_value",
    "min_value": "min_value",
}


@pytest.fixture(scope="module")
def image() -> Image:
    """An image of stars on a level sky, in a round field, with one hotspot."""
    rng = np.random.default_rng(5)
    rate = np.full(SHAPE, 2.0)
    np.add.at(rate, (rng.integers(0, 310, 150), rng.integers(0, 290, 150)), 500 * rng.random(150))
    count = rng.poisson(gaussian_filter(rate, 1.2)).astype(np.float32)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    flag = np.zeros(SHAPE, np.uint8)
    flag[100:102, 120:122] = 1
    header = fits.Header({"PHOTCNT": 2_000_000, "XPOSURE": 1000.0})
    header.update({"ECLIPSE": 1, "BANDNAME": "NUV", "LEG": 0, "CALHASH": "x"})
    return Image(
        count=count,
        flag=flag,
        coverage=np.where(np.hypot(x - 145, y - 155) < 140, 15, 0).astype(np.uint8),
        dose=np.zeros((1, 1), np.int32),
        geometry=ImageGeometry((20.0, 30.0), (145.5, 155.5), (-1.5 / 3600, 1.5 / 3600), SHAPE),
        header=header,
        name="made-up",
    )


@pytest.fixture(scope="module")
def segments(image: Image) -> Segments:
    return find_segments(image)


def on_image(segments: Segments, values: NDArray[np.generic]) -> NDArray[np.generic]:
    plane = np.zeros(SHAPE, values.dtype)
    plane.ravel()[segments.pixel] = values
    return plane


def test_the_smoothing_kernel_is_that_of_photutils() -> None:
    from photutils.segmentation import make_2dgaussian_kernel

    theirs = make_2dgaussian_kernel(3.0, size=3).array
    np.testing.assert_allclose(smoothing_kernel(), theirs, rtol=1e-14)


def test_pixels_stand_out_of_the_smoothed_image(image: Image, segments: Segments) -> None:
    assert segments.background is not None
    everywhere = slice(0, SHAPE[0])
    counts = np.where(image.flag > 0, 0.0, image.count.astype(float))
    counts -= segments.background.level.rows(everywhere)
    smooth = convolve(counts, smoothing_kernel(), mode="constant")
    noise = np.maximum(segments.background.rms.rows(everywhere), segments.threshold.minimum)
    above = (smooth > segments.threshold.multiplier * noise) & (image.coverage > 0)
    assert np.array_equal(segments.pixel, np.flatnonzero(above))
    assert np.array_equal(segments.counts, counts[above])
    np.testing.assert_allclose(segments.smooth, smooth[above], rtol=1e-14)


def test_shapes_and_fluxes_are_those_of_photutils(image: Image, segments: Segments) -> None:
    from photutils.segmentation import SegmentationImage, SourceCatalog

    ours = source_table(image, segments)
    theirs = SourceCatalog(
        on_image(segments, segments.counts),
        SegmentationImage(on_image(segments, segments.label)),
        convolved_data=on_image(segments, segments.smooth),
    )
    assert len(ours) == segments.n > 50
    for name, their_name in NAMES.items():
        expected = getattr(theirs, their_name)
        expected = getattr(expected, "value", expected)
        np.testing.assert_allclose(ours[name].value, expected, rtol=1e-10, atol=1e-7, err_msg=name)
    turned = np.abs(ours["orientation"].value - theirs.orientation.value)
    assert (np.minimum(turned % 180, 180 - turned % 180) < 1e-6).all()


def test_sources_do_not_depend_on_the_number_of_threads(image: Image, segments: Segments) -> None:
    again = find_segments(image, threads=1)
    assert np.array_equal(again.pixel, segments.pixel)
    assert np.array_equal(again.label, segments.label)
