"""Photons in rings about many positions: all apertures, frames and the sky in one pass."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.mission import DETECTOR_CENTRE, ON_DETECTOR_PIXELS, Flag
from gphoton_db.products.kernels.aperture_photons import TargetGrid
from gphoton_db.products.kernels.placing import (
    GHOST_BIT,
    HOTSPOT_BIT,
    NARROW_EDGE_BIT,
    WIDE_EDGE_BIT,
    Edges,
)

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]

_GHOST = int(Flag.GHOST)

N_MOMENTS = 7
"""Sums over the photons of the aperture of reference: their number, column, row, the squares of
these (both from the detector's centre, pixels), q and ya."""


class Directions(NamedTuple):
    """Positions, (n,) radians each, and the cosines of the declinations."""

    ra: Floats
    dec: Floats
    cosine: Floats


class RingLimits(NamedTuple):
    """Where rings end, as haversines.

    ``outer``: (m + 1,), rising, the last infinite.  ``reference``: number of the last ring of the
    aperture of reference.  ``sky_inner``, ``sky_outer``: of the annulus.  ``mask``: what is closer
    than that to any source is no sky.  ``ring`` (bins,) uint16, ``bins``: the ring in which bin
    ``distance * bins`` begins.
    """

    outer: Floats
    reference: int
    sky_inner: float
    sky_outer: float
    mask: float
    ring: NDArray[np.uint16]
    bins: float


class FrameClock(NamedTuple):
    """Frames of `length_ms` from `start_ms` on; photons in none are left out."""

    start_ms: int
    length_ms: int
    n_frames: int


class PhotonColumns(NamedTuple):
    """Columns of photons, as they are read."""

    ra: Floats
    dec: Floats
    col: Floats32
    row: Floats32
    response: Floats32
    mask: NDArray[np.bool_]
    flags: NDArray[np.uint8]
    q: NDArray[np.uint8]
    ya: NDArray[np.uint8]
    t_ms: NDArray[np.int64]


class RingSums(NamedTuple):
    """What positions have.

    ``rings``: (n, frames, m + 1, 3) float64: photons, sum of weights, sum of their squares; the
    last ring has some of what is in no aperture, and is of no use.
    ``moments``: (n, `N_MOMENTS`) float64.  ``sky``: (n, 3) float64, as of rings, in the annulus.
    ``bits``: (n, frames, m + 1) uint8: those of the flag image, of any photon, flagged ones too.
    """

    rings: Floats
    moments: Floats
    sky: Floats
    bits: NDArray[np.uint8]


# Arrays are given one by one, and not as they are in tuples: for each that is taken out of a tuple
# in a loop, numba counts references, which takes longer than what is done with it.


@njit(cache=True, nogil=True, error_model="numpy")
def _boxes_of(
    position: tuple[Floats, Floats],
    pixel: tuple[Floats32, Floats32],
    flags: NDArray[np.uint8],
    grid: TargetGrid,
    box: NDArray[np.int32],
) -> None:
    """Give the box of the grid of each photon, -1 to those that count for nothing."""
    (ra, dec), (col, row) = position, pixel
    ra0, ra_low, dec_low = grid.ra0, grid.ra_low, grid.dec_low
    per_ra, per_dec = 1.0 / grid.ra_step, 1.0 / grid.dec_step
    n_ra, n_dec, most = grid.n_ra, grid.n_dec, ON_DETECTOR_PIXELS * ON_DETECTOR_PIXELS
    for k in range(len(ra)):
        east = ra[k] - ra0
        east = east - 360.0 if east >= 180.0 else (east + 360.0 if east < -180.0 else east)
        x, y = (east - ra_low) * per_ra, (dec[k] - dec_low) * per_dec
        across, along = col[k] - DETECTOR_CENTRE, row[k] - DETECTOR_CENTRE
        inside = (x >= 0.0) & (x < n_ra) & (y >= 0.0) & (y < n_dec)
        usable = (flags[k] == 0) | (flags[k] == _GHOST)
        usable &= inside & (across * across + along * along < most)
        x, y = (x if usable else 0.0), (y if usable else 0.0)
        box[k] = np.int32(y) * np.int32(n_ra) + np.int32(x) if usable else -1


@njit(cache=True, nogil=True, error_model="numpy")
def _weigh(photons: PhotonColumns, edges: Edges, weight: Floats, bits: NDArray[np.uint8]) -> None:
    """Give the weight of each photon, 0 to those that do not count, and bits of the flag image."""
    response, flags, mask = photons.response, photons.flags, photons.mask
    col, row = photons.col, photons.row
    wide, narrow = edges.wide * edges.wide, edges.narrow * edges.narrow
    for k in range(len(col)):
        counts = (flags[k] == 0) & (response[k] > 0.0)
        weight[k] = 1.0 / np.float64(response[k]) if counts else 0.0
        x = np.float64(col[k]) - DETECTOR_CENTRE
        y = np.float64(row[k]) - DETECTOR_CENTRE
        radius2 = x * x + y * y
        bit = HOTSPOT_BIT * np.uint8(mask[k]) | GHOST_BIT * np.uint8(flags[k] == _GHOST)
        bit |= WIDE_EDGE_BIT * np.uint8(radius2 > wide)
        bits[k] = bit | NARROW_EDGE_BIT * np.uint8(radius2 > narrow)


@njit(cache=True, nogil=True, error_model="numpy")
def prepared(
    photons: PhotonColumns, grid: TargetGrid, edges: Edges
) -> tuple[NDArray[np.int32], Floats, NDArray[np.uint8]]:
    """Return box, weight and bits of each photon."""
    n = len(photons.ra)
    box, weight, bits = np.empty(n, np.int32), np.empty(n), np.empty(n, np.uint8)
    position, pixel = (photons.ra, photons.dec), (photons.col, photons.row)
    _boxes_of(position, pixel, photons.flags, grid, box)
    _weigh(photons, edges, weight, bits)
    return box, weight, bits


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _half_sine_squared(angle: float) -> float:
    """Return the square of the sine of half an angle, radians; close to 1e-15 of it."""
    square = angle * angle / 4.0
    if square > 1e-6:
        sine = math.sin(angle / 2.0)
        return sine * sine
    return square * (1.0 - square * (1.0 / 3.0 - square * (2.0 / 45.0)))


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _distance(east: float, north: float, cosines: float) -> float:
    """Return a haversine from differences (radians) and the product of the cosines of dec."""
    # Right ascensions may differ by a whole circle: the sine is the same.
    haversine: float = _half_sine_squared(north) + cosines * _half_sine_squared(east)
    return haversine


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _frame_of(t_ms: NDArray[np.int64], k: int, clock: FrameClock) -> int:
    """Return the frame of a photon, -1 if it is in none; 0 without frames."""
    if clock.length_ms <= 0:
        return 0
    frame = (t_ms[k] - clock.start_ms) // clock.length_ms
    return frame if 0 <= frame < clock.n_frames else -1


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _ring_of(distance: float, ring: int, outer: Floats) -> int:
    """Return the ring of a distance that is in no earlier one than `ring`."""
    while distance > outer[ring]:
        ring += 1
    return ring


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _add_weight(
    counts: float,
    weight: float,
    flag: int,
    to: tuple[int, int, int],
    rings: Floats,
    bits: NDArray[np.uint8],
) -> None:
    rings[to[0], to[1], to[2], 0] += counts
    rings[to[0], to[1], to[2], 1] += weight
    rings[to[0], to[1], to[2], 2] += weight * weight
    if flag:
        bits[to] |= np.uint8(flag)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _add_moments(
    counts: float, readings: tuple[float, float, int, int], each: int, moments: Floats
) -> None:
    x = np.float64(readings[0]) - DETECTOR_CENTRE
    y = np.float64(readings[1]) - DETECTOR_CENTRE
    moments[each, 0] += counts
    moments[each, 1] += counts * x
    moments[each, 2] += counts * y
    moments[each, 3] += counts * x * x
    moments[each, 4] += counts * y * y
    moments[each, 5] += counts * np.float64(readings[2])
    moments[each, 6] += counts * np.float64(readings[3])


@njit(cache=True, nogil=True, error_model="numpy")
def _add_sky(weight: float, around: NDArray[np.int64], sky: Floats) -> None:
    for each in around:
        sky[each, 0] += 1.0
        sky[each, 1] += weight
        sky[each, 2] += weight * weight


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def find_near(
    photon: tuple[float, float, float],
    part: tuple[int, int],
    ra: Floats,
    dec: Floats,
    cosine: Floats,
    reach: tuple[float, float],
    near: NDArray[np.int64],
    distance: Floats,
) -> tuple[int, int]:
    """Find places near to a photon: how many within the first reach, and within the second.

    Without branches, which a processor could not foresee.
    """
    n = n_closer = 0
    for j in range(part[0], part[1]):
        found = _distance(photon[0] - ra[j], photon[1] - dec[j], photon[2] * cosine[j])
        near[n], distance[n] = j, found
        n += int(found <= reach[0])
        n_closer += int(found <= reach[1])
    return n, n_closer


@njit(cache=True, nogil=True, error_model="numpy")
def add_to_rings(
    photons: PhotonColumns,
    places: Directions,
    grid: TargetGrid,
    limits: RingLimits,
    edges: Edges,
    clock: FrameClock,
    first: int,
    sums: RingSums,
) -> None:
    """Add photons to the sums of the positions that they are near to.

    Unflagged photons on the detector with a weight count; others of those only set bits, and so do
    photons in ghosts.  `places` are those of ``grid.target``, in its order.  The sums are those of
    positions from number `first` on, which hold all that the photons are near to.
    """
    box, weight, flag = prepared(photons, grid, edges)
    ra, dec, col, row = photons.ra, photons.dec, photons.col, photons.row
    q, ya, t_ms = photons.q, photons.ya, photons.t_ms
    at_ra, at_dec, cosine = places.ra, places.dec, places.cosine
    start, target, outer, ring_at = grid.start, grid.target, limits.outer, limits.ring
    rings, moments, sky, bits = sums.rings, sums.moments, sums.sky, sums.bits
    reach, top = (max(outer[-2], limits.sky_outer), limits.mask), float(len(ring_at) - 1)
    # One longer than what may be found: the place after the last is written, too.
    near, distance = np.empty(len(sky) + 1, np.int64), np.empty(len(sky) + 1)
    around = np.empty(len(sky) + 1, np.int64)
    for k in range(len(box)):
        frame = _frame_of(t_ms, k, clock)
        if box[k] < 0 or frame < 0:
            continue
        part, own, north = (start[box[k]], start[box[k] + 1]), weight[k], math.radians(dec[k])
        photon = math.radians(ra[k]), north, math.cos(north)
        n_near, n_covered = find_near(photon, part, at_ra, at_dec, cosine, reach, near, distance)
        counts, n_around = 1.0 if own > 0.0 else 0.0, 0
        for i in range(n_near):
            each, found = target[near[i]] - first, distance[i]
            around[n_around] = each
            n_around += int((found > limits.sky_inner) & (found <= limits.sky_outer))
            ring = _ring_of(found, int(ring_at[int(min(found * limits.bins, top))]), outer)
            _add_weight(counts, own, flag[k], (each, frame, ring), rings, bits)
            if ring <= limits.reference:
                _add_moments(counts, (col[k], row[k], q[k], ya[k]), each, moments)
        if n_covered == 0 and own > 0.0:
            _add_sky(own, around[:n_around], sky)
