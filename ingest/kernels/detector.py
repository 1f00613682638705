"""Microns on the detector to detector-sky coordinates.

The steps are wiggle, walk, linearity and distortion; each is one loop over a block of photons.
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


@njit(cache=True, nogil=True)
def _on_table(fx: float, fy: float) -> bool:
    return 0.0 < fx < 479.0 and 0.0 < fy < 479.0


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
        if not _on_table(fx, fy):
            flag[k] = WIGGLE
            continue
        ix, iy = int(fx), int(fy)
        wx, wy = fx - ix, fy - iy
        shift_x = (1.0 - wx) * wiggle_x[xa[k], ix] + wx * wiggle_x[xa[k], ix + 1]
        shift_y = (1.0 - wy) * wiggle_y[ya[k], iy] + wy * wiggle_y[ya[k], iy + 1]
        x[k] += shift_x * tenth_arcsec
        y[k] += shift_y * tenth_arcsec


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def walk(x: Floats, y: Floats, q: Bytes, flag: Bytes, shifts: FloatTable) -> None:
    """Correct the pulse-height dependent shift: `x`, `y`, microns, become arcsec in place.

    A photon fails when any of its eight corners is missing, as in the mission's own program: an
    average with the -999 that stands for 'none' would move the photon by arcminutes.
    """
    for k in range(len(x)):
        fx = x[k] * ARCSEC_PER_MICRON / 10.0 + 240.0
        fy = y[k] * ARCSEC_PER_MICRON / 10.0 + 240.0
        shift_x = shift_y = 0.0
        if flag[k] != GOOD or not _on_table(fx, fy):
            flag[k] = WALK
        else:
            i, j = int(fx), int(fy)
            wx, wy = fx - i, fy - j
            layer = q[k]
            ax, ay = shifts[layer, j, i, 0], shifts[layer, j, i, 1]
            bx, by = shifts[layer, j, i + 1, 0], shifts[layer, j, i + 1, 1]
            cx, cy = shifts[layer, j + 1, i, 0], shifts[layer, j + 1, i, 1]
            dx, dy = shifts[layer, j + 1, i + 1, 0], shifts[layer, j + 1, i + 1, 1]
            if min(ax, ay, bx, by, cx, cy, dx, dy) == NO_WALK:
                flag[k] = WALK
            else:
                a, b, c, d = (1 - wy) * (1 - wx), (1 - wy) * wx, wy * (1 - wx), wy * wx
                shift_x = a * ax + b * bx + c * cx + d * dx
                shift_y = a * ay + b * by + c * cy + d * dy
        x[k] = (x[k] - shift_x) * ARCSEC_PER_MICRON
        y[k] = (y[k] - shift_y) * ARCSEC_PER_MICRON


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def linearity(
    x: Floats, y: Floats, flag: Bytes, shifts: FloatTable, shift_x: Floats, shift_y: Floats
) -> None:
    """Add the detector-to-sky shift at `x`, `y` to `shift_x`, `shift_y`, all arcsec."""
    for k in range(len(x)):
        fx = x[k] / 10.0 + 240.02
        fy = y[k] / 10.0 + 240.0
        if flag[k] != GOOD or not _on_table(fx, fy):
            flag[k] = LINEARITY
            continue
        i, j = int(fx), int(fy)
        wx, wy = fx - i, fy - j
        a, b, c, d = (1 - wy) * (1 - wx), (1 - wy) * wx, wy * (1 - wx), wy * wx
        low_x = a * shifts[j, i, 0] + b * shifts[j, i + 1, 0]
        low_y = a * shifts[j, i, 1] + b * shifts[j, i + 1, 1]
        high_x = c * shifts[j + 1, i, 0] + d * shifts[j + 1, i + 1, 0]
        high_y = c * shifts[j + 1, i, 1] + d * shifts[j + 1, i + 1, 1]
        shift_x[k] += low_x + high_x
        shift_y[k] += low_y + high_y


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
    for k in range(len(x)):
        col = (x[k] - cube.x0) / cube.dx
        row = (y[k] - cube.y0) / cube.dy
        if flag[k] != GOOD or not (-1.0 < col < n_cols and -1.0 < row < n_rows):
            flag[k] = DISTORTION
            continue
        separation = cube.separation + cube.slope * (t_ms[k] / 1000.0 - cube.time)
        layer = min(max(int((separation - cube.depth0) / cube.ddepth), 0), n_layers - 1)
        i, j = int(col), int(row)
        shift_x[k] += shifts[layer, j, i, 0] * CUBE_PIXEL_ARCSEC + cube.xoffset
        shift_y[k] += shifts[layer, j, i, 1] * CUBE_PIXEL_ARCSEC + cube.yoffset


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
        if flag[k] != GOOD or not (0.0 < c < 799.0 and 0.0 < r < 799.0):
            flag[k] = OFF_DETECTOR
        col[k] = c
        row[k] = r
    return col, row
