"""The photons of many apertures, source by source in the order of time, from one pass."""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.mission import DETECTOR_CENTRE, ON_DETECTOR_PIXELS
from gphoton_db.products.kernels.aperture_photons import TargetGrid
from gphoton_db.products.kernels.placing import (
    GHOST_BIT,
    HOTSPOT_BIT,
    NARROW_EDGE_BIT,
    WIDE_EDGE_BIT,
    Edges,
)
from gphoton_db.products.kernels.rings import (
    Directions,
    FrameClock,
    PhotonColumns,
    find_near,
    prepared,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]
Bools = NDArray[np.bool_]

_DIRTY = HOTSPOT_BIT | NARROW_EDGE_BIT

LOW_Q = 5
"""Pulse heights below this are low."""

N_PARTS = 9
"""Sums over photons of the aperture, flagged ones too: their number; those on a masked hotspot, in
a ghost, beyond the wide and the narrow edge; those of low pulse height; and the pulse heights.
Then the number of those that are listed, and their weights."""


class ListLimits(NamedTuple):
    """Haversines: of the aperture, the ends of the annulus, and of what is no sky around each."""

    aperture: float
    sky_inner: float
    sky_outer: float
    mask: float


class Listed(NamedTuple):
    """Photons in apertures, in any order: number of the source, ms from the start, weight."""

    source: Ints32
    t_ms: Ints32
    weight: NDArray[np.float32]


class Times(NamedTuple):
    """Photons of sources, one after the other: ms from the start, weight."""

    t_ms: Ints32
    weight: NDArray[np.float32]


class ListSums(NamedTuple):
    """Sums over the photons of n sources.

    ``parts``: (n, `N_PARTS`).  ``sky``: (n, 2) photons and weights of the annulus.  ``dirty``: (n,
    frames) whether a photon is on a hotspot or the narrow edge.  ``seconds``: photons of the leg
    near no source, by the second.
    """

    parts: Floats
    sky: Floats
    dirty: NDArray[np.bool_]
    seconds: Ints


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _add_parts(
    bits: int, q: int, weight: float, at: tuple[int, int], parts: Floats, dirty: Bools
) -> None:
    each = at[0]
    parts[each, 0] += 1.0
    parts[each, 1] += 1.0 if bits & HOTSPOT_BIT else 0.0
    parts[each, 2] += 1.0 if bits & GHOST_BIT else 0.0
    parts[each, 3] += 1.0 if bits & WIDE_EDGE_BIT else 0.0
    parts[each, 4] += 1.0 if bits & NARROW_EDGE_BIT else 0.0
    parts[each, 5] += 1.0 if q < LOW_Q else 0.0
    parts[each, 6] += q
    parts[each, 7] += 1.0 if weight > 0.0 else 0.0
    parts[each, 8] += weight
    dirty[at] |= (bits & _DIRTY) != 0


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _is_there(box: int, since: int, end: int, col: float, row: float) -> bool:
    """Return whether a photon is of the leg's time, and on the detector (those in boxes are)."""
    across, along = col - DETECTOR_CENTRE, row - DETECTOR_CENTRE
    inside = across * across + along * along < ON_DETECTOR_PIXELS * ON_DETECTOR_PIXELS
    return 0 <= since < end and (box >= 0 or inside)


@njit(cache=True, nogil=True, error_model="numpy")
def _add_sky(weight: float, around: Ints, second: int, sky: Floats, seconds: Ints) -> None:
    seconds[second] += 1
    for each in around:
        sky[each, 0] += 1.0
        sky[each, 1] += weight


@njit(cache=True, nogil=True, error_model="numpy")
def list_photons(
    photons: PhotonColumns,
    places: Directions,
    grid: TargetGrid,
    limits: ListLimits,
    edges: Edges,
    clock: FrameClock,
    first: int,
    listed: Listed,
    sums: ListSums,
) -> int:
    """List the photons of apertures, and return how many there are.

    Where there is no room for all, the number says how much is needed; sums are of all.  Unflagged
    photons on the detector with a weight are listed; sums of ``parts`` are of those in ghosts, too.
    `places` are those of ``grid.target``, in its order; `first` is the number of the first source
    of the sums, which are of all that the photons are near to.
    """
    box, weight, bits = prepared(photons, grid, edges)
    ra, dec, col, row = photons.ra, photons.dec, photons.col, photons.row
    q, t_ms, frame_ms = photons.q, photons.t_ms, clock.length_ms
    at_ra, at_dec, cosine = places.ra, places.dec, places.cosine
    start, target, reach = grid.start, grid.target, (limits.sky_outer, limits.mask)
    parts, sky, dirty, seconds = sums
    source, times, weights = listed
    near, away = np.empty(len(sky) + 1, np.int64), np.empty(len(sky) + 1)
    around, n, room = np.empty(len(sky) + 1, np.int64), 0, len(source)
    for k in range(len(box)):
        since, own, n_around, n_hid = t_ms[k] - clock.start_ms, weight[k], 0, 0
        if not _is_there(box[k], since, frame_ms * clock.n_frames, col[k], row[k]):
            continue
        if box[k] >= 0:
            part, north = (start[box[k]], start[box[k] + 1]), math.radians(dec[k])
            photon = math.radians(ra[k]), north, math.cos(north)
            n_near, n_hid = find_near(photon, part, at_ra, at_dec, cosine, reach, near, away)
            for i in range(n_near):
                each, found = target[near[i]] - first, away[i]
                around[n_around] = each
                n_around += int(found > limits.sky_inner)
                if found <= limits.aperture:
                    _add_parts(bits[k], q[k], own, (each, since // frame_ms), parts, dirty)
                    if own > 0.0 and n < room:
                        source[n], times[n], weights[n] = target[near[i]], since, np.float32(own)
                    n += int(own > 0.0)
        if n_hid == 0 and own > 0.0:
            _add_sky(own, around[:n_around], since // 1000, sky, seconds)
    return n


@njit(cache=True, nogil=True)
def take_photons(listed: Listed, behind: Ints, times: Times) -> None:
    """Put listed photons behind those that their sources have; `behind` (n,) says where that is."""
    for k in range(len(listed.source)):
        at = behind[listed.source[k]]
        times.t_ms[at], times.weight[at] = listed.t_ms[k], listed.weight[k]
        behind[listed.source[k]] = at + 1


@njit(cache=True, nogil=True)
def sort_photons(start: Ints, times: Times, n_seconds: int) -> None:
    """Bring the photons of each source into the order of time."""
    t_ms, weight = times.t_ms, times.weight
    first = np.zeros(n_seconds + 1, np.int64)
    for each in range(len(start) - 1):
        low, high = start[each], start[each + 1]
        first[:] = 0
        for k in range(low, high):
            first[t_ms[k] // 1000 + 1] += 1
        for k in range(n_seconds):
            first[k + 1] += first[k]
        t, w = t_ms[low:high].copy(), weight[low:high].copy()
        for k in range(len(t)):
            second = t[k] // 1000
            at = low + first[second]
            first[second] += 1
            t_ms[at], weight[at] = t[k], w[k]
        # Within a second they may be in any order.
        for k in range(low + 1, high):
            last, last_weight, at = t_ms[k], weight[k], k
            while at > low and t_ms[at - 1] > last:
                t_ms[at], weight[at] = t_ms[at - 1], weight[at - 1]
                at -= 1
            t_ms[at], weight[at] = last, last_weight


@njit(cache=True, nogil=True)
def add_to_bins(start: Ints, times: Times, step_ms: int, counts: Floats, sums: Floats) -> None:
    """Add photons of sources to bins of a length: (n, bins) numbers and weights."""
    n_bins, t_ms, weight = counts.shape[1], times.t_ms, times.weight
    for each in range(len(start) - 1):
        for k in range(start[each], start[each + 1]):
            at = t_ms[k] // step_ms
            if at < n_bins:
                counts[each, at] += 1.0
                sums[each, at] += weight[k]
