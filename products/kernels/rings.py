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
    """One photon: radians, its weight or 0 if it has none, its place from the detector's centre."""

    ra: float
    dec: float
    cosine: float
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
def _half_sine(angle: float) -> float:
    """Return the sine of half an angle, radians; close to 1e-12 of it where it is small."""
    if abs(angle) > 0.005:
        return math.sin(angle / 2.0)
    return angle / 2.0 * (1.0 - angle * angle / 24.0)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _distance(ra: float, dec: float, cosine: float, k: int, of: Directions) -> float:
    """Return the haversine between a position (radians) and the k-th of others."""
    north = _half_sine(dec - of.dec[k])
    east = ra - of.ra[k]
    if east > math.pi:
        east -= 2.0 * math.pi
    elif east < -math.pi:
        east += 2.0 * math.pi
    across = _half_sine(east)
    haversine: float = north * north + cosine * of.cosine[k] * across * across
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
    weight = 0.0
    if photons.flags[k] == 0 and photons.response[k] > 0.0:
        weight = 1.0 / np.float64(photons.response[k])
    x = np.float64(photons.col[k]) - DETECTOR_CENTRE
    y = np.float64(photons.row[k]) - DETECTOR_CENTRE
    bits = _bits_of(photons.mask[k], photons.flags[k], x * x + y * y, edges)
    ra, dec = math.radians(photons.ra[k]), math.radians(photons.dec[k])
    q, ya = np.float64(photons.q[k]), np.float64(photons.ya[k])
    return _Photon(ra, dec, math.cos(dec), weight, x, y, q, ya, bits, frame)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _add_to_ring(one: _Photon, each: int, ring: int, reference: int, sums: RingSums) -> None:
    sums.bits[each, one.frame, ring] |= np.uint8(one.bits)
    if one.weight == 0.0:
        return
    into = sums.rings[each, one.frame, ring]
    into[0] += 1.0
    into[1] += one.weight
    into[2] += one.weight * one.weight
    if ring <= reference:
        moments = sums.moments[each]
        moments[0] += 1.0
        moments[1] += one.x
        moments[2] += one.y
        moments[3] += one.x * one.x
        moments[4] += one.y * one.y
        moments[5] += one.q
        moments[6] += one.ya


@njit(cache=True, nogil=True, error_model="numpy")
def add_to_rings(
    photons: PhotonColumns,
    targets: Directions,
    grid: TargetGrid,
    limits: RingLimits,
    edges: Edges,
    clock: FrameClock,
    sums: RingSums,
) -> None:
    """Add photons to the sums of the positions that they are near to.

    Unflagged photons on the detector with a weight count; others of those only set bits, and so do
    photons in ghosts.
    """
    last = limits.outer[-1]
    largest = max(last, limits.sky_outer)
    around = np.empty(len(targets.ra), np.int32)
    for k in range(len(photons.ra)):
        box = _box_of_photon(photons, k, grid)
        if box < 0:
            continue
        frame = _frame_of(photons.t_ms, k, clock)
        if frame < 0:
            continue
        one = _photon(photons, k, frame, edges)
        n_around, free = 0, one.weight > 0.0
        for j in range(grid.start[box], grid.start[box + 1]):
            each = grid.target[j]
            distance = _distance(one.ra, one.dec, one.cosine, each, targets)
            if distance > largest:
                continue
            free = free and distance > limits.mask
            if limits.sky_inner < distance <= limits.sky_outer:
                around[n_around] = each
                n_around += 1
            if distance <= last:
                ring = int(np.searchsorted(limits.outer, distance))
                _add_to_ring(one, each, ring, limits.reference, sums)
        for j in range(n_around if free else 0):
            sky = sums.sky[around[j]]
            sky[0] += 1.0
            sky[1] += one.weight
            sky[2] += one.weight * one.weight
