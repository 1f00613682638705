"""Corrections that only telemetry after the Course Sun Point anomaly needs.

These are the scale and shift from the observed stims, and the y corrections.  The mission adds 32
to some phases ``ya`` and then takes the sum modulo 32, which leaves ya as it was; so the tables
are indexed by ya here.

See docs/specification.md, 'Corrections after CSP' (spec-post-csp).
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.mission import ARCSEC_PER_MICRON

FloatTable = NDArray[np.float32]
Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]


class LinearCorrections(NamedTuple):
    """``x' = x_scale x + x_shift`` (microns), likewise y, and the y bins of the three tables.

    Bin i of a table starts at ``start + i * width`` arcsec.  `active` is False before CSP: then
    nothing else is looked at.
    """

    active: bool
    x_scale: float
    x_shift: float
    y_scale: float
    y_shift: float
    wig2_start: float
    wig2_width: float
    wlk2_start: float
    wlk2_width: float
    clk2_start: float
    clk2_width: float


class PostCsp(NamedTuple):
    """What moves a post-CSP photon to where it would have been before.

    ``yac``: (32, 8) float64 over ``[ya, yb]``, microns; ``wig2`` (bins, 8, 32, 8) over
    ``[i, yb, ya, xb]``, ``wlk2`` (bins, 8, 32) over ``[i, yb, q]`` and ``clk2`` (bins, 8) over
    ``[i, yb]``: float32, arcsec.
    """

    corrections: LinearCorrections
    yac: Floats
    wig2: FloatTable
    wlk2: FloatTable
    clk2: FloatTable


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def correct_post_csp(
    x: Floats,
    y: Floats,
    xb: Bytes,
    yb: Bytes,
    ya: Bytes,
    q: Bytes,
    corrections: LinearCorrections,
    yac: Floats,
    wig2: FloatTable,
    wlk2: FloatTable,
    clk2: FloatTable,
) -> None:
    """Correct `x`, `y`, microns, in place."""
    c = corrections
    for k in range(len(x)):
        x[k] = c.x_scale * x[k] + c.x_shift
        y[k] = c.y_scale * y[k] + c.y_shift - yac[ya[k], yb[k]]
        y_as = int(y[k] * ARCSEC_PER_MICRON)
        if -2000 < y_as < 2000:
            i = int((y_as - c.wig2_start) / c.wig2_width)
            j = int((y_as - c.wlk2_start) / c.wlk2_width)
            m = int((y_as - c.clk2_start) / c.clk2_width)
            shift_as = wig2[i, yb[k], ya[k], xb[k]] + wlk2[j, yb[k], q[k]] + clk2[m, yb[k]]
            y[k] += shift_as / ARCSEC_PER_MICRON
