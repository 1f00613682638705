"""Photons in rings about many positions: all apertures, frames and the sky in one pass."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.mission import DETECTOR_CENTRE, Flag
from gphoton_db.products.kernels.aperture_photons import TargetGrid
from gphoton_db.products.kernels.placing import (
    GHOST_BIT,
    HOTSPOT_BIT,
    NARROW_EDGE_BIT,
    WIDE_EDGE_BIT,
    Edges,
    on_detector,
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

    ``outer``: (m,), rising.  ``reference``: number of the last ring of the aperture of reference.
    ``sky_inner``, ``sky_outer``: of the annulus.  ``mask``: what is closer than that to any source
    is no sky.
    """

    outer: Floats
    reference: int
    sky_inner: float
    sky_outer: float
    mask: float


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

    ``rings``: (n, frames, m, 3) float64: photons, sum of weights, sum of their squares.
    ``moments``: (n, `N_MOMENTS`) float64.  ``sky``: (n, 3) float64, as of rings, in the annulus.
    ``bits``: (n, frames, m) uint8: those of the flag image, of any photon, flagged ones too.
    """

    rings: Floats
    moments: Floats
    sky: Floats
    bits: NDArray[np.uint8]


class _Photon(NamedTuple):
    """One photon: radians, 1 and its weight or 0 twice, its place from the detector's centre."""

    ra: float
    dec: float
    cosine: float
    counts: float
    weight: float
    x: float
    y: float
    q: float
    ya: float
    bits: int
    frame: int


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _box_of(ra: float, dec: float, grid: TargetGrid) -> int:
    """Return the number of the box of a position (deg), -1 outside of the grid."""
    east = ra - grid.ra0
    if east >= 180.0:
        east -= 360.0
    elif east < -180.0:
        east += 360.0
    x, y = (east - grid.ra_low) / grid.ra_step, (dec - grid.dec_low) / grid.dec_step
    if not (0.0 <= x < grid.n_ra and 0.0 <= y < grid.n_dec):
        return -1
    return int(y) * grid.n_ra + int(x)


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
def _bits_of(hotspot: bool, flag: int, radius2: float, edges: Edges) -> int:
    """Return the bits of the flag image that a photon sets."""
    bits = HOTSPOT_BIT if hotspot else 0
    bits |= GHOST_BIT if flag == _GHOST else 0
    bits |= WIDE_EDGE_BIT if radius2 > edges.wide * edges.wide else 0
    return bits | (NARROW_EDGE_BIT if radius2 > edges.narrow * edges.narrow else 0)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _box_of_photon(photons: PhotonColumns, k: int, grid: TargetGrid) -> int:
    """Return the box of a photon that may be near to positions, -1 of the others."""
    if photons.flags[k] != 0 and photons.flags[k] != _GHOST:
        return -1
    if not on_detector(photons.ra[k], photons.col[k], photons.row[k]):
        return -1
    box = _box_of(photons.ra[k], photons.dec[k], grid)
    return -1 if box < 0 or grid.start[box] == grid.start[box + 1] else box


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _frame_of(t_ms: NDArray[np.int64], k: int, clock: FrameClock) -> int:
    """Return the frame of a photon, -1 if it is in none; 0 without frames."""
    if clock.length_ms <= 0:
        return 0
    frame = (t_ms[k] - clock.start_ms) // clock.length_ms
    return frame if 0 <= frame < clock.n_frames else -1


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _photon(photons: PhotonColumns, k: int, frame: int, edges: Edges) -> _Photon:
    counts = weight = 0.0
    if photons.flags[k] == 0 and photons.response[k] > 0.0:
        counts, weight = 1.0, 1.0 / np.float64(photons.response[k])
    x = np.float64(photons.col[k]) - DETECTOR_CENTRE
    y = np.float64(photons.row[k]) - DETECTOR_CENTRE
    bits = _bits_of(photons.mask[k], photons.flags[k], x * x + y * y, edges)
    ra, dec = math.radians(photons.ra[k]), math.radians(photons.dec[k])
    q, ya = np.float64(photons.q[k]), np.float64(photons.ya[k])
    return _Photon(ra, dec, math.cos(dec), counts, weight, x, y, q, ya, bits, frame)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _ring_of(distance: float, outer: Floats) -> int:
    """Return the ring of a distance that is not beyond the last."""
    ring = 0
    while distance > outer[ring]:
        ring += 1
    return ring


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _add_weight(one: _Photon, each: int, ring: int, rings: Floats) -> None:
    rings[each, one.frame, ring, 0] += one.counts
    rings[each, one.frame, ring, 1] += one.weight
    rings[each, one.frame, ring, 2] += one.weight * one.weight


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _add_moments(one: _Photon, each: int, moments: Floats) -> None:
    moments[each, 0] += one.counts
    moments[each, 1] += one.counts * one.x
    moments[each, 2] += one.counts * one.y
    moments[each, 3] += one.counts * one.x * one.x
    moments[each, 4] += one.counts * one.y * one.y
    moments[each, 5] += one.counts * one.q
    moments[each, 6] += one.counts * one.ya


@njit(cache=True, nogil=True, error_model="numpy")
def _add_sky(weight: float, around: NDArray[np.int64], sky: Floats) -> None:
    for each in around:
        sky[each, 0] += 1.0
        sky[each, 1] += weight
        sky[each, 2] += weight * weight


@njit(cache=True, nogil=True, error_model="numpy")
def add_to_rings(
    photons: PhotonColumns,
    targets: Directions,
    grid: TargetGrid,
    limits: RingLimits,
    edges: Edges,
    clock: FrameClock,
    first: int,
    sums: RingSums,
) -> None:
    """Add photons to the sums of the positions that they are near to.

    Unflagged photons on the detector with a weight count; others of those only set bits, and so do
    photons in ghosts.  The sums are those of positions from number `first` on, which hold all that
    the photons are near to.
    """
    # By their own names: numba counts references to what is taken out of a tuple in a loop.
    ra, dec, cosine = targets.ra, targets.dec, targets.cosine
    start, target, outer = grid.start, grid.target, limits.outer
    rings, moments, sky, bits = sums.rings, sums.moments, sums.sky, sums.bits
    last, largest = outer[-1], max(outer[-1], limits.sky_outer)
    around = np.empty(len(sums.sky), np.int64)
    for k in range(len(photons.ra)):
        box, frame = _box_of_photon(photons, k, grid), _frame_of(photons.t_ms, k, clock)
        if box < 0 or frame < 0:
            continue
        one = _photon(photons, k, frame, edges)
        n_around, free = 0, one.weight > 0.0
        for j in range(start[box], start[box + 1]):
            at = target[j]
            distance = _distance(one.ra - ra[at], one.dec - dec[at], one.cosine * cosine[at])
            if distance > largest:
                continue
            each = at - first
            free = free and distance > limits.mask
            if limits.sky_inner < distance <= limits.sky_outer:
                around[n_around] = each
                n_around += 1
            if distance <= last:
                ring = _ring_of(distance, outer)
                bits[each, frame, ring] |= np.uint8(one.bits)
                _add_weight(one, each, ring, rings)
                if ring <= limits.reference:
                    _add_moments(one, each, moments)
        if free:
            _add_sky(one.weight, around[:n_around], sky)
