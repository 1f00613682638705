"""What is summed up over the photons in apertures and annuli, bin by bin."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import DETECTOR_PIXEL_DEG, OFF_AXIS_DEG

Ints = NDArray[np.int64]
Records = NDArray[np.void]

OFF_AXIS_PIXELS = OFF_AXIS_DEG / DETECTOR_PIXEL_DEG
"""`OFF_AXIS_DEG` in detector pixels: 300."""

WEIGHTS = np.dtype([("weight", np.float64), ("squared_weight", np.float64)])
"""Sums over the photons of an annulus: of their weights, and of the squares of these."""

MOMENTS = np.dtype(
    [
        *((name, np.float64) for name in ("weight", "squared_weight", "since_start_ms")),
        *((name, np.float64) for name in ("response", "col", "row", "detrad")),
        *((name, np.float64) for name in ("x", "y", "z", "q")),
    ]
)
"""Sums over the photons of an aperture: of their weights and the squares of these, of the times
since the start of the bin (ms), of response, col, row and detrad, of the components of the unit
vectors of their directions, and of q."""


class Sums(NamedTuple):
    """Sums of each target's photons in each bin, (targets, bins) each.

    ``moments``: of `MOMENTS`.  ``background``: of `WEIGHTS`.  Bits of ``bits``, set by any photon:
    1 hotspot, 2 edge, 8 response, 32 off axis; 64 and 128: 1 and 2 in the annulus.
    """

    counts: Ints
    moments: Records
    first_ms: Ints
    last_ms: Ints
    background_counts: Ints
    background: Records
    bits: NDArray[np.uint8]
