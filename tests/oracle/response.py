"""Relative response and hotspot mask (spec-response)."""

import numpy as np

from tests.oracle.arrays import Booleans, Floats, Integers
from tests.oracle.calibration import Calibration
from tests.oracle.constants import RESPONSE, RESPONSE_STEP, RESPONSE_STEP_TIME


def respond(
    time_ms: Integers, col: Floats, row: Floats, tables: Calibration, *, band: str
) -> tuple[Floats, Booleans]:
    """Return response (NaN off the detector) and mask (true = hotspot; false off the detector)."""
    valid = (col > 0) & (col < 800) & (row > 0) & (row < 800)
    pixel = np.where(valid, col, 0).astype(np.int64), np.where(valid, row, 0).astype(np.int64)
    t = time_ms / 1000
    k0, k1, k2 = RESPONSE[band]
    scale = k0 + k1 * t + k2 * t * t
    scale = np.where(t >= RESPONSE_STEP_TIME, scale * RESPONSE_STEP, scale)
    response = np.where(valid, tables.flat[pixel] * scale, np.nan)
    return response, valid & (tables.mask[pixel] == 0)
