"""Wiggle, walk, linearity and distortion, all photons through all steps (spec-detector)."""

from dataclasses import dataclass

import numpy as np

from gphoton_db.errors import ReductionError
from tests.oracle.arrays import Booleans, Floats, Integers
from tests.oracle.calibration import Calibration
from tests.oracle.constants import ARCSEC_PER_MICRON
from tests.oracle.rules import Rules

MISSING = -999.0
TENTHS = 10.0


@dataclass(frozen=True, eq=False)
class DetectorSky:
    """Detector-sky coordinates: xi, eta in 0.1 arcsec, col, row in pixels, and the flag."""

    xi: Floats
    eta: Floats
    col: Floats
    row: Floats
    flag: Integers


def correct(
    x: Floats,
    y: Floats,
    phases: tuple[Integers, Integers, Integers],
    separation: Floats,
    tables: Calibration,
    *,
    band: str,
    rules: Rules,
) -> DetectorSky:
    """Take photons from microns to detector-sky coordinates.

    Parameters
    ----------
    x, y : (n,) float64
        Positions on the detector, microns.
    phases : three (n,) int64
        xa, ya and q.
    separation : (n,) float64
        Stim separation at each photon's time, arcsec.
    """
    xa, ya, q = phases
    flag = np.zeros(len(x), np.int64)
    x, y, flag = wiggle(x, y, xa, ya, flag, tables)
    x_as, y_as, flag = walk(x, y, q, flag, tables, rules=rules)
    dx, dy, flag = linearity(x_as, y_as, flag, tables)
    x_shift, y_shift, flag = distortion(x_as, y_as, separation, flag, tables, rules=rules)
    sign = 1 if band == "NUV" else -1
    xi = (x_as + dx + x_shift) * TENTHS * sign
    eta = (y_as + dy + y_shift) * TENTHS * sign
    factor = 1.25 / (0.00166666666666667 * 800)
    col = (xi / 36000 / 0.625 * factor + 1) * 400
    row = (eta / 36000 / 0.625 * factor + 1) * 400
    on_detector = (col > 0) & (col < 799) & (row > 0) & (row < 799)
    flag = np.where(on_detector & (flag == 0), 0, 6)
    return DetectorSky(xi, eta, col, row, flag)


def wiggle(
    x: Floats, y: Floats, xa: Integers, ya: Integers, flag: Integers, tables: Calibration
) -> tuple[Floats, Floats, Integers]:
    """Step 1: return the corrected x, y (microns) and flags."""
    fx, fy = _cell(x), _cell(y)
    good = _on_table(fx, fy)
    wx = _along(tables.wiggle_x, xa, fx, good)
    wy = _along(tables.wiggle_y, ya, fy, good)
    flag = np.where(good, flag, 8)
    return x + wx / (10 * ARCSEC_PER_MICRON), y + wy / (10 * ARCSEC_PER_MICRON), flag


def walk(
    x: Floats, y: Floats, q: Integers, flag: Integers, tables: Calibration, *, rules: Rules
) -> tuple[Floats, Floats, Integers]:
    """Step 2: return positions in arcsec and flags."""
    fx, fy = _cell(x), _cell(y)
    good = _on_table(fx, fy) & (flag == 0)
    corners_x, weights = _corners(tables.walk_x, fx, fy, good, layer=q)
    corners_y, _ = _corners(tables.walk_y, fx, fy, good, layer=q)
    missing = np.concatenate([corners_x, corners_y]) == MISSING
    good &= ~(missing.all(axis=0) if rules.walk_needs_all_missing else missing.any(axis=0))
    walk_x = np.where(good, (weights * corners_x).sum(axis=0), 0)
    walk_y = np.where(good, (weights * corners_y).sum(axis=0), 0)
    flag = np.where(good, flag, 9)
    return (x - walk_x) * ARCSEC_PER_MICRON, (y - walk_y) * ARCSEC_PER_MICRON, flag


def linearity(
    x_as: Floats, y_as: Floats, flag: Integers, tables: Calibration
) -> tuple[Floats, Floats, Integers]:
    """Step 3: return dx, dy in arcsec and flags."""
    fx, fy = x_as / 10 + 240.02, y_as / 10 + 240
    good = _on_table(fx, fy) & (flag == 0)
    corners_x, weights = _corners(tables.linearity_x, fx, fy, good)
    corners_y, _ = _corners(tables.linearity_y, fx, fy, good)
    dx = np.where(good, (weights * corners_x).sum(axis=0), 0)
    dy = np.where(good, (weights * corners_y).sum(axis=0), 0)
    return dx, dy, np.where(good, flag, 10)


def distortion(
    x_as: Floats,
    y_as: Floats,
    separation: Floats,
    flag: Integers,
    tables: Calibration,
    *,
    rules: Rules,
) -> tuple[Floats, Floats, Integers]:
    """Step 4: return the shifts in arcsec and flags.

    Raises
    ------
    ReductionError
        If a separation lies outside the cube and `rules` do not say what to do then.
    """
    header = tables.cube_header
    col = (x_as - header["DC_X0"]) / header["DC_DX"]
    row = (y_as - header["DC_Y0"]) / header["DC_DY"]
    depth = (separation - header["DC_D0"]) / header["DC_DD"]
    deepest = int(header["NAXIS3"]) - 1
    if rules.clamp_separation:
        depth = np.clip(depth, 0, deepest)
    if (depth < 0).any():
        raise ReductionError("bad distortion solution: stim separation below the cube")
    if (np.floor(depth) > deepest).any() and not rules.flag_separation_above:
        raise ReductionError("bad distortion solution: stim separation above the cube")
    good = (col > -1) & (col < header["NAXIS1"]) & (row > -1) & (row < header["NAXIS2"])
    good &= (np.floor(depth) <= deepest) & (flag == 0)
    index = tuple(np.where(good, np.trunc(f), 0).astype(np.int64) for f in (depth, row, col))
    x_shift = np.where(good, tables.cube_x[index] * 1.5 + tables.x_offset, 0)
    y_shift = np.where(good, tables.cube_y[index] * 1.5 + tables.y_offset, 0)
    return x_shift, y_shift, np.where(good, flag, 11)


def _cell(microns: Floats) -> Floats:
    return np.asarray(microns * ARCSEC_PER_MICRON / 10 + 240)


def _on_table(fx: Floats, fy: Floats) -> Booleans:
    return np.asarray((fx > 0) & (fx < 479) & (fy > 0) & (fy < 479))


def _along(table: Floats, phase: Integers, f: Floats, good: Booleans) -> Floats:
    """Interpolate ``table[phase, f]`` linearly in f; 0 where not good."""
    f = np.where(good, f, 0)
    low = np.floor(f).astype(np.int64)
    weight = f - low
    value = (1 - weight) * table[phase, low] + weight * table[phase, low + 1]
    return np.where(good, value, 0)


def _corners(
    table: Floats, fx: Floats, fy: Floats, good: Booleans, *, layer: Integers | None = None
) -> tuple[Floats, Floats]:
    """Return the four neighbours of each position, and their bilinear weights, both (4, n)."""
    fx, fy = np.where(good, fx, 0), np.where(good, fy, 0)
    x, y = np.floor(fx).astype(np.int64), np.floor(fy).astype(np.int64)
    u, v = fx - x, fy - y
    values, weights = [], []
    for right in (0, 1):
        for up in (0, 1):
            cell = (y + up, x + right)
            values.append(table[cell] if layer is None else table[(layer, *cell)])
            weights.append((u if right else 1 - u) * (v if up else 1 - v))
    return np.array(values), np.array(weights)
