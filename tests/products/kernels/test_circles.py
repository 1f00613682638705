"""Circles on pixels."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gphoton_db.products.kernels.circles import (
    FrameSums,
    add_in_circles,
    circles_on_pixels,
    means_in_circles,
    overlap,
)

SHAPE = (60, 50)
CENTRES = st.lists(st.tuples(st.floats(-5, 55), st.floats(-5, 65)), min_size=1, max_size=5)


@settings(deadline=None)  # photutils is imported at first
@given(CENTRES, st.floats(0.05, 40))
def test_sums_are_those_of_photutils(centres: list[tuple[float, float]], radius: float) -> None:
    from photutils.aperture import CircularAperture

    image = np.random.default_rng(0).poisson(3.0, SHAPE).astype(float)
    x, y = np.array(centres).T.copy()
    circles = circles_on_pixels(x, y, radius, SHAPE[1], SHAPE[0])
    sums = np.zeros(len(x))
    for pixel, k in enumerate(circles.number):
        if k >= 0:
            part = slice(circles.start[k], circles.start[k + 1])
            sums[circles.circle[part]] += circles.part[part] * image.ravel()[pixel]
    expected, _ = CircularAperture(centres, radius).do_photometry(image, method="exact")
    np.testing.assert_allclose(sums, np.nan_to_num(expected), rtol=1e-10, atol=1e-10)


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.01, 100))
def test_parts_of_all_pixels_make_the_circle(x: float, y: float, radius: float) -> None:
    if radius > 8:
        radius = radius / 100 * 8
    reach = range(-10, 11)
    area = sum(overlap(x - i, y - j, radius) for i in reach for j in reach)
    assert math.isclose(area, math.pi * radius**2, rel_tol=1e-9, abs_tol=1e-12)


def test_photons_add_up_frame_by_frame_with_their_variance_and_bits() -> None:
    circles = circles_on_pixels(np.array([10.0]), np.array([10.0]), 0.4, 20, 20)
    part = math.pi * 0.16
    sums = FrameSums(
        np.zeros((1, 2)), np.zeros((1, 2)), np.zeros((1, 2)), np.zeros((1, 2), np.uint8)
    )
    pixel = np.array([210, 210, 0, 210], np.int32)
    weight = np.array([2.0, 3.0, 5.0, 0.0], np.float32)
    bits = np.array([1, 4, 8, 2], np.uint8)
    add_in_circles(pixel, weight, bits, np.array([0, 1, 4]), circles, sums)
    np.testing.assert_allclose(sums.photons, [[part, part]])
    np.testing.assert_allclose(sums.total, [[2 * part, 3 * part]])
    np.testing.assert_allclose(sums.variance, [[4 * part**2, 9 * part**2]])
    assert sums.bits.tolist() == [[1, 6]]  # a photon without weight sets its bits all the same


def test_a_source_without_a_place_touches_nothing() -> None:
    nowhere = np.array([np.nan, 1e12, -1e12])
    assert not len(circles_on_pixels(nowhere, nowhere, 3.0, 20, 20).circle)


def test_means_leave_out_unknown_pixels() -> None:
    plane = np.full((20, 20), 7.0, np.float32)
    plane[10, 10] = np.nan
    centre, nowhere = np.array([10.0, np.nan]), np.array([10.0, 10.0])
    means = means_in_circles(centre, nowhere, 3.0, plane)
    assert means[0] == pytest.approx(7.0)
    assert np.isnan(means[1])
