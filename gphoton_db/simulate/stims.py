"""Events of the four electronic test pulses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import (
    ARCSEC_PER_MICRON,
    Band,
    Epoch,
    centre_scale,
    epoch_of,
    stim_positions,
)
from gphoton_db.simulate.after_csp import StimEvents
from gphoton_db.simulate.bits import RawFields
from gphoton_db.simulate.inverse import clocks, phase_y, split
from gphoton_db.simulate.plan import Detector, mean_separation

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Stims:
    """Stim events in time order; `number` runs from 0 to 3."""

    time_ms: Integers
    number: Integers
    raw: RawFields

    def between(self, start_ms: int, stop_ms: int) -> "Stims":
        """Return the events from `start_ms` to before `stop_ms`."""
        rows = np.arange(*np.searchsorted(self.time_ms, [start_ms, stop_ms]))
        return Stims(self.time_ms[rows], self.number[rows], self.raw.take(rows))

    def seen(self, band: Band, eclipse: int) -> StimEvents:
        """Return them as a reduction sees them."""
        k = centre_scale(band, eclipse)
        clock_x, clock_y = clocks(self.raw, k)
        ya = phase_y(clock_x, clock_y, self.raw.xa, k)
        x = (clock_x + ((self.raw.xa + 7) % 32 - 16) * k.xslp - k.xcen) * k.xscl
        y = (clock_y + ((ya + 7) % 32 - 16) * k.yslp - k.ycen) * k.yscl
        return StimEvents(self.number, x, y, ya, self.raw.yb)


def pulse(
    time_ms: Integers,
    separation: Floats,
    *,
    band: Band,
    eclipse: int,
    detector: Detector,
    rng: np.random.Generator,
) -> Stims:
    """Return one stim event at each time, the stims `separation` arcsec apart."""
    n = len(time_ms)
    number = rng.integers(0, 4, n)
    x, y = _positions(number, separation, band, eclipse, detector)
    x, y = (v + rng.normal(0, detector.spread, n) for v in (x, y))
    q, xa = np.clip(np.rint(rng.normal(20, 2, n)), 0, 31).astype(np.int64), rng.integers(0, 32, n)
    raw = _digitise(x, y, q, xa, band, eclipse)
    if epoch_of(eclipse) is not Epoch.PRE_CSP:
        k = centre_scale(band, eclipse)
        ya = phase_y(*clocks(raw, k), xa, k)
        raw = _digitise(x, y + detector.phase_slope * (ya - 16), q, xa, band, eclipse)
    return Stims(time_ms, number, raw)


def _positions(
    number: Integers, separation: Floats, band: Band, eclipse: int, detector: Detector
) -> tuple[Floats, Floats]:
    """Return x, y (arcsec) of the stims, grown about their centre to the separation."""
    mean = stim_positions(band, eclipse)
    growth = separation / mean_separation(band, eclipse) - 1
    x, y = np.array(mean.x), np.array(mean.y)
    return (
        x[number] + (x[number] - x.mean()) * growth + detector.shift[0],
        y[number] + (y[number] - y.mean()) * growth + detector.shift[1],
    )


def _digitise(
    x: Floats, y: Floats, q: Integers, xa: Integers, band: Band, eclipse: int
) -> RawFields:
    """Return raw events at uncorrected detector positions in arcsec."""
    k = centre_scale(band, eclipse)
    wobble = ((xa + 7) % 32 - 16) * k.xslp
    clock_x = np.rint(x / ARCSEC_PER_MICRON / k.xscl + k.xcen - wobble)
    clock_y = np.rint(y / ARCSEC_PER_MICRON / k.yscl + k.ycen)
    return RawFields(*split(clock_x, k.xclk), *split(clock_y, k.yclk), q, xa)
