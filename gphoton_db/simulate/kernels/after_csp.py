"""What happens to y after CSP only, between scale and wiggle."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.mission import ARCSEC_PER_MICRON

Floats = NDArray[np.float64]

Y_LIMIT_ARCSEC = 2000.0
"""No correction beyond."""


class CspTables(NamedTuple):
    """Scale and shift (microns) of both axes, and corrections of y.

    ``phase``: (32, 8) of ya and yb, microns.  The others in arcsec, first axis a bin of y that is
    ``step`` arcsec high, the first at ``start``: ``wig2`` (bin, yb, ya, xb), ``wlk2`` (bin, yb, q)
    and ``clk2`` (bin, yb); ``start`` and ``step`` in this order.
    """

    active: bool
    x_scale: float
    x_shift: float
    y_scale: float
    y_shift: float
    phase: Floats
    wig2: Floats
    wlk2: Floats
    clk2: Floats
    start: tuple[float, float, float]
    step: tuple[float, float, float]


@njit(cache=True, nogil=True, error_model="numpy")
def correct_y(y: float, xb: int, yb: int, ya: int, q: int, csp: CspTables) -> float:
    """Return corrected y of y, both in microns."""
    y = csp.y_scale * y + csp.y_shift - csp.phase[ya, yb]
    arcsec = y * ARCSEC_PER_MICRON
    if abs(arcsec) >= Y_LIMIT_ARCSEC:
        return y
    whole = int(arcsec)
    shift = (
        csp.wig2[int((whole - csp.start[0]) / csp.step[0]), yb, ya, xb]
        + csp.wlk2[int((whole - csp.start[1]) / csp.step[1]), yb, q]
        + csp.clk2[int((whole - csp.start[2]) / csp.step[2]), yb]
    )
    return float(y + shift / ARCSEC_PER_MICRON)
