"""What `compress` writes is what astropy and cfitsio read."""

import io
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gphoton_db.products.fits.stream import (
    COUNT_STEP,
    ImageExtension,
    write_primary,
    write_rice,
)
from gphoton_db.products.kernels.rice import compress, longest_stream
from tests.examples import examples

ROOM = 64
"""Bytes behind the promised end, which must stay as they are."""


def stream_of(image: NDArray[np.int32], pixel_bytes: int) -> NDArray[np.uint8]:
    pixel = np.flatnonzero(image).astype(np.int32)
    longest = longest_stream(image.size, len(pixel), pixel_bytes)
    stream = np.full(longest + ROOM, 170, np.uint8)
    n = compress(pixel, image[pixel], image.size, pixel_bytes, stream)
    assert n <= longest
    assert (stream[n:] == 170).all()
    return stream[:n]


def read_back(image: NDArray[np.int32], kind: type[np.float32] | type[np.uint8]) -> NDArray[Any]:
    """Write an image of one row as `kind`, in which its numbers are exact, and read the file."""
    step = COUNT_STEP if kind is np.float32 else 1
    values = (image * step).astype(kind).reshape(1, -1)
    content = io.BytesIO()
    write_primary(content, fits.Header())
    write_rice(content, ImageExtension.of_array(values, fits.Header()), threads=1)
    content.seek(0)
    with fits.open(content) as hdus:
        return np.asarray(hdus[1].data / step).reshape(-1)


@st.composite
def images(draw: st.DrawFn, largest: int) -> NDArray[np.int32]:
    n = draw(st.integers(1, 200))
    pixel = draw(st.lists(st.integers(0, n - 1), max_size=40, unique=True))
    image = np.zeros(n, np.int32)
    image[pixel] = draw(st.lists(st.integers(0, largest), min_size=len(pixel), max_size=len(pixel)))
    return image


NOISE = np.random.default_rng(1).integers(0, 2**24, 100).astype(np.int32) * 64
STEP = np.repeat(np.array([0, 2**30, 0, 7], np.int32), 16)


@settings(max_examples=examples(25), deadline=None)
@given(images(2**24))
@example(np.zeros(1, np.int32))
@example(np.array([5], np.int32))
@example(np.zeros(32, np.int32))
@example(np.zeros(33, np.int32))
@example(np.full(70, 9, np.int32))
@example(NOISE)
@example(STEP)
def test_astropy_reads_images_of_four_bytes(image: NDArray[np.int32]) -> None:
    stream_of(image, 4)
    assert (read_back(image, np.float32) == image).all()


@settings(max_examples=examples(25), deadline=None)
@given(images(127))
@example(np.zeros(1, np.int32))
@example(np.array([15], np.int32))
@example(np.tile(np.array([0, 127], np.int32), 40))
def test_astropy_reads_images_of_one_byte(image: NDArray[np.int32]) -> None:
    stream_of(image, 1)
    assert (read_back(image, np.uint8) == image).all()


@pytest.mark.parametrize(("pixel_bytes", "code_bits"), [(4, 5), (1, 3)])
def test_nothing_costs_a_few_bits_a_block(pixel_bytes: int, code_bits: int) -> None:
    stream = stream_of(np.zeros(32 * 800, np.int32), pixel_bytes)
    assert len(stream) == pixel_bytes + 800 * code_bits / 8
    assert not stream.any()
