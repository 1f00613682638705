"""Flag the ghost images of post-CSP telemetry, over all photons of a leg (specification part 7)."""

import numpy as np
from numpy.typing import NDArray

from gphoton_db.ingest.kernels.ghosts import GRID, accumulate, in_ghost
from gphoton_db.ingest.leg import LegPhotons, Segment
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
    candidates = [_Candidates(leg, segment, ra0) for segment in leg.segments]
    bounds = _bounds(candidates)
    if bounds is None:
        return leg
    count = np.zeros(GRID * GRID, np.int64)
    ya_sum = np.zeros(GRID * GRID, np.int64)
    for segment in candidates:
        x, dec, use = segment.positions()
        accumulate(x, dec, segment.column("ya"), use, bounds, count, ya_sum)
    lost_ms = []
    for segment in candidates:
        x, dec, use = segment.positions()
        ghost = in_ghost(x, dec, use, bounds, count, ya_sum)
        flags = segment.column("flags").copy()
        lost = ghost & (flags == Flag.GOOD)
        lost_ms.append(segment.column("offset_ms")[lost] + np.int64(leg.origin_ms))
        flags[ghost] = Flag.GHOST
        leg.scratch.overwrite(segment.extents["flags"], flags)
    return leg.with_ticks(leg.ticks.without(np.concatenate(lost_ms)))


class _Candidates:
    """The photons of one segment, read a column at a time when needed."""

    def __init__(self, leg: LegPhotons, segment: Segment, ra0: float) -> None:
        self.extents = segment.columns
        self._scratch = leg.scratch
        self._ra0 = ra0

    def column(self, name: str) -> NDArray[np.generic]:
        extent = self.extents[name]
        return self._scratch.read(extent, 0, extent.length)

    def positions(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """Return ra relative to the boresight (deg), dec, and which photons count."""
        ra, dec, col, row = (self.column(name) for name in ("ra", "dec", "col", "row"))
        use = np.isfinite(ra)
        for pixel in (col, row):
            use &= (pixel >= 0) & (pixel <= DETECTOR_PIXELS)
        return (ra - self._ra0 + 180.0) % 360.0 - 180.0, dec, use


def _bounds(candidates: list[_Candidates]) -> NDArray[np.float64] | None:
    """Return x_min, x_max, y_min, y_max over all segments; None without any candidate."""
    found = []
    for segment in candidates:
        x, dec, use = segment.positions()
        if use.any():
            found.append((x[use].min(), x[use].max(), dec[use].min(), dec[use].max()))
    if not found:
        return None
    low_high = np.array(found)
    return np.array(
        [low_high[:, 0].min(), low_high[:, 1].max(), low_high[:, 2].min(), low_high[:, 3].max()]
    )
