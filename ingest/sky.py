"""The aspect of an eclipse, prepared for the sky kernel.

See docs/specification.md, 'Detector-sky coordinates to the sky' (spec-sky).
"""

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.gnomonic import aspect_offsets
from gphoton_db.aspect.pointing import Leg
from gphoton_db.ingest.kernels.sky import EclipseSky

FIX_STEP_MS = 1000
"""A photon gets a position only between fixes that are exactly this far apart."""


def eclipse_sky(legs: tuple[Leg, ...]) -> EclipseSky:
    """Lay out the aspect of all legs of an eclipse for the kernel.

    The rows of all legs form one list, so that where a leg begins has no influence on whether a
    photon's neighbouring fixes are good; offsets are each about their own leg's boresight.
    """
    time_ms = np.concatenate([leg.aspect.time_ms for leg in legs])
    flags = np.concatenate([leg.aspect.flags for leg in legs])
    rates = [_drift(leg) for leg in legs]
    ra, dec, roll = (
        np.radians(np.concatenate([getattr(leg.aspect, name) for leg in legs]))
        for name in ("ra", "dec", "roll")
    )
    return EclipseSky(
        time_ms,
        np.concatenate([axi for axi, _ in rates]),
        np.concatenate([aeta for _, aeta in rates]),
        _usable(time_ms, flags),
        np.stack([ra % (2 * np.pi), dec, np.sin(dec), np.cos(dec)], axis=1),
        _axes(roll),
    )


def _drift(leg: Leg) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the drift from each row to the next, 0.1 arcsec per second of step; 0 at the end."""
    axi, aeta = aspect_offsets(leg.aspect, leg.boresight)
    step_s = np.diff(leg.aspect.time_ms) / 1000.0
    return np.append(np.diff(axi) / step_s, 0.0), np.append(np.diff(aeta) / step_s, 0.0)


def _usable(time_ms: NDArray[np.int64], flags: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the rows whose second is exactly 1 s long and has good fixes all around it."""
    usable = np.zeros(len(time_ms), np.bool_)
    even = flags % 2 == 0
    usable[1:-1] = (np.diff(time_ms)[1:] == FIX_STEP_MS) & even[:-2] & even[1:-1] & even[2:]
    return usable


def _axes(roll: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, 4): east and north component of rising xi, and of rising eta.

    In the forward projection (docs/specification.md, spec-sky) x grows towards smaller right
    ascension (west) and the axes are turned by c = -roll; this is that projection read backwards.
    """
    sin_c, cos_c = np.sin(-roll), np.cos(-roll)
    return np.stack([-cos_c, -sin_c, -sin_c, cos_c], axis=1)
