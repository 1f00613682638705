"""Segments of an image, by their pixels: which stand out, which hang together, what they measure.

Few pixels stand out, so no plane of the image's size is needed for them.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Labels = NDArray[np.int32]
Pixels = tuple[Ints, Floats, Floats]


class Shapes(NamedTuple):
    """What is measured of segments, each (n,) and in the order of their labels.

    Of the image: ``area`` (pixels), ``flux`` (sum), ``highest`` and ``lowest``.  Of the smoothed
    image, where it is above 0: ``x``, ``y`` (centroid, pixels from 0 at the centre of the first),
    ``xx``, ``xy``, ``yy`` (mean squares and product of the distances from it).
    """

    area: Ints
    flux: Floats
    highest: Floats
    lowest: Floats
    x: Floats
    y: Floats
    xx: Floats
    xy: Floats
    yy: Floats


@njit(cache=True, nogil=True, error_model="numpy")
def pixels_above(
    image: Floats,
    kernel: Floats,
    noise: Floats,
    outside: NDArray[np.bool_],
    threshold: tuple[float, float],
    first: int,
) -> Pixels:
    """Return the pixels of a smoothed image that stand out.

    Parameters
    ----------
    image : (r, columns) float64
        Some rows.
    kernel : (3, 3) float64
        That they are smoothed with; beyond `image` there is nothing.
    noise : (n, columns) float64
        Rms of the background in `n` of the rows.
    outside : (n, columns) bool
        Pixels of these rows that are left out.
    threshold : tuple of float
        Multiple of the rms, and the least rms.
    first : int
        The first of these rows in `image`, which should have a row more on either side.

    Returns
    -------
    pixel : (p,) int64
        Positions in the flattened `noise`, rising.
    value, smooth : (p,) float64
        The image there, and the smoothed one.
    """
    multiplier, least = threshold
    n_rows, n_columns = noise.shape
    pixel, value, smooth = np.empty(1024, np.int64), np.empty(1024), np.empty(1024)
    line = np.empty(n_columns)
    n = 0
    for i in range(n_rows):
        _smooth_row(image, kernel, first + i, line)
        for j in range(n_columns):
            here = line[j]
            if outside[i, j] or not here > multiplier * max(noise[i, j], least):
                continue
            if n == len(pixel):
                pixel = np.concatenate((pixel, np.empty_like(pixel)))
                value = np.concatenate((value, np.empty_like(value)))
                smooth = np.concatenate((smooth, np.empty_like(smooth)))
            pixel[n], value[n], smooth[n] = i * n_columns + j, image[first + i, j], here
            n += 1
    return pixel[:n].copy(), value[:n].copy(), smooth[:n].copy()


@njit(cache=True, nogil=True, error_model="numpy")
def _smooth_row(image: Floats, kernel: Floats, i: int, line: Floats) -> None:
    """Smooth a row; but for its ends in a loop that takes several pixels at a time."""
    last = image.shape[1] - 1
    inner = 0 < i < image.shape[0] - 1
    for j in range(last + 1) if not inner else range(0, last + 1, max(last, 1)):
        line[j] = _smooth_at(image, kernel, i, j)
    if not inner:
        return
    a, b, c = kernel[0, 0], kernel[0, 1], kernel[0, 2]
    d, e, f = kernel[1, 0], kernel[1, 1], kernel[1, 2]
    g, h, k = kernel[2, 0], kernel[2, 1], kernel[2, 2]
    for j in range(1, last):
        # The same sums in the same order as of `_smooth_at`.
        value = a * image[i - 1, j - 1] + b * image[i - 1, j] + c * image[i - 1, j + 1]
        value = value + d * image[i, j - 1] + e * image[i, j] + f * image[i, j + 1]
        value = value + g * image[i + 1, j - 1] + h * image[i + 1, j] + k * image[i + 1, j + 1]
        line[j] = value


@njit(cache=True, nogil=True, error_model="numpy")
def _smooth_at(image: Floats, kernel: Floats, i: int, j: int) -> float:
    value = 0.0
    for k in range(3):
        for m in range(3):
            y, x = i + k - 1, j + m - 1
            if 0 <= y < image.shape[0] and 0 <= x < image.shape[1]:
                value += kernel[k, m] * image[y, x]
    return value


@njit(cache=True, nogil=True, error_model="numpy")
def label_pixels(pixel: Ints, n_columns: int, least: int) -> tuple[Labels, int]:
    """Number the groups of pixels that share sides, in the order of their first pixels.

    Parameters
    ----------
    pixel : (n,) int64
        Positions in the flattened image, rising.
    n_columns : int
        Of the image.
    least : int
        Pixels of a group.

    Returns
    -------
    label : (n,) int32
        Numbers from 1; 0 in groups that are too small.
    n_groups : int
        The last of them.
    """
    parent = np.empty(len(pixel), np.int64)
    above = 0
    for k in range(len(pixel)):
        parent[k] = k
        if k > 0 and pixel[k - 1] == pixel[k] - 1 and pixel[k] % n_columns > 0:
            _join(parent, k - 1, k)
        while pixel[above] < pixel[k] - n_columns:
            above += 1
        if pixel[above] == pixel[k] - n_columns:
            _join(parent, above, k)
    size = np.zeros(len(pixel), np.int64)
    for k in range(len(pixel)):
        size[_first(parent, k)] += 1
    label, n = np.zeros(len(pixel), np.int32), 0
    for k in range(len(pixel)):
        first = _first(parent, k)
        if first == k and size[k] >= least:
            n += 1
            label[k] = n
        label[k] = label[first]
    return label, n


@njit(cache=True, nogil=True, error_model="numpy")
def _first(parent: Ints, k: int) -> int:
    """Return the first pixel of the group of one, and remember it."""
    first = k
    while parent[first] != first:
        first = parent[first]
    while parent[k] != first:
        parent[k], k = first, parent[k]
    return first


@njit(cache=True, nogil=True, error_model="numpy")
def _join(parent: Ints, one: int, other: int) -> None:
    a, b = _first(parent, one), _first(parent, other)
    parent[max(a, b)] = min(a, b)


@njit(cache=True, nogil=True, error_model="numpy")
def measure_segments(pixels: Pixels, n_columns: int, label: Labels, n: int) -> Shapes:
    """Return what is measured of segments; see `Shapes`.

    Parameters
    ----------
    pixels : tuple
        As of `pixels_above`, in the flattened image.
    n_columns : int
        Of the image.
    label : (p,) int32
        Segments of the pixels, from 1 to `n`, each used; 0 for none.
    n : int
        How many segments there are.
    """
    pixel, value, smooth = pixels
    area, sums = np.zeros(n, np.int64), np.zeros((9, n))
    flux, highest, lowest, weight, x, y, xx, xy, yy = sums
    for k in range(n):
        highest[k], lowest[k] = -np.inf, np.inf
    for p in range(len(pixel)):
        k, w = label[p] - 1, max(smooth[p], 0.0)
        if k < 0:
            continue
        area[k] += 1
        flux[k] += value[p]
        highest[k], lowest[k] = max(highest[k], value[p]), min(lowest[k], value[p])
        weight[k] += w
        x[k] += w * (pixel[p] % n_columns)
        y[k] += w * (pixel[p] // n_columns)
    for k in range(n):
        x[k] /= weight[k]
        y[k] /= weight[k]
    for p in range(len(pixel)):
        k, w = label[p] - 1, max(smooth[p], 0.0)
        if k < 0:
            continue
        dx, dy = pixel[p] % n_columns - x[k], pixel[p] // n_columns - y[k]
        xx[k] += w * dx * dx
        xy[k] += w * dx * dy
        yy[k] += w * dy * dy
    for k in range(n):
        xx[k] /= weight[k]
        xy[k] /= weight[k]
        yy[k] /= weight[k]
    return Shapes(area, flux, highest, lowest, x, y, xx, xy, yy)
