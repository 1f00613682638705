"""Bytes to events (spec-raw6), events to microns on the detector (spec-clocks)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from tests.oracle.arrays import Floats, Integers
from tests.oracle.constants import CENTRE_SCALE, epoch_key


@dataclass(frozen=True, eq=False)
class RawEvents:
    """The decoded events of one raw6 file; times in GALEX milliseconds."""

    eclipse: int
    band: str
    time_ms: Integers
    xb: Integers
    xamc: Integers
    yb: Integers
    yamc: Integers
    q: Integers
    xa: Integers


@dataclass(frozen=True, eq=False)
class DetectorEvents:
    """Where the events fell: x, y in microns, and the Y wiggle phase ya."""

    x: Floats
    y: Floats
    ya: Integers


def read_raw6(path: Path) -> RawEvents:
    """Read and decode a raw6 file, plain or gzipped."""
    with fits.open(path, memmap=False) as hdus:
        eclipse, code = hdus[0].header["ECLIPSE"], hdus[0].header["BAND"]
        table = hdus[1].data
        time_ms = np.rint(table["t"] * 1000).astype(np.int64)
        phb = [table[f"phb{k}"].astype(np.int64) for k in range(1, 6)]
    fields = decode(*phb)
    return RawEvents(eclipse, {1: "NUV", 2: "FUV"}[code], time_ms, *fields)


def decode(
    b1: Integers, b2: Integers, b3: Integers, b4: Integers, b5: Integers
) -> tuple[Integers, Integers, Integers, Integers, Integers, Integers]:
    """Return xb, xamc, yb, yamc, q, xa of the five bytes of each event."""
    xb = b1 >> 5
    xamc = _signed_12((b1 & 0b11111) << 7 | b2 >> 1)
    yb = (b2 & 1) << 2 | b3 >> 6
    yamc = _signed_12((b3 & 0b111111) << 6 | b4 >> 2)
    q = (b4 & 0b11) << 3 | b5 >> 5
    xa = (b5 >> 4 & 1) | (b5 >> 2 & 0b11) << 1 | (b5 & 0b11) << 3
    return xb, xamc, yb, yamc, q, xa


def _signed_12(value: Integers) -> Integers:
    return np.where(value >= 2048, value - 4096, value)


def centre_and_scale(raw: RawEvents) -> DetectorEvents:
    """Return positions on the detector in microns."""
    xclk, yclk, xcen, ycen, xscl, yscl, xslp, yslp = CENTRE_SCALE[epoch_key(raw.band, raw.eclipse)]
    xraw0 = raw.xb * xclk + raw.xamc
    yraw0 = raw.yb * yclk + raw.yamc
    phase = (yraw0 / (2 * yclk) - xraw0 / (2 * xclk) + 10) * 32 + raw.xa
    ya = np.trunc(phase).astype(np.int64) % 32
    x: Floats = (xraw0 + _wobble(raw.xa) * xslp - xcen) * xscl
    y: Floats = (yraw0 + _wobble(ya) * yslp - ycen) * yscl
    return DetectorEvents(x, y, ya)


def _wobble(phase: Integers) -> Floats:
    return ((phase + 7) % 32 - 16).astype(np.float64)
