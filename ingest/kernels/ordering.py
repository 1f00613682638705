"""Stable counting sorts that bring photons into (cell, time) order."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

PIXEL_BITS = 6
"""A sorting pixel is a HEALPix order-10 pixel: the cell without its low six bits (3.4 arcmin)."""

NO_POSITION = 1 << 30
"""The pixel of photons without a sky position: after all others."""


@njit(cache=True, nogil=True)
def group_by_pixel(
    cell: NDArray[np.int32], slot_of: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Order photons by sorting pixel, keeping their order within each.

    Parameters
    ----------
    cell : (n,) int32
        HEALPix cells; -1 = none.
    slot_of : (12 * 4**10 + 1,) int32
        Scratch, all zero before and after.

    Returns
    -------
    order : (n,) int32
        Positions in `cell`, grouped.
    pixel : (m,) int64
        The pixels found, rising; `NO_POSITION` last.
    start : (m + 1,) int64
        Where each pixel's photons start in `order`.
    """
    last = len(slot_of) - 1
    n = len(cell)
    found = np.empty(n, np.int32)
    count = np.zeros(n, np.int64)
    m = 0
    for k in range(n):
        p = last if cell[k] < 0 else cell[k] >> PIXEL_BITS
        if slot_of[p] == 0:
            found[m] = p
            m += 1
            slot_of[p] = m
        count[slot_of[p] - 1] += 1
    pixel = np.sort(found[:m])
    start = np.zeros(m + 1, np.int64)
    for j in range(m):
        start[j + 1] = start[j] + count[slot_of[pixel[j]] - 1]
    for j in range(m):
        slot_of[pixel[j]] = j
    place = start[:m].copy()
    order = np.empty(n, np.int32)
    for k in range(n):
        j = slot_of[last if cell[k] < 0 else cell[k] >> PIXEL_BITS]
        order[place[j]] = k
        place[j] += 1
    names = np.empty(m, np.int64)
    for j in range(m):
        slot_of[pixel[j]] = 0
        names[j] = NO_POSITION if pixel[j] == last else pixel[j]
    return order, names, start


@njit(cache=True, nogil=True)
def order_by_cell(cell: NDArray[np.int32], slot_of: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the (n,) int32 stable order of photons by cell, those without one last.

    Parameters are those of `group_by_pixel`, which does the first half of the work; within a
    pixel there are only 64 cells.
    """
    grouped, pixel, start = group_by_pixel(cell, slot_of)
    low = (1 << PIXEL_BITS) - 1
    order = np.empty(len(cell), np.int32)
    for j in range(len(pixel)):
        part = grouped[start[j] : start[j + 1]]
        if pixel[j] == NO_POSITION:
            order[start[j] : start[j + 1]] = part
            continue
        place = np.zeros(low + 2, np.int64)
        for k in part:
            place[(cell[k] & low) + 1] += 1
        place[0] = start[j]
        for c in range(1, low + 2):
            place[c] += place[c - 1]
        for k in part:
            order[place[cell[k] & low]] = k
            place[cell[k] & low] += 1
    return order
