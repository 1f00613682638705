"""How many photons of a leg end without a position, though the pointing is good."""

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.legs import good_fixes
from gphoton_db.aspect.pointing import Aspect
from gphoton_db.exposure import Ticks


def lost_part(ticks: Ticks, aspect: Aspect, stim_ms: NDArray[np.int64]) -> float:
    """Return which part of the photons with good aspect is flagged, 0 to 1.

    Stims count as no photons; 0 where there are no others.

    Parameters
    ----------
    ticks : Ticks
        Of a leg.
    aspect : Aspect
        Of the leg.
    stim_ms : (n,) int64
        Times of stim events, GALEX ms.
    """
    good = good_fixes(aspect)

    def trusted(t_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
        row = np.searchsorted(aspect.time_ms, t_ms, side="right") - 1
        inside: NDArray[np.bool_] = (row >= 0) & (t_ms <= aspect.time_ms[-1])
        return inside & good[np.maximum(row, 0)]

    used = trusted(ticks.t_ms)
    photons = int(ticks.events[used].sum()) - int(trusted(stim_ms).sum())
    unflagged = int(ticks.unflagged[used].sum())
    return max(0.0, 1.0 - unflagged / photons) if photons > 0 else 0.0
