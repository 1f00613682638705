"""Microns on the detector to detector-sky coordinates.

The steps are wiggle, walk, linearity and distortion; each is a few loops over a block of photons.
Loops have no branches, and one loop alone goes to a large table: it waits for many photons at once.
A photon that fails a step is flagged and gets no further corrections: its position is then only
good enough to say where on the detector it fell.

See docs/specification.md, 'Detector corrections' (spec-detector).
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.mission import ARCSEC_PER_MICRON, Flag

FloatTable = NDArray[np.float32]
Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

GOOD = int(Flag.GOOD)
OFF_DETECTOR = int(Flag.OFF_DETECTOR)
WIGGLE = int(Flag.WIGGLE)
WALK = int(Flag.WALK)
LINEARITY = int(Flag.LINEARITY)
DISTORTION = int(Flag.DISTORTION)

NO_WALK = -999.0
"""Value of a walk table where the mission measured none."""

CUBE_PIXEL_ARCSEC = 1.5
"""Unit of the distortion cube."""

PIXELS_PER_FIELD = 1.25 / (0.00166666666666667 * 800)
"""The factor F between the field's width and the detector images' (spec-detector-sky)."""


class CubePlacement(NamedTuple):
    """What places a photon in the distortion cube.

    Origins and steps are arcsec.  The stim separation (arcsec) at time t (s) is
    ``separation + slope * (t - time)``.  The offsets (arcsec, FUV only) are added to the cube's
    shifts.
    """

    x0: float
    dx: float
    y0: float
    dy: float
    depth0: float
    ddepth: float
    time: float
    separation: float
    slope: float
    xoffset: float
    yoffset: float


class DetectorTables(NamedTuple):
    """Calibration tables of one band, laid out for the kernels.

    ``wiggle_x``, ``wiggle_y``: (32, 480), 0.1 arcsec; ``walk_shifts``: (32, 480, 480, 2), microns,
    x and y side by side so that a photon's corners share cache lines; ``linearity_shifts``:
    (480, 480, 2), arcsec; ``distortion_shifts``: (depth, row, col, 2), 1.5-arcsec pixels;
    ``sign``: +1 NUV, -1 FUV.
    """

    wiggle_x: FloatTable
    wiggle_y: FloatTable
    walk_shifts: FloatTable
    linearity_shifts: FloatTable
    distortion_shifts: FloatTable
    cube: CubePlacement
    sign: float


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def wiggle(
    x: Floats,
    y: Floats,
    xa: Bytes,
    ya: Bytes,
    flag: Bytes,
    wiggle_x: FloatTable,
    wiggle_y: FloatTable,
) -> None:
    """Correct the differential non-linearity of the anode: `x`, `y`, microns, in place."""
    tenth_arcsec = 1.0 / (10.0 * ARCSEC_PER_MICRON)
    for k in range(len(x)):
        fx = x[k] * ARCSEC_PER_MICRON / 10.0 + 240.0
        fy = y[k] * ARCSEC_PER_MICRON / 10.0 + 240.0
        if not (0.0 < fx < 479.0 and 0.0 < fy < 479.0):
            flag[k] = WIGGLE
            continue
        ix, iy = int(fx), int(fy)
        wx, wy = fx - ix, fy - iy
        shift_x = (1.0 - wx) * wiggle_x[xa[k], ix] + wx * wiggle_x[xa[k], ix + 1]
        shift_y = (1.0 - wy) * wiggle_y[ya[k], iy] + wy * wiggle_y[ya[k], iy + 1]
        x[k] += shift_x * tenth_arcsec
        y[k] += shift_y * tenth_arcsec


@njit(cache=True, nogil=True, error_model="numpy")
def _places(
    x: Floats, y: Floats, scale: float, origin_x: float, flag: Bytes, failed: int
) -> tuple[NDArray[np.int32], Floats, Floats]:
    """Return where photons fall on a (480, 480, 2) table, and how far into the cell, 0 to 1.

    Flags those that are off the table, or failed before; their place is one on the table.
    """
    n = len(x)
    at, wx, wy = np.empty(n, np.int32), np.empty(n), np.empty(n)
    for k in range(n):
        fx = x[k] * scale / 10.0 + origin_x
        fy = y[k] * scale / 10.0 + 240.0
        on_table = (0.0 < fx) & (fx < 479.0) & (0.0 < fy) & (fy < 479.0)
        fx = fx if on_table else 0.0
        fy = fy if on_table else 0.0
        i, j = np.int32(fx), np.int32(fy)
        wx[k], wy[k] = fx - i, fy - j
        at[k] = (j * np.int32(480) + i) * np.int32(2)
        flag[k] = flag[k] if on_table & (flag[k] == GOOD) else failed
    return at, wx, wy


@njit(cache=True, nogil=True, error_model="numpy")
def _corners(at: NDArray[np.int32], table: FloatTable) -> FloatTable:
    """Return the x and y shifts of the four corners of each photon's cell, (n, 8).

    `table` is flat.  The loop does nothing else, so that the processor can wait for the memory
    of twenty photons at a time.
    """
    corners = np.empty((len(at), 8), np.float32)
    for k in range(len(at)):
        low, high = at[k], at[k] + 960
        for v in range(4):
            corners[k, v] = table[low + v]
        for v in range(4):
            corners[k, 4 + v] = table[high + v]
    return corners


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def walk(x: Floats, y: Floats, q: Bytes, flag: Bytes, shifts: FloatTable) -> None:
    """Correct the pulse-height dependent shift: `x`, `y`, microns, become arcsec in place.

    A photon fails when any of its eight corners is missing, as in the mission's own program: an
    average with the -999 that stands for 'none' would move the photon by arcminutes.
    """
    at, wx, wy = _places(x, y, ARCSEC_PER_MICRON, 240.0, flag, WALK)
    for k in range(len(x)):
        at[k] += np.int32(q[k]) * np.int32(460_800)
    corners = _corners(at, shifts.reshape(-1))
    for k in range(len(x)):
        missing = False
        for v in range(8):
            missing |= corners[k, v] == NO_WALK
        flag[k] = WALK if missing else flag[k]
        a, b = (1 - wy[k]) * (1 - wx[k]), (1 - wy[k]) * wx[k]
        c, d = wy[k] * (1 - wx[k]), wy[k] * wx[k]
        shift_x = a * corners[k, 0] + b * corners[k, 2] + c * corners[k, 4] + d * corners[k, 6]
        shift_y = a * corners[k, 1] + b * corners[k, 3] + c * corners[k, 5] + d * corners[k, 7]
        failed = flag[k] != GOOD
        x[k] = (x[k] - (0.0 if failed else shift_x)) * ARCSEC_PER_MICRON
        y[k] = (y[k] - (0.0 if failed else shift_y)) * ARCSEC_PER_MICRON


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def linearity(
    x: Floats, y: Floats, flag: Bytes, shifts: FloatTable, shift_x: Floats, shift_y: Floats
) -> None:
    """Add the detector-to-sky shift at `x`, `y` to `shift_x`, `shift_y`, all arcsec."""
    at, wx, wy = _places(x, y, 1.0, 240.02, flag, LINEARITY)
    corners = _corners(at, shifts.reshape(-1))
    for k in range(len(x)):
        a, b = (1 - wy[k]) * (1 - wx[k]), (1 - wy[k]) * wx[k]
        c, d = wy[k] * (1 - wx[k]), wy[k] * wx[k]
        low_x = a * corners[k, 0] + b * corners[k, 2]
        low_y = a * corners[k, 1] + b * corners[k, 3]
        high_x = c * corners[k, 4] + d * corners[k, 6]
        high_y = c * corners[k, 5] + d * corners[k, 7]
        failed = flag[k] != GOOD
        shift_x[k] += 0.0 if failed else low_x + high_x
        shift_y[k] += 0.0 if failed else low_y + high_y


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def distortion(
    x: Floats,
    y: Floats,
    t_ms: NDArray[np.int64],
    flag: Bytes,
    shifts: FloatTable,
    cube: CubePlacement,
    shift_x: Floats,
    shift_y: Floats,
) -> None:
    """Add the distortion at `x`, `y` to `shift_x`, `shift_y`, all arcsec; no interpolation.

    Whoever calls has made sure that the separation fits the cube or is to be clamped to it.
    """
    n_layers, n_rows, n_cols, _ = shifts.shape
    at, flat = np.empty(len(x), np.int32), shifts.reshape(-1)
    for k in range(len(x)):
        col = (x[k] - cube.x0) / cube.dx
        row = (y[k] - cube.y0) / cube.dy
        inside = (-1.0 < col) & (col < n_cols) & (-1.0 < row) & (row < n_rows)
        flag[k] = flag[k] if inside & (flag[k] == GOOD) else DISTORTION
        i, j = np.int32(col if inside else 0.0), np.int32(row if inside else 0.0)
        separation = cube.separation + cube.slope * (t_ms[k] / 1000.0 - cube.time)
        layer = min(max(int((separation - cube.depth0) / cube.ddepth), 0), n_layers - 1)
        at[k] = ((layer * n_rows + j) * n_cols + i) * 2
    for k in range(len(x)):
        failed = flag[k] != GOOD
        add_x = flat[at[k]] * CUBE_PIXEL_ARCSEC + cube.xoffset
        add_y = flat[at[k] + 1] * CUBE_PIXEL_ARCSEC + cube.yoffset
        shift_x[k] += 0.0 if failed else add_x
        shift_y[k] += 0.0 if failed else add_y


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def to_detector_sky(
    x: Floats,
    y: Floats,
    shift_x: Floats,
    shift_y: Floats,
    sign: float,
    flag: Bytes,
) -> tuple[FloatTable, FloatTable]:
    """Turn `x`, `y` (arcsec) into xi, eta (0.1 arcsec) in place; return the detector pixels.

    A photon that failed any step, or fell beyond the detector, has flag 6 from here on.
    """
    n = len(x)
    col, row = np.empty(n, np.float32), np.empty(n, np.float32)
    for k in range(n):
        x[k] = (x[k] + shift_x[k]) * 10.0 * sign
        y[k] = (y[k] + shift_y[k]) * 10.0 * sign
        c = ((x[k] / 36000.0) / 0.625 * PIXELS_PER_FIELD + 1.0) * 400.0
        r = ((y[k] / 36000.0) / 0.625 * PIXELS_PER_FIELD + 1.0) * 400.0
        inside = (0.0 < c) & (c < 799.0) & (0.0 < r) & (r < 799.0)
        flag[k] = flag[k] if inside & (flag[k] == GOOD) else OFF_DETECTOR
        col[k] = c
        row[k] = r
    return col, row
