"""The detector chain backwards: from detector-sky positions to the integers of raw6."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import ARCSEC_PER_MICRON, Band, CentreScale, centre_scale
from gphoton_db.simulate.after_csp import CspSolution
from gphoton_db.simulate.bits import RawFields
from gphoton_db.simulate.interpolation import cube_cell, on_line, on_plane
from gphoton_db.simulate.tables import Tables

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SKY_ITERATIONS = 14
WALK_ITERATIONS = 8
NEIGHBOURS = 4


@dataclass(frozen=True, eq=False)
class Chain:
    """All that turns a raw event into a position, for one visit.

    ``csp`` is None before the Course Sun Point anomaly.
    """

    band: Band
    eclipse: int
    tables: Tables
    csp: CspSolution | None = None

    @property
    def constants(self) -> CentreScale:
        """Clock units to microns."""
        return centre_scale(self.band, self.eclipse)


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
        Y phases to aim at, by choosing xa (which then only seeds the search).

    Notes
    -----
    Clock units are 0.5 to 1 arcsec, so what comes back differs by 0.2 to 0.3 arcsec (standard
    deviation) along each axis, with no bias.  Beyond the tables no correction is undone.
    """
    linear_x, linear_y = undo_sky(x, y, separation, chain)
    digital_x, digital_y = undo_walk(linear_x, linear_y, q, chain.tables)
    raw = _digitise(digital_x, digital_y, q, xa, chain)
    if ya is not None:
        for _ in range(4):
            xa = (xa + ya - phase_y(*clocks(raw, chain.constants), xa, chain.constants)) % 32
            raw = _digitise(digital_x, digital_y, q, xa, chain)
    return raw


def undo_sky(x: Floats, y: Floats, separation: Floats, chain: Chain) -> tuple[Floats, Floats]:
    """Undo distortion and linearity; arcsec to arcsec."""
    tables, sign = chain.tables, 1 if chain.band is Band.NUV else -1
    x, y = x * sign, y * sign
    before_x, before_y = x, y
    for _ in range(SKY_ITERATIONS):
        fx, fy = before_x / 10 + 240.02, before_y / 10 + 240
        cell = cube_cell(before_x, before_y, separation, tables.cube_header)
        dx, dy = on_plane(tables.linearity, fx, fy)
        before_x = x - dx - tables.cube[0][cell] * 1.5 - tables.offset[0]
        before_y = y - dy - tables.cube[1][cell] * 1.5 - tables.offset[1]
    return before_x, before_y


def undo_walk(x: Floats, y: Floats, q: Integers, tables: Tables) -> tuple[Floats, Floats]:
    """Undo the pulse-height shift; arcsec to microns."""
    x, y = x / ARCSEC_PER_MICRON, y / ARCSEC_PER_MICRON
    before_x, before_y = x, y
    for _ in range(WALK_ITERATIONS):
        fx, fy = (v * ARCSEC_PER_MICRON / 10 + 240 for v in (before_x, before_y))
        walk_x, walk_y = on_plane(tables.walk, fx, fy, layer=q)
        before_x, before_y = x + walk_x, y + walk_y
    return before_x, before_y


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


def _digitise(x: Floats, y: Floats, q: Integers, xa: Integers, chain: Chain) -> RawFields:
    """Undo wiggle, scale and, after CSP, its corrections; microns to integers."""
    k = chain.constants
    clock_x = _nearest(x, lambda c: _digital_x(c, xa, chain), k.xscl, k.xcen)
    xb, xamc = split(clock_x, k.xclk)
    clock_y = _nearest(y, lambda c: _digital_y(c, clock_x, q, xa, chain), k.yscl, k.ycen)
    yb, yamc = split(clock_y, k.yclk)
    return RawFields(xb, xamc, yb, yamc, q, xa)


def _digital_x(clock: Floats, xa: Integers, chain: Chain) -> Floats:
    k = chain.constants
    x = (clock + ((xa + 7) % 32 - 16) * k.xslp - k.xcen) * k.xscl
    if chain.csp is not None:
        x = chain.csp.x_scale * x + chain.csp.x_shift
    return x + _wiggle(chain.tables.wiggle[0], xa, x)


def _digital_y(clock: Floats, clock_x: Floats, q: Integers, xa: Integers, chain: Chain) -> Floats:
    k = chain.constants
    ya = phase_y(clock_x, clock, xa, k)
    y = (clock + ((ya + 7) % 32 - 16) * k.yslp - k.ycen) * k.yscl
    if chain.csp is not None:
        xb, yb = split(clock_x, k.xclk)[0], split(clock, k.yclk)[0]
        y = chain.csp.correct_y(y, xb=xb, yb=yb, ya=ya, q=q)
    return y + _wiggle(chain.tables.wiggle[1], ya, y)


def _wiggle(table: NDArray[np.float32], phase: Integers, microns: Floats) -> Floats:
    tenths = on_line(table, phase, microns * ARCSEC_PER_MICRON / 10 + 240)
    return tenths / 10 / ARCSEC_PER_MICRON


def _nearest(
    target: Floats, position: Callable[[Floats], Floats], step: float, centre: float
) -> Floats:
    """Return the whole clock units whose `position` is nearest to the target (microns).

    Phases and tables make positions jump from one unit to the next, so after the approach the
    neighbours are tried, every one.
    """
    clock = np.rint(target / step + centre)
    for _ in range(6):
        clock = clock + np.rint((target - position(clock)) / step)
    best, smallest = clock, np.full(len(clock), np.inf)
    for neighbour in range(-NEIGHBOURS, NEIGHBOURS + 1):
        error = abs(position(clock + neighbour) - target)
        closer = error < smallest
        best, smallest = np.where(closer, clock + neighbour, best), np.minimum(error, smallest)
    return best
