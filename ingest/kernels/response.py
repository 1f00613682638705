"""Response and hotspot mask of photons on the detector (specification part 6)."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.mission import DETECTOR_PIXELS, ResponseScale


@njit(cache=True, nogil=True, error_model="numpy")
def respond(
    t_ms: NDArray[np.int64],
    col: NDArray[np.float32],
    row: NDArray[np.float32],
    flat: NDArray[np.float32],
    hotspot: NDArray[np.bool_],
    scale: ResponseScale,
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """Look up the response and the mask of n photons.

    Parameters
    ----------
    t_ms : (n,) int64
        GALEX times, ms.
    col, row : (n,) float32
        Detector pixels.
    flat : (800, 800) float32
        Relative response, [col, row].
    hotspot : (800, 800) bool
        True on masked pixels, [col, row].
    scale : ResponseScale
        Of the band.

    Returns
    -------
    response : (n,) float32
        Undefined where not `known`.
    mask : (n,) bool
        True on a hotspot.
    known : (n,) bool
        False beyond the detector, where the tables say nothing.
    """
    n = len(t_ms)
    response = np.zeros(n, np.float32)
    mask = np.zeros(n, np.bool_)
    known = np.zeros(n, np.bool_)
    for k in range(n):
        c, r = col[k], row[k]
        if 0.0 < c < DETECTOR_PIXELS and 0.0 < r < DETECTOR_PIXELS:
            t = t_ms[k] / 1000.0
            sensitivity = scale.k0 + scale.k1 * t + scale.k2 * t * t
            if t >= scale.step_time:
                sensitivity *= scale.step_factor
            known[k] = True
            mask[k] = hotspot[int(c), int(r)]
            response[k] = flat[int(c), int(r)] * sensitivity
    return response, mask, known
