"""Stable counting sorts that bring photons into (cell, time) order."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.ingest.kernels.reduction import PHOTON, PhotonRecords

PIXEL_BITS = 8
"""A sorting pixel is a HEALPix order-9 pixel: the cell without its low eight bits (6.9 arcmin)."""

NO_POSITION = 1 << 30
"""The pixel of photons without a sky position: after all others."""


@njit(cache=True, nogil=True, error_model="numpy")
def group_by_pixel(
    photons: PhotonRecords,
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Order photons by sorting pixel, keeping their order within each.

    Parameters
    ----------
    photons : (n,) PHOTON
        Those with cell -1 have no place on the sky.

    Returns
    -------
    order : (n,) int32
        Positions in `photons`, grouped.
    pixel : (m,) int64
        The pixels found, rising; `NO_POSITION` last.
    start : (m + 1,) int64
        Where each pixel's photons start in `order`.
    """
    n = len(photons)
    lowest, highest = NO_POSITION, -1
    for k in range(n):
        cell = photons[k].cell
        if cell >= 0:
            lowest = min(lowest, cell >> PIXEL_BITS)
            highest = max(highest, cell >> PIXEL_BITS)
    # One counter a pixel between the lowest and the highest; the last is for 'no position'.
    last = max(highest - lowest + 1, 0)
    place = np.zeros(last + 1, np.int32)
    for k in range(n):
        cell = photons[k].cell
        place[last if cell < 0 else (cell >> PIXEL_BITS) - lowest] += 1
    pixel = np.empty(min(n, last + 1), np.int64)
    start = np.zeros(len(pixel) + 1, np.int64)
    m = 0
    for p in range(last + 1):
        if place[p]:
            pixel[m] = NO_POSITION if p == last else lowest + p
            start[m + 1] = start[m] + place[p]
            place[p] = start[m]
            m += 1
    order = np.empty(n, np.int32)
    for k in range(n):
        cell = photons[k].cell
        p = last if cell < 0 else (cell >> PIXEL_BITS) - lowest
        order[place[p]] = k
        place[p] += 1
    return order, pixel[:m].copy(), start[: m + 1].copy()


@njit(cache=True, nogil=True, error_model="numpy")
def order_by_cell(photons: PhotonRecords) -> NDArray[np.int32]:
    """Return the (n,) int32 stable order of photons by cell, those without one last."""
    grouped, pixel, start = group_by_pixel(photons)
    low = (1 << PIXEL_BITS) - 1
    order = np.empty(len(photons), np.int32)
    for j in range(len(pixel)):
        part = grouped[start[j] : start[j + 1]]
        if pixel[j] == NO_POSITION:
            # One by one: numba takes seconds to compile the assignment of a whole part.
            for k in range(len(part)):
                order[start[j] + k] = part[k]
            continue
        place = np.zeros(low + 2, np.int64)
        for k in part:
            place[(photons[k].cell & low) + 1] += 1
        place[0] = start[j]
        for c in range(1, low + 2):
            place[c] += place[c - 1]
        for k in part:
            order[place[photons[k].cell & low]] = k
            place[photons[k].cell & low] += 1
    return order


@njit(cache=True, nogil=True, error_model="numpy")
def reorder(photons: PhotonRecords, order: NDArray[np.int32]) -> PhotonRecords:
    """Return the photons in another order."""
    ordered = np.empty(len(order), PHOTON)
    for k in range(len(order)):
        ordered[k] = photons[order[k]]
    return ordered
