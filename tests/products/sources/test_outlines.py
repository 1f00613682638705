"""Outlines of extended sources: which are kept, and what is said of them."""

import numpy as np
import pytest
from astropy.io import fits

from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.images.image import Image
from gphoton_db.products.sources.detection import find_segments, source_table
from gphoton_db.products.sources.extended import OF_OUTLINE, is_kept, outline_extended


@pytest.mark.parametrize(
    ("source_count", "area_density", "kept"),
    [(4, 0.15, True), (3, 0.9, False), (4, 0.149, False), (30, 0.1, False), (31, 0.01, True)],
)
def test_what_is_kept(source_count: int, area_density: float, kept: bool) -> None:
    assert is_kept(source_count, area_density) is kept


def test_a_crowd_of_knots_is_outlined_with_its_sources() -> None:
    rng = np.random.default_rng(3)
    shape = (240, 240)
    rate = np.full(shape, 0.5)
    for y, x in rng.integers(100, 140, (60, 2)):  # knots of one galaxy
        rate[y - 1 : y + 2, x - 1 : x + 2] += 30
    geometry = ImageGeometry((20.0, 30.0), (120.5, 120.5), (-1.5 / 3600, 1.5 / 3600), shape)
    header = fits.Header({"PHOTCNT": 2_000_000, "XPOSURE": 100.0, "ECLIPSE": 1})
    header.update({"BANDNAME": "NUV", "LEG": 0, "CALHASH": "x"})
    count = rng.poisson(rate).astype(np.float32)
    dose, full = np.zeros((1, 1), np.int32), np.full(shape, 15, np.uint8)
    image = Image(count, np.zeros(shape, np.uint8), full, dose, geometry, header, "test")
    segments = find_segments(image)
    sources = source_table(image, segments)
    outlines = outline_extended(image, segments, sources)
    assert outlines.colnames == ["extended_source", "ra", "dec", *OF_OUTLINE]
    (one,) = outlines
    inside = np.asarray(sources["extended_source"]) == 1
    assert one["source_count"] == inside.sum() >= 4
    area = np.asarray(sources["area"])[inside].sum()
    assert one["area_density"] == pytest.approx(area / one["area"])
    assert is_kept(one["source_count"], one["area_density"])
