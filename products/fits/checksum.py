"""CHECKSUM and DATASUM of an extension that is written in pieces (FITS Standard 4.0, 4.4.2.7).

astropy adds them to data that it holds; ours never are.
"""

import numpy as np
from astropy.io import fits

from gphoton_db.kernels.arrays import read_only
from gphoton_db.products.kernels.checksum import sum_of_big_endian

_BLANK = "0" * 16
_ASCII_ZERO = 48
_PUNCTUATION = frozenset((*range(58, 65), *range(91, 97)))
"""Codes between digits and letters, which the encoded sum must not use."""


def sum_of_bytes(data: bytes | memoryview, so_far: int = 0) -> int:
    """Add bytes, a multiple of four of them, to a ones' complement sum of 32-bit words."""
    return sum_of_big_endian(read_only(np.frombuffer(data, np.uint8)), so_far)


def added_sums(one: int, other: int) -> int:
    """Return the sum of what has one sum, followed by what has another, both of whole words."""
    total = one + other
    return (total & 0xFFFFFFFF) + (total >> 32)


def finished_header(header: fits.Header, data_sum: int) -> bytes:
    """Return a header's bytes with CHECKSUM and DATASUM, in whole blocks of 2,880.

    Parameters
    ----------
    header : astropy.io.fits.Header
        Complete but for these two.
    data_sum : int
        Ones' complement sum of the data, padding included.
    """
    header = header.copy()
    header["CHECKSUM"] = (_BLANK, "HDU checksum")
    header["DATASUM"] = (str(data_sum), "data unit checksum")
    total = sum_of_bytes(header.tostring().encode("ascii"), data_sum)
    header["CHECKSUM"] = (encoded(~total & 0xFFFFFFFF), "HDU checksum")
    text: str = header.tostring()
    return text.encode("ascii")


def encoded(value: int) -> str:
    """Return a 32-bit sum as the 16 characters of CHECKSUM (FITS Standard 4.0, appendix J.2).

    Each byte is divided among four characters, which are shifted in pairs, in opposite
    directions, until none is punctuation; the string is rotated by one, for that is how it lies in
    a card.
    """
    characters = [0] * 16
    for at, byte in enumerate(value.to_bytes(4, "big")):
        four = [byte // 4 + _ASCII_ZERO] * 4
        four[0] += byte % 4
        while _PUNCTUATION & set(four):
            for pair in (0, 2):
                if _PUNCTUATION & set(four[pair : pair + 2]):
                    four[pair] += 1
                    four[pair + 1] -= 1
        characters[at::4] = four
    text = bytes(characters).decode("ascii")
    return text[-1] + text[:-1]
