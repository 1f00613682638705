"""Photons and exposure on HEALPix tiles: 512 x 512 pixels, each tile a nested pixel itself.

Values of a tile are in the nested order of its pixels, so that four that follow one another are
one pixel of the tile of the next lower order.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.kernels.healpix import direction_on, gather_bits, pixel_at, spread_bits
from gphoton_db.mission import CELL_ORDER
from gphoton_db.products.kernels.sky_exposure import Line, add_segment
from gphoton_db.products.kernels.sky_maps import interval_at, is_usable

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]


@njit(cache=True, nogil=True, error_model="numpy")
def usable_photons(
    detector: tuple[Floats32, Floats32, Floats32],
    mask: NDArray[np.bool_],
    flags: NDArray[np.uint8],
    t_ms: Ints,
    intervals: Ints,
    edge: float,
) -> tuple[Ints, Floats32]:
    """Return which photons count in tiles, as in maps, and their weights, 1 / response.

    Parameters
    ----------
    detector : col, row, response
        Detector pixels, and response (NaN beyond the flat).
    mask, flags, t_ms : (n,)
        True on masked pixels; flags; GALEX ms.
    intervals : (m, 2) int64
        From and to (not included), GALEX ms; rising, without overlap.
    edge : float
        Detector radius, pixels, beyond which photons do not count.
    """
    col, row, response = detector
    n, m = len(col), 0
    chosen, weight = np.empty(n, np.int64), np.empty(n, np.float32)
    for k in range(n):
        if not is_usable(col[k], row[k], response[k], mask[k], flags[k], edge):
            continue
        if interval_at(t_ms[k], intervals) >= 0:
            chosen[m], weight[m] = k, np.float32(1.0 / np.float64(response[k]))
            m += 1
    return chosen[:m].copy(), weight[:m].copy()


@njit(cache=True, nogil=True, error_model="numpy")
def pixels_in_cells(ra: Floats, dec: Floats, cell: Ints32, chosen: Ints, order: int) -> Ints:
    """Return the nested pixel of some photons, always one of the photon's own cell.

    Positions in files are rounded, and may lie just outside of the cell that was found before:
    such a photon is given the nearest pixel of its cell.

    Parameters
    ----------
    ra, dec : (n,) float64
        Deg.
    cell : (n,) int32
        Nested, of order `CELL_ORDER`.
    chosen : (m,) int64
        Which of the photons.
    order : int
        Of the pixels, `CELL_ORDER` to 29.
    """
    pixels = np.empty(len(chosen), np.int64)
    finer = 2 * (order - CELL_ORDER)
    for m in range(len(chosen)):
        k = chosen[m]
        a, d = math.radians(ra[k] if ra[k] < 360.0 else ra[k] - 360.0), math.radians(dec[k])
        z, sin_theta = math.sin(d), math.cos(d)
        pixel = pixel_at(z, sin_theta, a, order)
        if pixel >> finer != cell[k]:
            towards = (sin_theta * math.cos(a), sin_theta * math.sin(a), z)
            pixel = _nearest_pixel(towards, cell[k], order)
        pixels[m] = pixel
    return pixels


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest_pixel(towards: tuple[float, float, float], cell: int, order: int) -> int:
    """Return the pixel of a cell whose centre is nearest to a direction."""
    finer = 2 * (order - CELL_ORDER)
    first = int(cell) << finer
    nearest, largest = first, -2.0
    for pixel in range(first, first + (1 << finer)):
        x, y, z = _centre_of(pixel, order)
        cosine = x * towards[0] + y * towards[1] + z * towards[2]
        if cosine > largest:
            nearest, largest = pixel, cosine
    return nearest


@njit(cache=True, nogil=True, error_model="numpy")
def _centre_of(pixel: int, order: int) -> tuple[float, float, float]:
    side = 1.0 / (1 << order)
    x, y = gather_bits(pixel), gather_bits(pixel >> 1)
    within = (1 << order) - 1
    face = pixel >> (2 * order)
    return direction_on(face, ((x & within) + 0.5) * side, ((y & within) + 0.5) * side)


@njit(cache=True, nogil=True, error_model="numpy")
def centres_of(pixels: Ints, order: int) -> Floats:
    """Return the unit vectors, (n, 3), of the centres of nested pixels of an order."""
    vectors = np.empty((len(pixels), 3))
    for k in range(len(pixels)):
        vectors[k] = _centre_of(pixels[k], order)
    return vectors


@njit(cache=True, nogil=True, error_model="numpy")
def points_of_tile(tile: int, order: int, steps: int) -> Floats:
    """Return unit vectors of points on a tile, its borders included.

    Returns
    -------
    (steps + 1, steps + 1, 3) float64
        [along y, along x].
    """
    points = np.empty((steps + 1, steps + 1, 3))
    side, within = 1.0 / (1 << order), (1 << order) - 1
    x, y = gather_bits(tile) & within, gather_bits(tile >> 1) & within
    for j in range(steps + 1):
        for i in range(steps + 1):
            at_x, at_y = (x + i / steps) * side, (y + j / steps) * side
            points[j, i] = direction_on(tile >> (2 * order), at_x, at_y)
    return points


@njit(cache=True, nogil=True)
def add_photons(
    tiles: Ints,
    first: Ints,
    photons: tuple[Ints32, Floats32, Ints32],
    intervals: Ints,
    place: tuple[int, int],
    values: Floats,
) -> None:
    """Add the weights of photons on some tiles to a tile of that order or a lower one, in place.

    Parameters
    ----------
    tiles : (m,) int64
        Tiles that lie on the one of `values`.
    first : (m + 1,) int64
        Photons ``first[k]`` to ``first[k + 1]`` are those on ``tiles[k]``.
    photons : (n,) int32, (n,) float32, (n,) int32
        Pixels in the tile that each was placed in; what each counts; times, in the same count as
        those of `intervals`.
    intervals : (l, 2) int64
        From and to (not included); rising, without overlap.  None (l = 0): all of the time.
    place : (int, int)
        Bits by which `pixel` is shifted to the right, and those of the number of a pixel of the
        tile of `values`.
    values : (4 ** bits / 2,) float64
        Changed.
    """
    pixel, weight, t_ms = photons
    shift, bits = place
    for m in range(len(tiles)):
        at = ((tiles[m] << bits) >> shift) & ((1 << bits) - 1)
        if len(intervals) == 0:
            for k in range(first[m], first[m + 1]):
                values[at + (pixel[k] >> shift)] += weight[k]
        # There are few intervals, and a loop that only compares takes a tenth of a search.
        for i in range(len(intervals)):
            start, stop = intervals[i, 0], intervals[i, 1]
            for k in range(first[m], first[m + 1]):
                if start <= t_ms[k] < stop:
                    values[at + (pixel[k] >> shift)] += weight[k]


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def detector_pixel(axes: Floats, point: Floats) -> tuple[float, float, bool]:
    """Return the detector pixel of a direction, and whether it has one."""
    along = axes[2, 0] * point[0] + axes[2, 1] * point[1] + axes[2, 2] * point[2]
    col = axes[0, 0] * point[0] + axes[0, 1] * point[1] + axes[0, 2] * point[2]
    row = axes[1, 0] * point[0] + axes[1, 1] * point[1] + axes[1, 2] * point[2]
    return col / along, row / along, along > 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def add_exposure_at(
    points: Floats,
    planes: Floats,
    seconds: Floats,
    detector: tuple[Floats32, Floats],
    segment: int,
    exposure: Floats,
) -> None:
    """Add the exposure of some attitudes to points on the sky, in place.

    Parameters
    ----------
    points : (rows, columns, 3) float64
        Unit vectors of `points_of_tile`.
    planes : (n, 3, 3) float64
        For each attitude, the vectors whose products with a direction are the detector column and
        row, and the cosine that both are to be divided by.
    seconds : (n,) float64
        Live time of each attitude, s.
    detector : (800, 800) float32, (801, 801) float64
        What a second on each detector pixel counts, [col, row], and `summed_area` of it.
    segment : int
        Points of a row between which the detector position is taken as linear.
    exposure : (rows, columns) float64
        Changed, s.
    """
    weight, sums = detector
    n_columns = points.shape[1]
    for j in range(points.shape[0]):
        for k in range(len(seconds)):
            col, row, known = detector_pixel(planes[k], points[j, 0])
            for first in range(0, n_columns, segment):
                stop = min(first + segment, n_columns)
                end = min(stop, n_columns - 1)
                next_col, next_row, next_known = detector_pixel(planes[k], points[j, end])
                if known and next_known:
                    line = Line(col, row, next_col, next_row, max(end - first, 1))
                    add_segment(line, seconds[k], weight, sums, exposure[j], first, stop)
                col, row, known = next_col, next_row, next_known


@njit(cache=True, nogil=True, error_model="numpy")
def interpolate_tile(grid: Floats, side: int) -> Floats32:
    """Return the values at the centres of a tile's pixels, linearly between points on it.

    Parameters
    ----------
    grid : (steps + 1, steps + 1) float64
        Values at `points_of_tile`.
    side : int
        Pixels of the tile's side, a multiple of the steps.

    Returns
    -------
    (side * side,) float32
        In nested order.
    """
    values = np.empty(side * side, np.float32)
    steps = grid.shape[0] - 1
    for y in range(side):
        at_y = (y + 0.5) * steps / side
        j = int(at_y)
        fy = at_y - j
        for x in range(side):
            at_x = (x + 0.5) * steps / side
            i = int(at_x)
            fx = at_x - i
            low = grid[j, i] * (1.0 - fx) + grid[j, i + 1] * fx
            high = grid[j + 1, i] * (1.0 - fx) + grid[j + 1, i + 1] * fx
            values[spread_bits(x) + (spread_bits(y) << 1)] = low * (1.0 - fy) + high * fy
    return values
