"""Flag the ghost images of post-CSP telemetry, over all photons of a leg.

See docs/specification.md, 'Ghosts after CSP' (spec-ghosts).
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gphoton_db.ingest.kernels.ghosts import GRID, accumulate, in_ghost
from gphoton_db.ingest.kernels.reduction import PhotonRecords
from gphoton_db.ingest.leg import LegPhotons
from gphoton_db.mission import DETECTOR_PIXELS, Flag


def flag_ghosts(leg: LegPhotons, ra0: float) -> LegPhotons:
    """Give the flag 120 to every photon of a leg that lies in a ghost cell.

    Parameters
    ----------
    leg : LegPhotons
        Its flags are changed where they are parked.
    ra0 : float
        Right ascension of the boresight, deg: positions are taken relative to it, so that a field
        across RA 0 is one piece.

    Returns
    -------
    LegPhotons
        The leg with ticks that no longer count those photons as unflagged.
    """
    bounds = _bounds(leg, ra0)
    if bounds is None:
        return leg
    count = np.zeros(GRID * GRID, np.int64)
    ya_sum = np.zeros(GRID * GRID, np.int64)
    for photons in map(leg.read_segment, leg.segments):
        x, dec, use = _candidates(photons, ra0)
        accumulate(x, dec, photons["ya"], use, bounds, count, ya_sum)
    lost_ms = []
    for segment in leg.segments:
        photons = leg.read_segment(segment).copy()
        x, dec, use = _candidates(photons, ra0)
        ghost = in_ghost(x, dec, use, bounds, count, ya_sum)
        lost = ghost & (photons["flags"] == Flag.GOOD)
        lost_ms.append(photons["offset_ms"][lost] + np.int64(leg.origin_ms))
        photons["flags"][ghost] = Flag.GHOST
        leg.scratch.overwrite(segment.photons, photons)
    return replace(leg, ticks=leg.ticks.without(np.concatenate(lost_ms)))


def _candidates(
    photons: PhotonRecords, ra0: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return ra relative to the boresight (deg), dec, and which photons count."""
    use = np.isfinite(photons["ra"])
    for pixel in (photons["col"], photons["row"]):
        use &= (pixel >= 0) & (pixel <= DETECTOR_PIXELS)
    x = (photons["ra"] - ra0 + 180.0) % 360.0 - 180.0
    return x, np.ascontiguousarray(photons["dec"]), use


def _bounds(leg: LegPhotons, ra0: float) -> NDArray[np.float64] | None:
    """Return x_min, x_max, y_min, y_max over all segments; None without any candidate."""
    found = []
    for photons in map(leg.read_segment, leg.segments):
        x, dec, use = _candidates(photons, ra0)
        if use.any():
            found.append((x[use].min(), x[use].max(), dec[use].min(), dec[use].max()))
    if not found:
        return None
    low_high = np.array(found)
    return np.array(
        [low_high[:, 0].min(), low_high[:, 1].max(), low_high[:, 2].min(), low_high[:, 3].max()]
    )
