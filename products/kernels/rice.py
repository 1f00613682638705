"""Rice compression of sparse images, bit for bit as FITS prescribes it (RICE_1).

FITS Standard 4.0, section 10.4.1: pixels in blocks of 32; of each block the differences from pixel
to pixel, folded to non-negative numbers; of each number its low bits as they are, and the rest
as a run of zeros that ends with a one.  Most pixels of a short exposure are zero, so images come
as the pixels that are not: a block of zeros costs a few bits and next to no time.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

BLOCK = 32
"""Pixels that share one number of low bits (the keyword of BLOCKSIZE)."""


@njit(cache=True)
def longest_stream(n_pixels: int, n_listed: int, pixel_bytes: int) -> int:
    """Return how many bytes `compress` writes at most.

    A listed pixel changes the differences of its own block and of the next one's first pixel;
    a block that cannot be compressed is stored as it is, after its code of at most a byte.
    """
    n_blocks = n_pixels // BLOCK + 1
    return pixel_bytes + n_blocks + min(2 * n_listed, n_blocks) * BLOCK * pixel_bytes + 8


@njit(cache=True, nogil=True)
def compress(
    pixel: NDArray[np.int32],
    value: NDArray[np.int32],
    n_pixels: int,
    pixel_bytes: int,
    stream: NDArray[np.uint8],
) -> int:
    """Compress an image of which all pixels that are not listed are zero.

    Parameters
    ----------
    pixel : (n,) int32
        Positions of the listed pixels, rising, in the flat image.
    value : (n,) int32
        Their values; for images of one byte, 0 to 127.
    n_pixels : int
        Size of the image.
    pixel_bytes : int
        1 or 4: the pixel's size as the keyword BYTEPIX states it.
    stream : (>= `longest_stream`,) uint8
        Receives the compressed bytes.

    Returns
    -------
    int
        How many they are.
    """
    code_bits = 3 if pixel_bytes == 1 else 5
    folded = np.empty(BLOCK, np.int64)
    last = np.int64(0)
    if len(pixel) > 0 and pixel[0] == 0:
        last = np.int64(value[0])
    first_pixel = int(last) & ((1 << 8 * pixel_bytes) - 1)
    at, held, n_held = _write(stream, 0, 0, 0, first_pixel, 8 * pixel_bytes)
    k = 0
    for first in range(0, n_pixels, BLOCK):
        n = min(BLOCK, n_pixels - first)
        total = int(np.int64(0))  # for numba, 0 is a type of its own: `_write_block` twice
        if last != 0 or (k < len(pixel) and pixel[k] < first + n):
            k, last, total = _fold(pixel, value, k, first, n, last, folded)
        if total == 0:
            at, held, n_held = _write(stream, at, held, n_held, 0, code_bits)
        else:
            at, held, n_held = _write_block(
                stream, at, held, n_held, folded[:n], total, pixel_bytes
            )
    at, _, _ = _write(stream, at, held, n_held, 0, -n_held % 8)
    return at


@njit(cache=True, inline="always")
def _fold(
    pixel: NDArray[np.int32],
    value: NDArray[np.int32],
    k: int,
    first: int,
    n: int,
    last: np.int64,
    folded: NDArray[np.int64],
) -> tuple[int, np.int64, int]:
    """Fold the differences of a block; `k`: the next listed pixel, `last`: the pixel before.

    Returns the two for the next block, and the sum of the folded differences.
    """
    for j in range(n):
        folded[j] = 0
    total = 0
    after = 0  # the place behind the pixel that `last` is the value of
    while k < len(pixel) and pixel[k] < first + n:
        j = pixel[k] - first
        if j > after:
            total += _set(folded, after, -last)
            last = np.int64(0)
        this = np.int64(value[k])
        total += _set(folded, j, this - last)
        last = this
        after = j + 1
        k += 1
    if after < n:
        total += _set(folded, after, -last)
        last = np.int64(0)
    return k, last, total


@njit(cache=True, inline="always")
def _set(folded: NDArray[np.int64], j: int, difference: np.int64) -> int:
    """Fold a difference to a number of a block, and return it."""
    number = -2 * difference - 1 if difference < 0 else 2 * difference
    folded[j] = number
    return int(number)


@njit(cache=True)
def _write_block(
    stream: NDArray[np.uint8],
    at: int,
    held: int,
    n_held: int,
    folded: NDArray[np.int64],
    total: int,
    pixel_bytes: int,
) -> tuple[int, int, int]:
    """Append a block whose folded differences have a sum above 0."""
    code_bits, most_low_bits = (3, 6) if pixel_bytes == 1 else (5, 25)
    low_bits = _low_bits(total, len(folded))
    if low_bits >= most_low_bits:
        at, held, n_held = _write(stream, at, held, n_held, most_low_bits + 1, code_bits)
        for number in folded:
            at, held, n_held = _write(stream, at, held, n_held, number, 8 * pixel_bytes)
        return at, held, n_held
    at, held, n_held = _write(stream, at, held, n_held, low_bits + 1, code_bits)
    one = 1 << low_bits  # a number that is zero, in `width` bits: what nearly all of them are
    width = low_bits + 1
    four = ((one << width | one) << width | one) << width | one
    j = 0
    while j < len(folded):
        if width <= 8 and _are_zero(folded, j):
            at, held, n_held = _write(stream, at, held, n_held, four, 4 * width)
            j += 4
            continue
        zeros = folded[j] >> low_bits
        while zeros > 31 - low_bits:
            n = min(zeros, 32)
            at, held, n_held = _write(stream, at, held, n_held, 0, n)
            zeros -= n
        number = one | folded[j] & (one - 1)
        at, held, n_held = _write(stream, at, held, n_held, number, zeros + width)
        j += 1
    return at, held, n_held


@njit(cache=True, inline="always")
def _are_zero(folded: NDArray[np.int64], j: int) -> bool:
    """Return whether a number of a block and the next three are 0."""
    if j + 4 > len(folded):
        return False
    return bool((folded[j] | folded[j + 1] | folded[j + 2] | folded[j + 3]) == 0)


@njit(cache=True, inline="always")
def _low_bits(total: int, n: int) -> int:
    """Return how many low bits make a block's numbers shortest, from their sum."""
    half = max((total - n // 2 - 1) // n, 0) >> 1
    low_bits = 0
    while half > 0:
        low_bits += 1
        half >>= 1
    return low_bits


@njit(cache=True, inline="always")
def _write(
    stream: NDArray[np.uint8], at: int, held: int, n_held: int, value: int, n_bits: int
) -> tuple[int, int, int]:
    """Append the low `n_bits` (up to 32) of a value; fewer than 8 bits stay held back."""
    held = (held << n_bits) | value
    n_held += n_bits
    while n_held >= 8:
        n_held -= 8
        stream[at] = (held >> n_held) & 255
        at += 1
    return at, held & ((1 << n_held) - 1), n_held
