"""Seeded damage to the bytes of a file: what disks, transfers and editors do."""

import re

import numpy as np

NUMBERS = (b"0", b"-1", b"1", b"2147483648", b"-2147483649", b"999999999999", b"1e300", b"nan",
           b"inf", b"-999", b"360.5", b"1e12", b"", b"T", b"'x'")  # fmt: skip
"""What numbers in text turn into."""

_NUMBER = re.compile(rb"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")
_LARGEST_PIECE = 4000


def damaged(content: bytes, rng: np.random.Generator) -> tuple[str, bytes]:
    """Return what was done to some bytes, and what came of them."""
    kind = str(rng.choice(["flip", "cut", "drop", "double", "zero", "random", "number", "swap"]))
    data = bytearray(content)
    at = int(rng.integers(len(data)))
    length = int(rng.integers(1, max(2, min(_LARGEST_PIECE, len(data) // 3))))
    if kind == "flip":
        for where in rng.integers(len(data), size=int(rng.integers(1, 6))).tolist():
            data[where] ^= 1 << int(rng.integers(8))
    elif kind == "cut":
        del data[at:]
    elif kind == "drop":
        del data[at : at + length]
    elif kind == "double":
        data[at:at] = data[at : at + length]
    elif kind == "zero":
        data[at : at + length] = bytes(len(data[at : at + length]))
    elif kind == "random":
        data[at : at + length] = rng.bytes(len(data[at : at + length]))
    elif kind == "swap":
        piece = data[at : at + length]
        del data[at : at + length]
        other = int(rng.integers(len(data) + 1))
        data[other:other] = piece
    elif kind == "number":
        _other_number(data, rng)
    return f"{kind} at {at}", bytes(data)


def _other_number(data: bytearray, rng: np.random.Generator) -> None:
    """Put another number in the place of one; FITS cards stay 80 bytes long."""
    found = list(_NUMBER.finditer(bytes(data[:200_000])))
    if not found:
        return
    match = found[int(rng.integers(len(found)))]
    number = NUMBERS[int(rng.integers(len(NUMBERS)))]
    start, stop = match.span()
    if data.startswith((b"SIMPLE", b"XTENSION")):
        start = max(start - max(0, len(number) - (stop - start)), 0)
        number = number.rjust(stop - start)
    data[start:stop] = number
