"""Packed telemetry rows to photons on the sky, block by block, in one pass.

Within a block each step is a loop of its own: the processor then works on several photons'
table look-ups at once instead of waiting for each in turn, while the block stays in its cache.
"""

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

Floats = NDArray[np.float64]
Pixels = NDArray[np.float32]

BLOCK = 512
"""Photons that go through the steps together: a dozen columns of them fit the first cache."""


PHOTON = np.dtype(
    [
        ("ra", np.float64),
        ("dec", np.float64),
        ("cell", np.int32),
        ("offset_ms", np.int32),
        ("col", np.float32),
        ("row", np.float32),
        ("flags", np.uint8),
        ("q", np.uint8),
        ("ya", np.uint8),
    ]
)
"""A reduced photon: ra, dec in deg, NaN where there is no sky position; HEALPix order-13 nested
cell, -1 there; time in ms since the start of the leg; detector pixels; flag; pulse height; y
wiggle phase.  35 bytes without gaps: sorting moves each photon once, and little is parked."""

PhotonRecords = NDArray[np.void]


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
) -> PhotonRecords:
    """Reduce events of one leg.

    Parameters
    ----------
    rows : (n, width) uint8
        The events, parked or as they stand in the raw6 file.
    first_byte : int
        Where the five packed bytes begin in a row.
    t_ms : (n,) int64
        Their GALEX times, ms, not decreasing.
    scale, csp, tables, sky
        Constants, calibration and pointing (see the classes).
    origin_ms : int
        GALEX time, ms, that ``offset_ms`` counts from.

    Returns
    -------
    (n,) PHOTON
        One record each.  Nothing about a photon depends on the others in the same call.
    """
    n = len(t_ms)
    photons = np.empty(n, PHOTON)
    for first in range(0, n, BLOCK):
        block = slice(first, min(first + BLOCK, n))
        out = photons[block]
        t = t_ms[block]
        xi, eta, col, row, q, ya, flag = _detect(rows[block], first_byte, t, scale, csp, tables)
        second = aspect_rows(t, sky.time_ms)
        flag_pointing(second, sky.usable, flag)
        drift(xi, eta, t, second, sky.time_ms, sky.axi_rate, sky.aeta_rate)
        ra, dec, cell = deproject(xi, eta, second, flag, sky.pointing, sky.axes)
        for k in range(len(t)):
            out[k].ra = ra[k]
            out[k].dec = dec[k]
            out[k].cell = cell[k]
            out[k].offset_ms = t[k] - origin_ms
            out[k].col = col[k]
            out[k].row = row[k]
            out[k].flags = flag[k]
            out[k].q = q[k]
            out[k].ya = ya[k]
    return photons


@njit(cache=True, nogil=True, error_model="numpy")
def _detect(
    rows: Bytes,
    first_byte: int,
    t_ms: NDArray[np.int64],
    scale: CentreScale,
    csp: PostCsp,
    tables: DetectorTables,
) -> tuple[Floats, Floats, Pixels, Pixels, Bytes, Bytes, Bytes]:
    """Take a block through the detector: xi, eta (0.1 arcsec), col, row, q, ya and the flag."""
    n = len(t_ms)
    x, y, xb, yb, xa, ya, q = decode(rows, first_byte, scale)
    if csp.corrections.active:
        correct_post_csp(
            x, y, xb, yb, ya, q, csp.corrections, csp.yac, csp.wig2, csp.wlk2, csp.clk2
        )
    flag, shift_x, shift_y = np.empty(n, np.uint8), np.empty(n), np.empty(n)
    for k in range(n):  # np.zeros would have to be compiled too
        flag[k] = 0
        shift_x[k] = shift_y[k] = 0.0
    wiggle(x, y, xa, ya, flag, tables.wiggle_x, tables.wiggle_y)
    walk(x, y, q, flag, tables.walk_shifts)
    linearity(x, y, flag, tables.linearity_shifts, shift_x, shift_y)
    distortion(x, y, t_ms, flag, tables.distortion_shifts, tables.cube, shift_x, shift_y)
    col, row = to_detector_sky(x, y, shift_x, shift_y, tables.sign, flag)
    return x, y, col, row, q, ya, flag
