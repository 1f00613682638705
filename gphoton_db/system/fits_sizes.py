"""What FITS headers announce, looked at before anything makes room for it.

Readers trust a header: with NAXIS = 2147483648 they look for as many keywords, and with
NAXIS2 = 10**12 they ask for as much memory.
"""

import math
import re
from collections.abc import Mapping
from typing import BinaryIO

BLOCK = 2880
MOST_AXES = 999
MOST_COLUMNS = 999
MOST_HDUS = 100
"""Axes and columns: of the standard; HDUs: of any file that we read."""

MOST_HEADER_BLOCKS = 1000

LEAST_LIMIT_BYTES = 64_000_000
MOST_TIMES = 4
"""A header may announce so many bytes, or so many times what the file has: else it is damaged.

A little more than there is, is a truncated file, of which the reader says more.
"""

_WHOLE = re.compile(rb"(NAXIS\d*|TFIELDS|BITPIX|PCOUNT|GCOUNT)\s*= +([+-]?\d+)\s*(?:/.*)?")


def ends_header(block: bytes | bytearray) -> bool:
    """Return whether a block of a header has its last card."""
    return any(block[card : card + 80].rstrip() == b"END" for card in range(0, len(block), 80))


def check_fits_sizes(file: BinaryIO, length: int) -> None:
    """Check the headers of a FITS file; what is no FITS file is left to its reader.

    Parameters
    ----------
    file : binary file
        At its beginning; not packed.  Is left anywhere.
    length : int
        Its bytes.

    Raises
    ------
    ValueError
        If a header announces more axes, columns, HDUs or data than there can be.
    OSError
        If it cannot be read.
    """
    at = 0
    for _ in range(MOST_HDUS):
        if at >= length:
            return
        file.seek(at)
        found = _read_header(file)
        if found is None:
            return
        numbers, header_bytes = found
        data = _data_bytes(numbers, length)
        at += header_bytes + -(-data // BLOCK) * BLOCK
    raise ValueError(f"it has more than {MOST_HDUS} HDUs")


def _read_header(file: BinaryIO) -> tuple[Mapping[str, int], int] | None:
    """Return the whole numbers that say how large an HDU is, and the bytes of its header."""
    numbers: dict[str, int] = {}
    for block_number in range(1, MOST_HEADER_BLOCKS + 1):
        block = file.read(BLOCK)
        if len(block) < BLOCK:
            return None
        for start in range(0, BLOCK, 80):
            card = block[start : start + 80]
            if card.rstrip() == b"END":
                return numbers, block_number * BLOCK
            if match := _WHOLE.fullmatch(card.rstrip()):
                numbers.setdefault(match[1].decode(), int(match[2]))
    return None


def _data_bytes(numbers: Mapping[str, int], length: int) -> int:
    """Return how many bytes of data a header announces."""
    n_axes, n_columns = numbers.get("NAXIS", 0), numbers.get("TFIELDS", 0)
    for name, number, most in (
        ("NAXIS", n_axes, MOST_AXES),
        ("TFIELDS", n_columns, MOST_COLUMNS),
    ):
        if not 0 <= number <= most:
            raise ValueError(f"its header has {name} = {number}, beyond 0..{most}")
    axes = [numbers.get(f"NAXIS{k + 1}", 0) for k in range(n_axes)]
    items = math.prod(axes) if axes else 0
    size = abs(numbers.get("BITPIX", 8)) // 8 * (items + numbers.get("PCOUNT", 0))
    size *= numbers.get("GCOUNT", 1)
    if any(axis < 0 for axis in axes) or not 0 <= size <= max(
        LEAST_LIMIT_BYTES, MOST_TIMES * length
    ):
        raise ValueError(f"its header announces {size} bytes of data, and the file has {length}")
    return size
