"""Photons to the pixels of images: where they fall, what they weigh, which flag bits they set."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.mission import DETECTOR_CENTRE, ON_DETECTOR_PIXELS, Flag
from gphoton_db.products.kernels.projection import (
    Projection,
    index_of,
    indices_near,
    pixel_of,
    plane_of,
)

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

DOSE_SCALE = 4
"""Pixels of the detector histogram in one detector pixel."""

DOSE_SIDE = 3200

HOTSPOT_BIT = 1
GHOST_BIT = 2
WIDE_EDGE_BIT = 4
NARROW_EDGE_BIT = 8

_GHOST = int(Flag.GHOST)


class Edges(NamedTuple):
    """Detector radii, pixels, beyond which a photon is of the wide and of the narrow edge."""

    wide: float
    narrow: float


class PlacedPhotons(NamedTuple):
    """The photons of a batch that are on the detector.

    ``pixel``: int64, in the flattened image, -1 outside; ``weight``: float64, 1 / response, 0
    where the response is 0; ``bits``: uint8, of the flag image; ``row``: int32, in the batch.
    """

    pixel: NDArray[np.int64]
    weight: Floats
    bits: NDArray[np.uint8]
    row: NDArray[np.int32]


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def on_detector(ra: float, col: float, row: float) -> bool:
    """Return whether a photon has a position and lies within the detector's field."""
    x, y = col - DETECTOR_CENTRE, row - DETECTOR_CENTRE
    return not math.isnan(ra) and x * x + y * y < ON_DETECTOR_PIXELS * ON_DETECTOR_PIXELS


@njit(cache=True, nogil=True, error_model="numpy")
def bounds_on_detector(
    ra: Floats, dec: Floats, col: Floats32, row: Floats32, ra0: float
) -> tuple[float, float, float, float]:
    """Return the bounds of the photons on the detector.

    Parameters
    ----------
    ra, dec, col, row : (n,)
        Deg, and detector pixels.
    ra0 : float
        Right ascension, deg, that differences are taken from: they do not jump at RA 0.

    Returns
    -------
    h_min, h_max, dec_min, dec_max : float
        Deg; right ascensions are relative to `ra0`, in [-180, 180).  ``h_min > h_max`` where no
        photon is on the detector.
    """
    h_min, h_max, dec_min, dec_max = math.inf, -math.inf, math.inf, -math.inf
    for k in range(len(ra)):
        if not on_detector(ra[k], col[k], row[k]):
            continue
        h = ra[k] - ra0
        if h >= 180.0:
            h -= 360.0
        elif h < -180.0:
            h += 360.0
        h_min, h_max = min(h_min, h), max(h_max, h)
        dec_min, dec_max = min(dec_min, dec[k]), max(dec_max, dec[k])
    return h_min, h_max, dec_min, dec_max


@njit(cache=True, nogil=True, error_model="numpy")
def reach_on_detector(
    ra: Floats, dec: Floats, col: Floats32, row: Floats32, projection: Projection
) -> tuple[float, float]:
    """Return how far photons on the detector lie from the reference pixel, in x and y, pixels."""
    plane = plane_of(projection)
    reach_x = reach_y = 0.0
    for k in range(len(ra)):
        if on_detector(ra[k], col[k], row[k]):
            x, y = pixel_of(ra[k], dec[k], plane)
            reach_x = max(reach_x, abs(x - projection.crpix1))
            reach_y = max(reach_y, abs(y - projection.crpix2))
    return reach_x, reach_y


@njit(cache=True, nogil=True, error_model="numpy")
def place(
    ra: Floats,
    dec: Floats,
    col: Floats32,
    row: Floats32,
    response: Floats32,
    mask: NDArray[np.bool_],
    flags: NDArray[np.uint8],
    projection: Projection,
    edges: Edges,
) -> PlacedPhotons:
    """Return the photons on the detector, each with its pixel, weight and flag bits.

    Parameters
    ----------
    ra, dec, col, row, response, mask, flags : (n,)
        Columns of the photon files; NaN where a position or response is unknown.
    projection : Projection
        Of the image.
    edges : Edges
        Thresholds of the two edge bits.
    """
    n, m = len(ra), 0
    pixel, weight = np.empty(n, np.int64), np.empty(n, np.float64)
    bits, batch_row = np.empty(n, np.uint8), np.empty(n, np.int32)
    plane, index = plane_of(projection), np.empty(n)
    all_near = indices_near(ra, dec, projection, index)
    wide, narrow = edges.wide * edges.wide, edges.narrow * edges.narrow
    for k in range(n):
        if not on_detector(ra[k], col[k], row[k]):
            continue
        if not all_near:
            x, y = pixel_of(ra[k], dec[k], plane)
            index[k] = index_of(x, y, projection)
        pixel[m] = int(index[k])
        weight[m] = 1.0 / np.float64(response[k]) if response[k] > 0.0 else 0.0
        from_x, from_y = col[k] - DETECTOR_CENTRE, row[k] - DETECTOR_CENTRE
        radius2 = from_x * from_x + from_y * from_y
        bit = HOTSPOT_BIT if mask[k] else 0
        bit |= GHOST_BIT if flags[k] == _GHOST else 0
        bit |= WIDE_EDGE_BIT if radius2 > wide else 0
        bit |= NARROW_EDGE_BIT if radius2 > narrow else 0
        bits[m] = bit
        batch_row[m] = k
        m += 1
    return PlacedPhotons(pixel[:m], weight[:m], bits[:m], batch_row[:m])


@njit(cache=True, nogil=True, error_model="numpy")
def dose_indices(col: Floats32, row: Floats32, chosen: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return positions of the `chosen` photons in the flattened detector histogram.

    With `add_ones` it counts what ``fast_histogram.histogram2d`` would, which the tests compare.
    That has no way to add to a histogram: each call fills 82 MB of its own.  With fast-histogram
    0.14 (November 2026, ``benchmarks/dose.py``) the best of three ways took 6.3 times as long for
    400,000 photons, and 3.5 times for 16 million.
    """
    index = np.empty(len(chosen), np.int32)
    for j in range(len(chosen)):
        k = chosen[j]
        index[j] = int(col[k] * DOSE_SCALE) * DOSE_SIDE + int(row[k] * DOSE_SCALE)
    return index


@njit(cache=True, nogil=True, error_model="numpy")
def add_counts(placed: PlacedPhotons, count: Floats, flag: NDArray[np.uint8]) -> tuple[int, int]:
    """Add photons to a flattened count image and set bits of its flag image, in place.

    Returns
    -------
    n_no_weight, n_outside : int
        Photons without a weight, which are not in the count image, and photons outside of it.
    """
    n_no_weight = n_outside = 0
    for k in range(len(placed.pixel)):
        index = placed.pixel[k]
        if index < 0:
            n_outside += 1
            continue
        if placed.weight[k] == 0.0:
            n_no_weight += 1
        count[index] += placed.weight[k]
        flag[index] |= placed.bits[k]
    return n_no_weight, n_outside


@njit(cache=True, nogil=True)
def add_ones(index: NDArray[np.int32], histogram: NDArray[np.int32]) -> None:
    """Count positions in a flattened histogram, in place."""
    for k in range(len(index)):
        histogram[index[k]] += 1
