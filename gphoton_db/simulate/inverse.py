"""The detector chain backwards: from detector-sky positions to the integers of raw6."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import CentreScale
from gphoton_db.simulate.after_csp import BEFORE_CSP
from gphoton_db.simulate.bits import RawFields
from gphoton_db.simulate.kernels.after_csp import CspTables
from gphoton_db.simulate.kernels.inverse import ChainTables, digitise

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Chain:
    """All that turns a raw event of one visit into a position."""

    tables: ChainTables
    csp: CspTables = BEFORE_CSP


def to_raw(
    x: Floats,
    y: Floats,
    separation: Floats,
    q: Integers,
    xa: Integers,
    chain: Chain,
    *,
    ya: Integers | None = None,
) -> RawFields:
    """Return the raw events that the detector chain puts nearest to given positions.

    Parameters
    ----------
    x, y : (n,) float64
        Detector-sky positions xi and eta, arcsec.
    separation : (n,) float64
        Stim separation at each event's time, arcsec.
    q, xa : (n,) int64
        Pulse height and X phase, free to choose.
    ya : (n,) int64, optional
        Y phases to aim at, by choosing xa (which then only seeds the search); -1 for any.

    Notes
    -----
    Clock units are 0.5 to 1 arcsec, so what comes back differs by 0.2 to 0.3 arcsec (standard
    deviation) along each axis, with no bias.  Beyond the tables no correction is undone.
    """
    aim = np.full(len(x), -1) if ya is None else ya
    xb, xamc, yb, yamc, phase = digitise(x, y, separation, q, xa, aim, chain.tables, chain.csp)
    return RawFields(xb, xamc, yb, yamc, q, phase)


def phase_y(clock_x: Floats, clock_y: Floats, xa: Integers, constants: CentreScale) -> Integers:
    """Return ya, which follows from where the event is."""
    turns = clock_y / (2 * constants.yclk) - clock_x / (2 * constants.xclk)
    return np.asarray(np.trunc((turns + 10) * 32 + xa), np.int64) % 32


def clocks(raw: RawFields, constants: CentreScale) -> tuple[Floats, Floats]:
    """Return the positions in clock units, coarse and fine together."""
    clock_x = raw.xb * constants.xclk + raw.xamc
    clock_y = raw.yb * constants.yclk + raw.yamc
    return clock_x.astype(np.float64), clock_y.astype(np.float64)


def split(clock: Floats, period: float) -> tuple[Integers, Integers]:
    """Return the coarse and the fine part of positions in clock units."""
    coarse = np.clip(np.rint(clock / period), 0, 7)
    return coarse.astype(np.int64), np.rint(clock - coarse * period).astype(np.int64)
