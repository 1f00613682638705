"""Packed telemetry rows to photons on the sky, block by block, in one pass.

Within a block each step is a loop of its own: the processor then works on several photons'
table look-ups at once instead of waiting for each in turn, while the block stays in its cache.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.ingest.kernels.decode import Bytes, decode
from gphoton_db.ingest.kernels.detector import (
    DetectorTables,
    distortion,
    linearity,
    to_detector_sky,
    walk,
    wiggle,
)
from gphoton_db.ingest.kernels.post_csp import PostCsp, correct_post_csp
from gphoton_db.ingest.kernels.sky import (
    EclipseSky,
    aspect_rows,
    deproject,
    drift,
    flag_pointing,
)
from gphoton_db.mission import CentreScale

BLOCK = 512
"""Photons that go through the steps together: a dozen columns of them fit the first cache."""


class Photons(NamedTuple):
    """Columns of n reduced photons, in the order of the telemetry.

    ``cell``: int32 HEALPix order-13 nested, -1 where there is no sky position; ``offset_ms``:
    int32, ms since the start of the leg; ``ra``, ``dec``: float64, deg, NaN where there
    is none; ``col``, ``row``: float32, detector pixels; ``flags``, ``q``, ``ya``: uint8.
    """

    cell: NDArray[np.int32]
    offset_ms: NDArray[np.int32]
    ra: NDArray[np.float64]
    dec: NDArray[np.float64]
    col: NDArray[np.float32]
    row: NDArray[np.float32]
    flags: NDArray[np.uint8]
    q: NDArray[np.uint8]
    ya: NDArray[np.uint8]


@njit(cache=True, nogil=True, error_model="numpy")
def reduce_rows(
    rows: Bytes,
    first_byte: int,
    t_ms: NDArray[np.int64],
    scale: CentreScale,
    csp: PostCsp,
    tables: DetectorTables,
    sky: EclipseSky,
    origin_ms: int,
) -> Photons:
    """Reduce telemetry rows of one leg.

    Parameters
    ----------
    rows : (n, width) uint8
        Rows of the raw6 table as they stand in the file.
    first_byte : int
        Offset of ``phb1`` in a row.
    t_ms : (n,) int64
        Their GALEX times, ms, not decreasing.
    scale, csp, tables, sky
        Constants, calibration and pointing (see the classes).
    origin_ms : int
        GALEX time, ms, that ``offset_ms`` counts from.

    Returns
    -------
    Photons
        One row each.  Nothing about a photon depends on the others in the same call.
    """
    n = len(t_ms)
    photons = Photons(
        np.empty(n, np.int32),
        (t_ms - origin_ms).astype(np.int32),
        np.empty(n, np.float64),
        np.empty(n, np.float64),
        np.empty(n, np.float32),
        np.empty(n, np.float32),
        np.zeros(n, np.uint8),
        np.empty(n, np.uint8),
        np.empty(n, np.uint8),
    )
    cell, _, ra, dec, col, row, flags, q, ya = photons
    for first in range(0, n, BLOCK):
        b = slice(first, min(first + BLOCK, n))
        xi, eta = _detect(
            rows[b], first_byte, t_ms[b], scale, csp, tables, q[b], ya[b], flags[b], col[b], row[b]
        )
        second = np.empty(len(xi), np.int64)
        aspect_rows(t_ms[b], sky.time_ms, second)
        flag_pointing(second, sky.usable, flags[b])
        drift(xi, eta, t_ms[b], second, sky.time_ms, sky.axi_rate, sky.aeta_rate)
        deproject(xi, eta, second, flags[b], sky.pointing, sky.axes, ra[b], dec[b], cell[b])
    return photons


@njit(cache=True, nogil=True, error_model="numpy")
def _detect(
    rows: Bytes,
    first_byte: int,
    t_ms: NDArray[np.int64],
    scale: CentreScale,
    csp: PostCsp,
    tables: DetectorTables,
    q: Bytes,
    ya: Bytes,
    flag: Bytes,
    col: NDArray[np.float32],
    row: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return xi, eta (0.1 arcsec) of one block; set its q, ya, flag, col and row."""
    n = len(t_ms)
    x, y, shift_x, shift_y = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    xb, yb, xa = np.empty(n, np.uint8), np.empty(n, np.uint8), np.empty(n, np.uint8)
    decode(rows, first_byte, scale, x, y, xb, yb, xa, ya, q)
    if csp.corrections.active:
        correct_post_csp(
            x, y, xb, yb, ya, q, csp.corrections, csp.yac, csp.wig2, csp.wlk2, csp.clk2
        )
    wiggle(x, y, xa, ya, flag, tables.wiggle_x, tables.wiggle_y)
    walk(x, y, q, flag, tables.walk_shifts)
    linearity(x, y, flag, tables.linearity_shifts, shift_x, shift_y)
    distortion(x, y, t_ms, flag, tables.distortion_shifts, tables.cube, shift_x, shift_y)
    to_detector_sky(x, y, shift_x, shift_y, tables.sign, flag, col, row)
    return x, y
