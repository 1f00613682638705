"""The last step of a photon: into storage order, with response and mask, one array a column.

See docs/specification.md, 'Response, mask and weight' (spec-response).
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.ingest.kernels.reduction import PHOTON, PhotonRecords
from gphoton_db.mission import DETECTOR_PIXELS, ResponseScale

BLOCK = 512
"""Photons that are laid out together: they stay in the cache."""


class Grids(NamedTuple):
    """How far stored values may differ from computed ones.

    Positions (deg) are rounded to multiples of ``1 / position``; detector pixels are cut down to
    multiples of ``1 / pixel``, so never across a pixel of any image that divides it; of the
    response's 24 significant bits the last ``response_bits`` are rounded off.  0 = exact.
    """

    position: float
    pixel: float
    response_bits: int


class PhotonColumns(NamedTuple):
    """Columns of n photons; ``known``: whether the detector's flat and mask say anything."""

    t_ms: NDArray[np.int64]
    ra: NDArray[np.float64]
    dec: NDArray[np.float64]
    col: NDArray[np.float32]
    row: NDArray[np.float32]
    response: NDArray[np.float32]
    q: NDArray[np.uint8]
    ya: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    cell: NDArray[np.int32]
    known: NDArray[np.bool_]


@njit(cache=True, nogil=True, error_model="numpy")
def sensitivity(t: float, scale: ResponseScale) -> float:
    """Return the detector's sensitivity relative to the flat at GALEX time `t`, s."""
    factor = scale.step_factor if t >= scale.step_time else 1.0
    return (scale.k0 + scale.k1 * t + scale.k2 * t * t) * factor


@njit(cache=True, nogil=True)
def _empty(n: int) -> PhotonColumns:
    return PhotonColumns(
        np.empty(n, np.int64),
        np.empty(n, np.float64),
        np.empty(n, np.float64),
        np.empty(n, np.float32),
        np.empty(n, np.float32),
        np.zeros(n, np.float32),
        np.empty(n, np.uint8),
        np.empty(n, np.uint8),
        np.empty(n, np.uint8),
        np.zeros(n, np.bool_),
        np.empty(n, np.int32),
        np.zeros(n, np.bool_),
    )


def lay_out(
    photons: PhotonRecords,
    order: NDArray[np.int32],
    origin_ms: int,
    flat: NDArray[np.float32],
    hotspot: NDArray[np.bool_],
    scale: ResponseScale,
    grids: Grids,
) -> PhotonColumns:
    """Return the photons in a given order as columns.

    Parameters
    ----------
    photons : (n,) PHOTON
        Times count from `origin_ms`, GALEX ms.
    order : (n,) int32
        Positions in `photons`.
    flat, hotspot : (800, 800)
        Relative response, and True on masked pixels, both [col, row].
    scale : ResponseScale
        Of the band.
    grids : Grids
        What to round.
    """
    columns = columns_in_order(photons, order, origin_ms, flat, hotspot, scale)
    round_columns(*columns[1:5], columns.response.view(np.uint32), grids)
    return columns


@njit(cache=True, nogil=True, error_model="numpy")
def columns_in_order(
    photons: PhotonRecords,
    order: NDArray[np.int32],
    origin_ms: int,
    flat: NDArray[np.float32],
    hotspot: NDArray[np.bool_],
    scale: ResponseScale,
) -> PhotonColumns:
    """Return the photons in a given order as columns that are not rounded; see `lay_out`."""
    n = len(order)
    columns = _empty(n)
    t_ms, ra, dec, col, row, response, q, ya, flags, mask, cell, known = columns
    block, pixel = np.empty(BLOCK, PHOTON), np.empty(BLOCK, np.int32)
    relative, hot = flat.reshape(-1), hotspot.reshape(-1)
    for first in range(0, n, BLOCK):
        m = min(BLOCK, n - first)
        for k in range(m):  # nothing but this: the processor waits for many records at once
            block[k] = photons[order[first + k]]
        for k in range(m):
            photon, at = block[k], first + k
            t_ms[at] = origin_ms + photon.offset_ms
            ra[at] = photon.ra
            dec[at] = photon.dec
            col[at] = photon.col
            row[at] = photon.row
            q[at] = photon.q
            ya[at] = photon.ya
            flags[at] = photon.flags
            cell[at] = photon.cell
        for k in range(m):
            c, r = col[first + k], row[first + k]
            on = (0.0 < c) & (c < DETECTOR_PIXELS) & (0.0 < r) & (r < DETECTOR_PIXELS)
            known[first + k] = on
            pixel[k] = np.int32(c if on else 0) * DETECTOR_PIXELS + np.int32(r if on else 0)
        for k in range(m):
            at = first + k
            on = known[at]
            mask[at] = hot[pixel[k]] & on
            value = relative[pixel[k]] * sensitivity(t_ms[at] / 1000.0, scale)
            response[at] = value if on else 0.0
    return columns


@njit(cache=True, nogil=True, error_model="numpy")
def round_columns(
    ra: NDArray[np.float64],
    dec: NDArray[np.float64],
    col: NDArray[np.float32],
    row: NDArray[np.float32],
    response_bits: NDArray[np.uint32],
    grids: Grids,
) -> None:
    """Round columns to their grids, in place; `response_bits` is the response seen as integers."""
    if grids.position > 0:
        for k in range(len(ra)):
            ra[k] = np.rint(ra[k] * grids.position) / grids.position
            dec[k] = np.rint(dec[k] * grids.position) / grids.position
            if ra[k] >= 360.0:
                ra[k] = 0.0
    if grids.pixel > 0:
        for k in range(len(col)):
            col[k] = np.floor(col[k] * grids.pixel) / grids.pixel
            row[k] = np.floor(row[k] * grids.pixel) / grids.pixel
    if grids.response_bits > 0:
        half = np.uint32(1 << (grids.response_bits - 1))
        keep = np.uint32(0xFFFFFFFF ^ ((1 << grids.response_bits) - 1))
        for k in range(len(response_bits)):
            response_bits[k] = (response_bits[k] + half) & keep
