"""Photons in apertures and annuli: which they are, and their sums bin by bin."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gphoton_db.kernels.late import late
from gphoton_db.mission import (
    DETECTOR_CENTRE,
    LOW_RESPONSE,
    ON_DETECTOR_PIXELS,
    WIDE_EDGE_PIXELS,
)
from gphoton_db.products.kernels.aperture_sums import OFF_AXIS_PIXELS, Sums

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class TargetGrid(NamedTuple):
    """Targets by the boxes of a grid in right ascension and declination that they reach into.

    Right ascensions are differences from `ra0`, -180 to 180 deg.  Those of box (i, j), i in
    declination, are ``target[start[k]:start[k + 1]]`` with k = i * n_ra + j.
    """

    ra0: float
    ra_low: float
    ra_step: float
    n_ra: int
    dec_low: float
    dec_step: float
    n_dec: int
    start: Ints
    target: NDArray[np.int32]


class Reach(NamedTuple):
    """Radii of the aperture and of the annulus as haversines; no annulus: inner 2, outer -1."""

    aperture: float
    inner: float
    outer: float


class Neighbours(NamedTuple):
    """Known sources in the annulus of each target, deg, whose surroundings do not count.

    Those of target k are ``start[k]`` to ``start[k + 1]``; `limit` is a haversine.
    """

    start: Ints
    ra: Floats
    dec: Floats
    limit: float


class Hits(NamedTuple):
    """Photons in the aperture (``around`` False) or in the annulus (True) of targets."""

    target: NDArray[np.int32]
    photon: NDArray[np.int32]
    around: Bools


NEAR_LIMIT = 1e-7
"""Distances that differ from a radius by less, as a part of it, are worked out exactly."""


@late(cache=True, nogil=True, error_model="numpy")
def haversine(ra1: float, dec1: float, ra2: float, dec2: float) -> float:
    """Return the square of the sine of half an angle on the sky, as the SQL macro works it out."""
    south_north = math.sin(math.radians(dec2 - dec1) / 2)
    west_east = math.sin(math.radians(ra2 - ra1) / 2)
    across = math.cos(math.radians(dec1)) * math.cos(math.radians(dec2))
    return south_north * south_north + across * west_east * west_east


@late(cache=True, nogil=True, error_model="numpy")
def _box_of(ra: float, dec: float, grid: TargetGrid) -> int:
    """Return the number of the box of a position, -1 outside of the grid or without position."""
    east = (ra - grid.ra0 + 540.0) % 360.0 - 180.0
    x = (east - grid.ra_low) / grid.ra_step
    y = (dec - grid.dec_low) / grid.dec_step
    if not (0.0 <= x < grid.n_ra and 0.0 <= y < grid.n_dec):
        return -1
    return int(y) * grid.n_ra + int(x)


@late(cache=True, nogil=True, error_model="numpy")
def _is_masked(target: int, ra: float, dec: float, neighbours: Neighbours) -> bool:
    for k in range(neighbours.start[target], neighbours.start[target + 1]):
        if haversine(neighbours.ra[k], neighbours.dec[k], ra, dec) <= neighbours.limit:
            return True
    return False


@late(cache=True, nogil=True, error_model="numpy")
def _detrad(col: float, row: float) -> float:
    """Return the distance from the detector's centre, pixels."""
    x, y = col - DETECTOR_CENTRE, row - DETECTOR_CENTRE
    return math.sqrt(x * x + y * y)


@late(cache=True, nogil=True, error_model="numpy")
def _aperture_bits(response: float, detrad: float) -> np.uint8:
    """Return the bits that a photon sets in the aperture alone: 8 response, 32 off axis."""
    low, far = np.uint8(response < LOW_RESPONSE), np.uint8(detrad > OFF_AXIS_PIXELS)
    return np.uint8((low << np.uint8(3)) | (far << np.uint8(5)))


@late(cache=True, nogil=True, error_model="numpy")
def _near_limit(distance: float, reach: Reach) -> bool:
    """Return whether rounding may have put a distance on the wrong side of a radius."""
    return (
        abs(distance - reach.aperture) <= NEAR_LIMIT * reach.aperture
        or abs(distance - reach.inner) <= NEAR_LIMIT * reach.inner
        or abs(distance - reach.outer) <= NEAR_LIMIT * abs(reach.outer)
    )


@late(cache=True, nogil=True, error_model="numpy")
def _longer(values: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate((values, np.empty_like(values)))


@late(cache=True, nogil=True, error_model="numpy")
def find_photons(
    ra: Floats,
    dec: Floats,
    good: Bools,
    targets: tuple[Floats, Floats, Floats],
    grid: TargetGrid,
    reach: Reach,
    neighbours: Neighbours,
) -> Hits:
    """Return the photons that lie in apertures or annuli.

    Parameters
    ----------
    ra, dec : (n,) float64
        Photons, deg.
    good : (n,) bool
        Whether they count (`good_photons`).
    targets : tuple of (m,), (m,) and (m, 3) float64
        Right ascension and declination, deg; the same as unit vectors.
    grid, reach, neighbours
        See the classes.
    """
    target_ra, target_dec, vector = targets
    target = np.empty(len(ra) // 4 + 16, np.int32)
    photon = np.empty_like(target)
    around = np.empty(len(target), np.bool_)
    largest = max(reach.aperture, reach.outer) * (1.0 + NEAR_LIMIT)
    n = 0
    for k in range(len(ra)):
        box = _box_of(ra[k], dec[k], grid)
        if box < 0 or not good[k] or grid.start[box] == grid.start[box + 1]:
            continue
        a, d = math.radians(ra[k]), math.radians(dec[k])
        x, y, z = math.cos(d) * math.cos(a), math.cos(d) * math.sin(a), math.sin(d)
        for each in grid.target[grid.start[box] : grid.start[box + 1]]:
            u, v, w = vector[each, 0] - x, vector[each, 1] - y, vector[each, 2] - z
            # A quarter of the squared chord is the haversine, but for rounding.
            distance = (u * u + v * v + w * w) / 4.0
            if distance > largest:
                continue
            if _near_limit(distance, reach):
                distance = haversine(target_ra[each], target_dec[each], ra[k], dec[k])
            in_annulus = reach.inner < distance <= reach.outer
            if in_annulus and _is_masked(each, ra[k], dec[k], neighbours):
                continue
            if not in_annulus and distance > reach.aperture:
                continue
            if n == len(target):
                target, photon, around = _longer(target), _longer(photon), _longer(around)
            # An annulus begins outside of the aperture, so that nothing is in both.
            target[n], photon[n], around[n] = each, k, in_annulus
            n += 1
    return Hits(target[:n].copy(), photon[:n].copy(), around[:n].copy())


@late(cache=True, nogil=True, error_model="numpy")
def good_photons(
    flags: NDArray[np.uint8], response: Floats32, col: Floats32, row: Floats32
) -> Bools:
    """Return which photons count: unflagged, with a weight, within the detector's field."""
    good = np.empty(len(flags), np.bool_)
    for k in range(len(flags)):
        detrad = _detrad(np.float64(col[k]), np.float64(row[k]))
        good[k] = flags[k] == 0 and response[k] > 0 and detrad < ON_DETECTOR_PIXELS
    return good


@late(cache=True, nogil=True, error_model="numpy")
def add_photons(
    hits: Hits,
    t_ms: Ints,
    position: tuple[Floats, Floats],
    place: tuple[Floats32, Floats32],
    response: Floats32,
    mask: Bools,
    q: NDArray[np.uint8],
    edges_ms: tuple[Ints, Ints],
    sums: Sums,
) -> None:
    """Add photons to the sums of their targets and bins.

    Parameters
    ----------
    hits : Hits
        Which photons, of which targets.
    t_ms, position, place, response, mask, q
        All photons of the batch: time, (ra, dec), (col, row), ...
    edges_ms : tuple of (b,) int64
        Starts and ends of the bins, GALEX ms, rising; photons in none are left out.
    sums : Sums
        Changed.
    """
    starts, stops = edges_ms
    for k in range(len(hits.target)):
        at = hits.photon[k]
        bin_ = np.searchsorted(starts, t_ms[at], side="right") - 1
        if bin_ < 0 or t_ms[at] >= stops[bin_]:
            continue
        slot = hits.target[k], bin_
        detrad = _detrad(np.float64(place[0][at]), np.float64(place[1][at]))
        weight = 1.0 / np.float64(response[at])
        bits = np.uint8(mask[at]) | (np.uint8(detrad > WIDE_EDGE_PIXELS) << np.uint8(1))
        if hits.around[k]:
            sums.background_counts[slot] += 1
            sums.background[slot]["weight"] += weight
            sums.background[slot]["squared_weight"] += weight * weight
            sums.bits[slot] |= np.uint8(bits << 6)
            continue
        sums.counts[slot] += 1
        sums.first_ms[slot] = min(sums.first_ms[slot], t_ms[at])
        sums.last_ms[slot] = max(sums.last_ms[slot], t_ms[at])
        bits |= _aperture_bits(np.float64(response[at]), detrad)
        sums.bits[slot] |= np.uint8(bits)
        into = sums.moments[slot]
        _add_moments(into, weight, position[0][at], position[1][at])
        into["since_start_ms"] += t_ms[at] - starts[bin_]
        into["response"] += response[at]
        into["col"] += place[0][at]
        into["row"] += place[1][at]
        into["detrad"] += detrad
        into["q"] += q[at]


@late(cache=True, nogil=True, error_model="numpy")
def _add_moments(into: np.void, weight: float, ra: float, dec: float) -> None:
    """Add what weight and direction (deg) give."""
    into["weight"] += weight
    into["squared_weight"] += weight * weight
    a, d = math.radians(ra), math.radians(dec)
    into["x"] += math.cos(d) * math.cos(a)
    into["y"] += math.cos(d) * math.sin(a)
    into["z"] += math.sin(d)


@late(cache=True, nogil=True, error_model="numpy")
def seconds_in_field(
    targets: Floats, pointing: Floats, bin_of: Ints, smallest_cosine: float, n_bins: int
) -> Floats:
    """Return for how many rows of the aspect each target was in the field, bin by bin.

    Parameters
    ----------
    targets : (m, 3) float64
        Unit vectors.
    pointing : (s, 3) float64
        Unit vectors of the aspect.
    bin_of : (s,) int64
        Bin of each aspect row.
    smallest_cosine : float
        Of the field's radius.
    n_bins : int
        Number of bins.
    """
    seconds = np.zeros((len(targets), n_bins))
    for m in range(len(targets)):
        x, y, z = targets[m]
        for s in range(len(pointing)):
            if x * pointing[s, 0] + y * pointing[s, 1] + z * pointing[s, 2] >= smallest_cosine:
                seconds[m, bin_of[s]] += 1.0
    return seconds
