"""The detector chain backwards: from detector-sky positions to the integers of raw6.

Every step that has no inverse in closed form is inverted by fixed-point iteration.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.mission import ARCSEC_PER_MICRON, CentreScale
from gphoton_db.simulate.kernels.after_csp import CspTables, correct_y
from gphoton_db.simulate.kernels.interpolation import Image, on_line, on_plane

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Cube = NDArray[np.float32]

SKY_ITERATIONS = 14
WALK_ITERATIONS = 8
APPROACHES = 6
NEIGHBOURS = 4
AIMS = 5
CONVERGED = 1e-4
"""Iterations end when nothing moves more than this: arcsec or microns."""


class ChainTables(NamedTuple):
    """Tables of one band and visit, with the mission's names, shapes and units.

    ``sign``: of the detector's axes on the sky.  ``cube_start``, ``cube_step``: stim separation,
    y and x (arcsec) of the distortion cube's first cell, and its cells' sizes.  ``offset_x``,
    ``offset_y``: the FUV's, arcsec.
    """

    scale: CentreScale
    sign: float
    wiggle_x: Image
    wiggle_y: Image
    walk_x: Cube
    walk_y: Cube
    linearity_x: Image
    linearity_y: Image
    cube_x: Cube
    cube_y: Cube
    cube_start: tuple[float, float, float]
    cube_step: tuple[float, float, float]
    offset_x: float
    offset_y: float


@njit(cache=True, nogil=True, error_model="numpy")
def digitise(
    x: Floats,
    y: Floats,
    separation: Floats,
    q: Integers,
    xa: Integers,
    ya: Integers,
    tables: ChainTables,
    csp: CspTables,
) -> Integers:
    """Return xb, xamc, yb, yamc and xa of events at detector-sky positions (arcsec): (5, n).

    ``separation``: stim separation at each event's time, arcsec; ``ya``: phase to aim at by
    choosing xa, which then only seeds the search; -1 for any.
    """
    fields, scale = np.empty((5, len(x)), np.int64), tables.scale
    for i in range(len(x)):
        linear_x, linear_y, _ = undo_sky(x[i], y[i], separation[i], tables)
        target_x, target_y, _ = undo_walk(linear_x, linear_y, q[i], tables)
        phase, clock_x, clock_y = xa[i], 0.0, 0.0
        for aim in range(AIMS if ya[i] >= 0 else 1):
            if aim > 0:
                phase = (phase + ya[i] - phase_y(clock_x, clock_y, phase, scale)) & 31
            clock_x = nearest_x(target_x, phase, scale, tables.wiggle_x, csp.x_scale, csp.x_shift)
            clock_y = nearest_y(target_y, clock_x, q[i], phase, scale, tables.wiggle_y, csp)
        xb, yb = coarse(clock_x, scale.xclk), coarse(clock_y, scale.yclk)
        fields[0, i], fields[1, i] = xb, round(clock_x - xb * scale.xclk)
        fields[2, i], fields[3, i] = yb, round(clock_y - yb * scale.yclk)
        fields[4, i] = phase
    return fields


@njit(cache=True, nogil=True, error_model="numpy")
def measurable(
    x: Floats, y: Floats, separation: float, q: int, tables: ChainTables
) -> NDArray[np.bool_]:
    """Return whether every table knows the detector-sky positions x, y (arcsec)."""
    known = np.empty(len(x), np.bool_)
    for i in range(len(x)):
        linear_x, linear_y, linear = undo_sky(x[i], y[i], separation, tables)
        _, _, walked = undo_walk(linear_x, linear_y, q, tables)
        known[i] = linear and walked
    return known


@njit(cache=True, nogil=True, error_model="numpy")
def undo_sky(
    x: float, y: float, separation: float, tables: ChainTables
) -> tuple[float, float, bool]:
    """Undo distortion and linearity, arcsec to arcsec; False: off the linearity table."""
    x, y = x * tables.sign, y * tables.sign
    before_x, before_y, known = x, y, False
    depth = _cell(separation, 0, tables)
    for _ in range(SKY_ITERATIONS):
        row, column = _cell(before_y, 1, tables), _cell(before_x, 2, tables)
        dx, dy, known = on_plane(
            tables.linearity_x, tables.linearity_y, before_x / 10 + 240.02, before_y / 10 + 240
        )
        next_x = x - dx - tables.cube_x[depth, row, column] * 1.5 - tables.offset_x
        next_y = y - dy - tables.cube_y[depth, row, column] * 1.5 - tables.offset_y
        moved = max(abs(next_x - before_x), abs(next_y - before_y))
        before_x, before_y = next_x, next_y
        if moved < CONVERGED:
            break
    return before_x, before_y, known


@njit(cache=True, nogil=True, error_model="numpy")
def undo_walk(x: float, y: float, q: int, tables: ChainTables) -> tuple[float, float, bool]:
    """Undo the pulse-height shift, arcsec to microns; False: off its table, or unknown there."""
    x, y = x / ARCSEC_PER_MICRON, y / ARCSEC_PER_MICRON
    before_x, before_y, known = x, y, False
    table_x, table_y = tables.walk_x[q], tables.walk_y[q]
    for _ in range(WALK_ITERATIONS):
        fx = before_x * ARCSEC_PER_MICRON / 10 + 240
        fy = before_y * ARCSEC_PER_MICRON / 10 + 240
        walk_x, walk_y, known = on_plane(table_x, table_y, fx, fy)
        moved = max(abs(x + walk_x - before_x), abs(y + walk_y - before_y))
        before_x, before_y = x + walk_x, y + walk_y
        if moved < CONVERGED:
            break
    return before_x, before_y, known


@njit(cache=True, nogil=True, error_model="numpy")
def phase_y(clock_x: float, clock_y: float, xa: int, scale: CentreScale) -> int:
    """Return ya, which follows from where the event is."""
    turns = clock_y / (2 * scale.yclk) - clock_x / (2 * scale.xclk)
    return int((turns + 10) * 32 + xa) & 31


@njit(cache=True, nogil=True, error_model="numpy")
def coarse(clock: float, period: float) -> int:
    """Return the coarse part of a position in clock units."""
    return min(max(round(clock / period), 0), 7)


@njit(cache=True, nogil=True, error_model="numpy")
def nearest_x(
    target: float, xa: int, scale: CentreScale, wiggle: Image, csp_scale: float, csp_shift: float
) -> float:
    """Return the whole clock units whose x, with its wiggle, is nearest to the target (microns)."""
    wobble = (((xa + 7) & 31) - 16) * scale.xslp - scale.xcen
    clock = float(np.rint(target / scale.xscl + scale.xcen))
    best, smallest = clock, np.inf
    for _ in range(APPROACHES):
        x = csp_scale * ((clock + wobble) * scale.xscl) + csp_shift
        error = target - x - _wiggle(wiggle, xa, x)
        # x runs smoothly with the clock, so the nearest unit is one of those on the way.
        if abs(error) < smallest:
            best, smallest = clock, abs(error)
        step = float(np.rint(error / scale.xscl))
        clock += step
        if step == 0:
            break
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def nearest_y(
    target: float,
    clock_x: float,
    q: int,
    xa: int,
    scale: CentreScale,
    wiggle: Image,
    csp: CspTables,
) -> float:
    """Return the whole clock units whose y, with its wiggle, is nearest to the target (microns).

    Phases and the tables of after CSP make y jump from one unit to the next, so after the
    approach all neighbours are tried that may have another phase.
    """
    clock = float(np.rint(target / scale.yscl + scale.ycen))
    best, smallest = clock, np.inf
    for _ in range(APPROACHES):
        error = target - _y_of(clock, clock_x, q, xa, scale, wiggle, csp)
        if abs(error) < smallest:
            best, smallest = clock, abs(error)
        step = float(np.rint(error / scale.yscl))
        clock += step
        if step == 0:
            break
    lowest, highest = clock - NEIGHBOURS, clock + NEIGHBOURS
    phases = phase_y(clock_x, lowest, xa, scale), phase_y(clock_x, highest, xa, scale)
    if phases[0] == phases[1] and not csp.active:
        return best
    neighbour = lowest
    while neighbour <= highest:
        error = abs(_y_of(neighbour, clock_x, q, xa, scale, wiggle, csp) - target)
        if error < smallest:
            best, smallest = neighbour, error
        neighbour += 1
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _y_of(
    clock: float,
    clock_x: float,
    q: int,
    xa: int,
    scale: CentreScale,
    wiggle: Image,
    csp: CspTables,
) -> float:
    """Return y with its wiggle, microns, of a position in clock units."""
    ya = phase_y(clock_x, clock, xa, scale)
    y = (clock + (((ya + 7) & 31) - 16) * scale.yslp - scale.ycen) * scale.yscl
    if csp.active:
        y = correct_y(y, coarse(clock_x, scale.xclk), coarse(clock, scale.yclk), ya, q, csp)
    return float(y + _wiggle(wiggle, ya, y))


@njit(cache=True, nogil=True, error_model="numpy")
def _wiggle(table: Image, phase: int, microns: float) -> float:
    tenths = on_line(table, phase, microns * ARCSEC_PER_MICRON / 10 + 240)
    return float(tenths / 10 / ARCSEC_PER_MICRON)


@njit(cache=True, nogil=True, error_model="numpy")
def _cell(value: float, axis: int, tables: ChainTables) -> int:
    """Return the cell of the distortion cube along one axis, the nearest one when outside."""
    cell = int((value - tables.cube_start[axis]) / tables.cube_step[axis])
    return int(min(max(cell, 0), tables.cube_x.shape[axis] - 1))
