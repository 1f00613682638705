"""Exact exposure time of any interval, from the number of events at each distinct time.

The ticks of a leg are some hundred thousand rows whatever the number of photons, so exposure
never needs the photons themselves.

See docs/specification.md, 'Exposure time' (spec-exposure).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.kernels.shutter import closed_shutter_ms
from gphoton_db.mission import DEAD_TIME, SHUTTER_GAP_MS, Band


@dataclass(frozen=True, eq=False)
class Ticks:
    """Events at each distinct time of a leg.

    ``t_ms`` int64, rising, GALEX ms; ``events`` and ``unflagged``: all photons, and those with
    flag 0; int32 as they are counted in a chunk, int64 once chunks were joined.
    """

    t_ms: NDArray[np.int64]
    events: NDArray[np.int32] | NDArray[np.int64]
    unflagged: NDArray[np.int32] | NDArray[np.int64]

    @classmethod
    def concatenate(cls, parts: "list[Ticks]") -> "Ticks":
        """Join the ticks of consecutive stretches; a time that two share is added up."""
        t_ms = np.concatenate([part.t_ms for part in parts])
        events = np.concatenate([part.events for part in parts])
        unflagged = np.concatenate([part.unflagged for part in parts])
        first = np.flatnonzero(np.diff(t_ms, prepend=-1) != 0)
        return cls(
            t_ms[first],
            np.add.reduceat(events, first) if len(first) else events,
            np.add.reduceat(unflagged, first) if len(first) else unflagged,
        )

    def by_second(self, first_ms: int, last_ms: int) -> "Ticks":
        """Return the same events, counted by the second from the first good photon on.

        Bins of whole seconds from `first_ms` on have the same events in both, and so has the bin
        of all of them, ``first_ms <= t <= last_ms``: the second of the last good photon is two.

        Parameters
        ----------
        first_ms, last_ms : int
            First and last unflagged photon on the detector, GALEX ms.
        """
        seen = self.t_ms >= first_ms
        t_ms = self.t_ms[seen]
        start = t_ms - (t_ms - first_ms) % 1000
        start = np.where((start <= last_ms) & (t_ms > last_ms), last_ms + 1, start)
        return Ticks.concatenate([Ticks(start, self.events[seen], self.unflagged[seen])])

    def without(self, t_ms: NDArray[np.int64]) -> "Ticks":
        """Return the ticks after the photons at these times lost their flag 0."""
        unflagged = self.unflagged.copy()
        np.subtract.at(unflagged, np.searchsorted(self.t_ms, t_ms), 1)
        return Ticks(self.t_ms, self.events, unflagged)


@dataclass(frozen=True)
class Exposure:
    """Exposure of an interval, seconds: with shutter time taken out, and dead time as well."""

    raw: float
    effective: float


def exposure_between(ticks: Ticks, start_ms: int, stop_ms: int, band: Band) -> Exposure:
    """Return the exposure of ``start_ms <= t < stop_ms`` (GALEX ms)."""
    lo, hi = np.searchsorted(ticks.t_ms, [start_ms, stop_ms])
    good = ticks.unflagged[lo:hi]
    times = np.concatenate([[start_ms], ticks.t_ms[lo:hi][good > 0], [stop_ms]])
    closed_ms = closed_shutter_ms.for_work(0.3 * len(times))(times, SHUTTER_GAP_MS)
    raw = (stop_ms - start_ms - closed_ms) / 1000.0
    if raw <= 0:
        return Exposure(0.0, 0.0)
    return Exposure(raw, DEAD_TIME[band].live_seconds(raw, float(good.sum())))


def live_seconds(ticks: Ticks, edges_ms: NDArray[np.int64], band: Band) -> NDArray[np.float64]:
    """Return the exposure of consecutive intervals, s.

    Parameters
    ----------
    ticks : Ticks
        Events of the leg.
    edges_ms : (n + 1,) int64
        GALEX ms, not falling.
    band : Band
        Whose dead time.

    Returns
    -------
    (n,) float64
        Their sum is the exposure of the whole (`exposure_between`): the dead-time model is linear
        in the number of events, and pauses are those of the whole, divided where an edge is.
    """
    inside = slice(*np.searchsorted(ticks.t_ms, edges_ms[[0, -1]]))
    good = ticks.unflagged[inside]
    seen = ticks.t_ms[inside][good > 0]
    times = np.concatenate([edges_ms[:1], seen, edges_ms[-1:]])
    pause = np.diff(times)
    pause[pause < SHUTTER_GAP_MS] = 0
    closed_before = np.interp(edges_ms, times, np.concatenate([[0], np.cumsum(pause)]))
    raw = (np.diff(edges_ms) - np.diff(closed_before)) / 1000.0
    events = np.concatenate([[0], np.cumsum(good)])
    at = np.searchsorted(ticks.t_ms[inside], edges_ms)
    # Not model.live_seconds, for a second may be closed from end to end.
    return np.asarray(raw + DEAD_TIME[band].seconds_per_photon * np.diff(events[at]))
