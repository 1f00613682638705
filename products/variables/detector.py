"""Where the telescope pointed in each bin, beside its mean: how sources moved over the detector."""

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Aspect
from gphoton_db.products.variables.clock import LegClock

Floats = NDArray[np.float64]

DITHER_HZ = 0.00882
"""Frequency of the dither: a turn takes 113 s."""


def dither_terms(aspect: Aspect, clock: LegClock, step: int) -> Floats:
    """Return (bins, 5): offsets of the boresight to the east and north, and their products.

    All sources move over the detector as the boresight does over the sky, but for a turn, so that
    slopes and curvatures of the detector's response are sums of these terms.

    Parameters
    ----------
    aspect : Aspect
        Of the leg.
    clock : LegClock
        Its seconds.
    step : int
        Length of the bins, s.
    """
    t_ms = clock.start_ms + 1000 * np.arange(clock.n_seconds) + 500
    if len(aspect) < 2:
        return np.zeros((len(clock.used(step)), 5))
    east = np.mod(aspect.ra - aspect.ra[0] + 540.0, 360.0) - 180.0
    east *= np.cos(np.radians(aspect.dec.mean()))
    seconds = clock.binned(np.ones(clock.n_seconds), step)
    x, y = (
        clock.binned(np.interp(t_ms, aspect.time_ms, each - each.mean()) * 3600, step) / seconds
        for each in (east, aspect.dec)
    )
    return np.column_stack([x, y, x * x, y * y, x * y])


def is_dither(frequency: Floats, resolution: float, harmonics: int = 5) -> NDArray[np.bool_]:
    """Return which frequencies (Hz) are harmonics of the dither, within the resolution."""
    order = np.clip(np.rint(frequency / DITHER_HZ), 1, harmonics)
    return np.asarray(np.abs(frequency - order * DITHER_HZ) < resolution)
