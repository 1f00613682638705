"""Packed telemetry bytes to clock counts, and clock counts to microns on the detector.

See docs/specification.md, 'Telemetry: the raw6 file' (spec-raw6) for the bits, and 'Clocks to
microns: centre and scale' (spec-clocks).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.mission import CentreScale

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def unpack(rows: Bytes, k: int, first_byte: int) -> tuple[int, int, int, int, int, int]:
    """Return ``xb, xamc, yb, yamc, q, xa`` of row `k`, packed in five bytes from `first_byte` on.

    The fine positions ``xamc`` and ``yamc`` are 12-bit two's complement; ``xa`` is scrambled in
    the low bits of the fifth byte.
    """
    b1 = int(rows[k, first_byte])
    b2 = int(rows[k, first_byte + 1])
    b3 = int(rows[k, first_byte + 2])
    b4 = int(rows[k, first_byte + 3])
    b5 = int(rows[k, first_byte + 4])
    xb = b1 >> 5
    xamc = ((b1 & 31) << 7) | (b2 >> 1)
    yb = ((b2 & 1) << 2) | (b3 >> 6)
    yamc = ((b3 & 63) << 6) | (b4 >> 2)
    q = ((b4 & 3) << 3) | (b5 >> 5)
    xa = ((b5 >> 4) & 1) | ((b5 & 12) >> 1) | ((b5 & 3) << 3)
    xamc -= (xamc & 2048) << 1
    yamc -= (yamc & 2048) << 1
    return xb, xamc, yb, yamc, q, xa


@njit(cache=True, nogil=True)
def unpack_rows(rows: Bytes, first_byte: int) -> NDArray[np.int16]:
    """Unpack whole rows.

    Parameters
    ----------
    rows : (n, width) uint8
        Rows of the raw6 table as they stand in the file.
    first_byte : int
        Offset of ``phb1`` in a row.

    Returns
    -------
    (6, n) int16
        ``xb, xamc, yb, yamc, q, xa``.
    """
    fields = np.empty((6, len(rows)), np.int16)
    for k in range(len(rows)):
        xb, xamc, yb, yamc, q, xa = unpack(rows, k, first_byte)
        fields[0, k] = xb
        fields[1, k] = xamc
        fields[2, k] = yb
        fields[3, k] = yamc
        fields[4, k] = q
        fields[5, k] = xa
    return fields


@njit(cache=True, nogil=True, error_model="numpy")
def _wave(phase: int) -> float:
    """The sawtooth ``w(a)`` that couples a wiggle phase into the scale."""
    return float(((phase + 7) & 31) - 16)


@njit(cache=True, nogil=True, error_model="numpy")
def microns(
    xb: int, xamc: int, yb: int, yamc: int, xa: int, scale: CentreScale
) -> tuple[float, float, int]:
    """Return ``x, y`` (microns) and the y wiggle phase ``ya`` (0..31) of one event."""
    xraw = xb * scale.xclk + xamc
    yraw = yb * scale.yclk + yamc
    phase = (yraw / (2.0 * scale.yclk) - xraw / (2.0 * scale.xclk) + 10.0) * 32.0 + xa
    ya = int(phase) & 31
    x = (xraw + _wave(xa) * scale.xslp - scale.xcen) * scale.xscl
    y = (yraw + _wave(ya) * scale.yslp - scale.ycen) * scale.yscl
    return x, y, ya


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def decode(
    rows: Bytes, first_byte: int, scale: CentreScale
) -> tuple[Floats, Floats, Bytes, Bytes, Bytes, Bytes, Bytes]:
    """Decode a block of raw6 rows.

    Parameters
    ----------
    rows, first_byte
        As for `unpack_rows`.
    scale : CentreScale
        Of the band and eclipse.

    Returns
    -------
    x, y : (n,) float64
        Microns.
    xb, yb, xa, ya, q : (n,) uint8
        Coarse clocks, wiggle phases and pulse height.
    """
    n = len(rows)
    x, y = np.empty(n), np.empty(n)
    xb, yb, xa = np.empty(n, np.uint8), np.empty(n, np.uint8), np.empty(n, np.uint8)
    ya, q = np.empty(n, np.uint8), np.empty(n, np.uint8)
    for k in range(n):
        xclock, xamc, yclock, yamc, pulse, phase = unpack(rows, k, first_byte)
        x[k], y[k], ya[k] = microns(xclock, xamc, yclock, yamc, phase, scale)
        xb[k], yb[k], xa[k], q[k] = xclock, yclock, phase, pulse
    return x, y, xb, yb, xa, ya, q
