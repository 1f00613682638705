"""Circles on pixels: how much of each pixel lies inside, and sums of photons in them."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class PixelCircles(NamedTuple):
    """Circles by the pixels that they touch.

    ``number`` (pixels of the image,) int32: position of a pixel in ``start``, -1 where no circle
    touches it; ``start`` (touched + 1,) int64; ``circle`` int32 and ``part`` float64: the circles
    on pixel k, and the parts of its area that they hold, are ``start[k]`` to ``start[k + 1]``.
    """

    number: NDArray[np.int32]
    start: NDArray[np.int64]
    circle: NDArray[np.int32]
    part: Floats


class FrameSums(NamedTuple):
    """Sums over photons, each (circles, frames).

    ``photons``: photons, by the part of their pixel inside; ``total``: their weights, likewise;
    ``variance``: squares of what each added to ``total``; ``bits``: uint8, any photon's.
    """

    photons: Floats
    total: Floats
    variance: Floats
    bits: NDArray[np.uint8]


@njit(cache=True, nogil=True, error_model="numpy")
def overlap(x: float, y: float, radius: float) -> float:
    """Return the area that a circle shares with the unit pixel centred at (0, 0).

    Exact: the integral over the pixel's width of the chord's part within its height.

    Parameters
    ----------
    x, y : float
        Centre of the circle, pixels.
    radius : float
        Pixels.
    """
    left, right = -0.5 - x, 0.5 - x
    bottom, top = -0.5 - y, 0.5 - y
    far_x, far_y = max(abs(left), abs(right)), max(abs(bottom), abs(top))
    if far_x * far_x + far_y * far_y <= radius * radius:
        return 1.0
    left, right = max(left, -radius), min(right, radius)
    if left >= right:
        return 0.0
    shared = _below(left, right, top, radius) - _below(left, right, bottom, radius)
    return min(max(shared, 0.0), 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _below(left: float, right: float, height: float, radius: float) -> float:
    """Return the integral from `left` to `right` of `height`, cut to the circle about (0, 0)."""
    if abs(height) >= radius:
        return math.copysign(_half_disc(right, radius) - _half_disc(left, radius), height)
    reach = math.sqrt(radius * radius - height * height)
    inner_left, inner_right = max(left, -reach), min(right, reach)
    if inner_left >= inner_right:  # all of it lies beyond the chord at this height
        return math.copysign(_half_disc(right, radius) - _half_disc(left, radius), height)
    outside = _half_disc(inner_left, radius) - _half_disc(left, radius)
    outside += _half_disc(right, radius) - _half_disc(inner_right, radius)
    return height * (inner_right - inner_left) + math.copysign(outside, height)


@njit(cache=True, nogil=True, error_model="numpy")
def _half_disc(x: float, radius: float) -> float:
    """Return an antiderivative of sqrt(radius^2 - x^2)."""
    root = math.sqrt(max(radius * radius - x * x, 0.0))
    return (x * root + radius * radius * math.atan2(x, root)) / 2


@njit(cache=True, nogil=True, error_model="numpy")
def circles_on_pixels(
    x: Floats, y: Floats, radius: float, n_columns: int, n_rows: int
) -> PixelCircles:
    """Return the pixels that circles touch.

    Parameters
    ----------
    x, y : (n,) float64
        Centres, pixels from 0 at the centre of the first; NaN: no circle.
    radius : float
        Pixels.
    n_columns, n_rows : int
        Of the image; what lies outside of it is left out.
    """
    number = np.full(n_columns * n_rows, -1, np.int32)
    most = int(len(x) * (math.pi * (radius + 1.5) ** 2 + 4.0))
    pixel, circle, part = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most)
    n = n_touched = 0
    for c in range(len(x)):
        if not (math.isfinite(x[c]) and math.isfinite(y[c])):
            continue
        for j in range(max(_first(y[c] - radius), 0), min(_last(y[c] + radius), n_rows)):
            for i in range(max(_first(x[c] - radius), 0), min(_last(x[c] + radius), n_columns)):
                shared = overlap(x[c] - i, y[c] - j, radius)
                if shared <= 0.0:
                    continue
                at = j * n_columns + i
                if number[at] < 0:
                    number[at] = n_touched
                    n_touched += 1
                pixel[n], circle[n], part[n] = number[at], c, shared
                n += 1
    start = np.zeros(n_touched + 1, np.int64)
    for k in range(n):
        start[pixel[k] + 1] += 1
    for k in range(n_touched):
        start[k + 1] += start[k]
    place, by_pixel, part_by_pixel = start.copy(), np.empty(n, np.int32), np.empty(n)
    for k in range(n):
        slot = place[pixel[k]]
        by_pixel[slot], part_by_pixel[slot] = circle[k], part[k]
        place[pixel[k]] += 1
    return PixelCircles(number, start, by_pixel, part_by_pixel)


@njit(cache=True, nogil=True, error_model="numpy")
def _first(edge: float) -> int:
    return math.floor(min(max(edge + 0.5, -1.0), 1e9))


@njit(cache=True, nogil=True, error_model="numpy")
def _last(edge: float) -> int:
    return math.floor(min(max(edge + 0.5, -1.0), 1e9)) + 1


@njit(cache=True, nogil=True, error_model="numpy")
def add_in_circles(
    pixel: NDArray[np.int32],
    weight: NDArray[np.float32],
    bits: NDArray[np.uint8],
    start: NDArray[np.int64],
    circles: PixelCircles,
    sums: FrameSums,
) -> None:
    """Add photons to the sums of the circles on their pixels, in place.

    Parameters
    ----------
    pixel, weight, bits : (n,) int32, float32, uint8
        Photons: positions in the flattened image, weights (0: none), flag bits.
    start : (frames + 1,) int64
        Where the photons of each frame start, and where those of the last one end.
    circles : PixelCircles
        The circles.
    sums : FrameSums
        Changed.
    """
    for f in range(len(start) - 1):
        for k in range(start[f], start[f + 1]):
            touched = circles.number[pixel[k]]
            if touched < 0:
                continue
            for at in range(circles.start[touched], circles.start[touched + 1]):
                c, part = circles.circle[at], circles.part[at]
                added = part * np.float64(weight[k])
                sums.bits[c, f] |= bits[k]
                if added > 0.0:
                    sums.photons[c, f] += part
                    sums.total[c, f] += added
                    sums.variance[c, f] += added * added


@njit(cache=True, nogil=True, error_model="numpy")
def means_in_circles(x: Floats, y: Floats, radius: float, plane: NDArray[np.float32]) -> Floats:
    """Return the mean of an image's known pixels (not NaN) in each circle, by shared area.

    Parameters
    ----------
    x, y, radius
        As for `circles_on_pixels`.
    plane : (rows, columns) float32
        The image.
    """
    means = np.full(len(x), np.nan)
    n_rows, n_columns = plane.shape
    for c in range(len(x)):
        area = total = 0.0
        if not (math.isfinite(x[c]) and math.isfinite(y[c])):
            continue
        for j in range(max(_first(y[c] - radius), 0), min(_last(y[c] + radius), n_rows)):
            for i in range(max(_first(x[c] - radius), 0), min(_last(x[c] + radius), n_columns)):
                shared = overlap(x[c] - i, y[c] - j, radius)
                if shared > 0.0 and not math.isnan(plane[j, i]):
                    area += shared
                    total += shared * plane[j, i]
        if area > 0.0:
            means[c] = total / area
    return means
