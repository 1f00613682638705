"""A watershed: markers grown over a segment, brightest pixels first."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Labels = NDArray[np.int32]
Mask = NDArray[np.bool_]

STEPS = np.array([[-1, 0], [0, -1], [0, 1], [1, 0], [-1, -1], [-1, 1], [1, -1], [1, 1]])
"""To the eight neighbours, in the order in which a flood takes them."""


@njit(cache=True, nogil=True, error_model="numpy")
def distinct(data: Floats, mask: Mask, markers: Labels, smallest: float) -> Labels:
    """Return the watershed of markers, without the faintest ones, one by one, below a flux."""
    while True:
        _flood(data, mask, markers)
        faintest, n, flux = _faintest(data, markers)
        if n == 1 or not flux < smallest:
            return markers
        for i in range(data.shape[0]):
            for j in range(data.shape[1]):
                if markers[i, j] == faintest:
                    markers[i, j] = 0


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _faintest(data: Floats, markers: Labels) -> tuple[int, int, float]:
    """Return the label of least flux, the number of labels, and that flux."""
    flux = np.full(last_label(markers) + 1, np.nan)
    for i in range(data.shape[0]):
        for j in range(data.shape[1]):
            label = markers[i, j]
            if label > 0:
                flux[label] = data[i, j] + (0.0 if math.isnan(flux[label]) else flux[label])
    faintest, n = 0, 0
    for label in range(1, len(flux)):
        if not math.isnan(flux[label]):
            n += 1
            if faintest == 0 or flux[label] < flux[faintest]:
                faintest = label
    return faintest, n, flux[faintest]


@njit(cache=True, nogil=True, error_model="numpy")
def last_label(labels: Labels) -> int:
    """Return the highest label."""
    last = 0
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            last = max(last, labels[i, j])
    return last


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _flood(data: Floats, mask: Mask, markers: Labels) -> None:
    """Grow markers over the mask, brightest pixels first, in place."""
    height, width = data.shape
    waiting = np.empty(height * width, np.int64)  # a heap: each pixel is in it once at the most
    age = np.zeros(height * width, np.int64)
    n = int(np.int64(0))
    age_now = 0
    bright = np.empty(height * width)
    for i in range(height):
        for j in range(width):
            bright[i * width + j] = data[i, j]
            if markers[i, j] > 0:
                n = _push(waiting, n, bright, age, i * width + j)
    while n > 0:
        n, at = _pop(waiting, n, bright, age)
        i, j = at // width, at % width
        for step in range(8):
            y, x = i + STEPS[step, 0], j + STEPS[step, 1]
            if 0 <= y < height and 0 <= x < width and mask[y, x] and markers[y, x] == 0:
                age_now += 1
                age[y * width + x] = age_now
                markers[y, x] = markers[i, j]
                n = _push(waiting, n, bright, age, y * width + x)


@njit(cache=True, nogil=True, error_model="numpy")
def _before(bright: Floats, age: Ints, one: int, other: int) -> bool:
    """Return whether a pixel comes first: the brighter, the older, the one further ahead."""
    if bright[one] != bright[other]:
        return bool(bright[one] > bright[other])
    return bool(age[one] < age[other] or (age[one] == age[other] and one < other))


@njit(cache=True, nogil=True, error_model="numpy")
def _push(heap: Ints, n: int, bright: Floats, age: Ints, at: int) -> int:
    """Put a pixel into a heap of `n`; return how many are in it then."""
    k = n
    while k > 0 and _before(bright, age, at, heap[(k - 1) // 2]):
        heap[k] = heap[(k - 1) // 2]
        k = (k - 1) // 2
    heap[k] = at
    return n + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _pop(heap: Ints, n: int, bright: Floats, age: Ints) -> tuple[int, int]:
    """Take the first pixel out of a heap of `n`; return how many are left, and the pixel."""
    first, last, n = heap[0], heap[n - 1], n - 1
    k = 0
    while 2 * k + 1 < n:
        child = 2 * k + 1
        if child + 1 < n and _before(bright, age, heap[child + 1], heap[child]):
            child += 1
        if not _before(bright, age, heap[child], last):
            break
        heap[k] = heap[child]
        k = child
    heap[k] = last
    return n, first
