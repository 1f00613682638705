"""Events as raw6 stores them: six integers in five bytes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RawFields:
    """The integer fields of raw events, all (n,) int64.

    Parameters
    ----------
    xb, yb
        Coarse clocks, 0 to 7.
    xamc, yamc
        Fine positions, -2048 to 2047.
    q
        Pulse height, 0 to 31.
    xa
        X wiggle phase, 0 to 31.
    """

    xb: Integers
    xamc: Integers
    yb: Integers
    yamc: Integers
    q: Integers
    xa: Integers

    def __post_init__(self) -> None:
        for name, lowest, highest in (
            ("xb", 0, 7),
            ("xamc", -2048, 2047),
            ("yb", 0, 7),
            ("yamc", -2048, 2047),
            ("q", 0, 31),
            ("xa", 0, 31),
        ):
            values = getattr(self, name)
            if len(values) and (values.min() < lowest or values.max() > highest):
                raise ValueError(
                    f"{name} runs from {values.min()} to {values.max()}; "
                    f"its bits hold {lowest} to {highest}"
                )

    def __len__(self) -> int:
        return len(self.xb)

    def take(self, rows: Integers) -> "RawFields":
        """Return the events at `rows`."""
        return RawFields(*(column[rows] for column in self.columns()))

    def columns(self) -> tuple[Integers, Integers, Integers, Integers, Integers, Integers]:
        """Return xb, xamc, yb, yamc, q, xa."""
        return self.xb, self.xamc, self.yb, self.yamc, self.q, self.xa


def join(parts: list[RawFields]) -> RawFields:
    """Return all events of `parts`, one part after the other."""
    columns = zip(*(part.columns() for part in parts), strict=True)
    return RawFields(*(np.concatenate(column) for column in columns))


def pack(fields: RawFields) -> list[NDArray[np.uint8]]:
    """Return phb1 to phb5, the bytes of an event: docs/specification.md, spec-raw6.

    The 40 bits are, from the highest: xb (3), xamc (12), yb (3), yamc (12), q (5), and the
    scrambled xa (5): its bit 0, then its bits 2-1, then its bits 4-3.
    """
    xa = fields.xa
    scrambled = (xa % 2) * 16 + (xa // 2 % 4) * 4 + xa // 8
    word = fields.xb
    for value, width in (
        (fields.xamc % 4096, 12),
        (fields.yb, 3),
        (fields.yamc % 4096, 12),
        (fields.q, 5),
        (scrambled, 5),
    ):
        word = word * 2**width + value
    return [(word // 256**k % 256).astype(np.uint8) for k in (4, 3, 2, 1, 0)]
