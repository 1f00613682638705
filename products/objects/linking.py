"""Friends of friends on the sphere: positions that are linked by steps within a radius."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gphoton_db.aspect.sphere import unit_vectors
from gphoton_db.errors import ProductError
from gphoton_db.products.quantities import arcsec_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_RADIUS = 0.5
LARGEST_RADIUS = 3600.0
"""Arcsec, of links: cells of the least one still have numbers of 64 bits."""

NO_OBJECT = -1
"""Label of what has no position."""


def checked_radius(radius: object) -> float:
    """Return a radius of links or matches, arcsec.

    Raises
    ------
    ProductError
        If it is no angle, or none from `LEAST_RADIUS` to `LARGEST_RADIUS`.
    """
    arcsec = arcsec_of(radius, "radius")
    if not LEAST_RADIUS <= arcsec <= LARGEST_RADIUS:
        raise ProductError(
            f"radius = {arcsec:g} arcsec: give {LEAST_RADIUS:g} to {LARGEST_RADIUS:g} arcsec"
        )
    return arcsec


def chord_of(arcsec: float | Floats) -> Floats:
    """Return the straight distance of unit vectors that are some arcsec apart."""
    return np.asarray(2.0 * np.sin(np.radians(np.asarray(arcsec) / 3600.0) / 2.0))


def arcsec_of_chord(chord: Floats) -> Floats:
    """Return how far apart unit vectors are, arcsec, from their straight distance."""
    return np.degrees(2.0 * np.arcsin(np.minimum(chord / 2.0, 1.0))) * 3600.0


def linked(ra: ArrayLike, dec: ArrayLike, radius: float) -> Ints:
    """Return the object of each position: positions within a radius of each other are linked.

    Two positions are of one object if steps from one position to another, each within the radius,
    lead from one to the other.  So no object has a gap wider than the radius, and which positions
    are together depends on nothing else: not on their order, RA 0 or a pole.

    Parameters
    ----------
    ra, dec : (n,) array_like
        Positions, deg; NaN where there is none.
    radius : float
        Longest step, arcsec; it counts itself.

    Returns
    -------
    (n,) int64
        Objects from 0, in the order of their first position; -1 without a position.

    Notes
    -----
    A star of a thousand visits has half a million pairs of positions.  So positions are first put
    into cells that are smaller than the radius, all of whose positions are linked, and then only
    cells are: where any two of their positions are near enough.
    """
    ra, dec = np.asarray(ra, np.float64), np.asarray(dec, np.float64)
    labels = np.full(len(ra), NO_OBJECT, np.int64)
    there = np.flatnonzero(np.isfinite(ra) & np.isfinite(dec))
    if len(there):
        found = _components(unit_vectors(ra[there], dec[there]), float(chord_of(radius)))
        labels[there] = in_order_of_first(found)
    return labels


def in_order_of_first(labels: Ints) -> Ints:
    """Return labels numbered from 0 in the order in which they come first."""
    _, first, which = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[which]


def _components(points: Floats, reach: float) -> Ints:
    """Return which points are linked by steps within a reach."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    from gphoton_db.products.kernels.links import groups_that_touch

    # A little less, so that rounding takes no cell's diagonal beyond the reach.
    side = reach / math.sqrt(3.0) * (1.0 - 1e-9)
    cell, middles = _cells(points, side)
    order = np.argsort(cell, kind="stable")
    start = np.searchsorted(cell[order], np.arange(len(middles) + 1))
    # From middle to middle: a reach, and half a diagonal in each of the cells.
    pairs = cKDTree(middles).query_pairs(2.0 * reach * (1.0 + 1e-9), output_type="ndarray")
    pairs = np.ascontiguousarray(pairs, np.int64)
    near = pairs[groups_that_touch(points[order], start, pairs, (reach * (1.0 + 1e-12)) ** 2)]
    graph = coo_array((np.ones(len(near), np.bool_), near.T), shape=(len(middles),) * 2)
    _, component = connected_components(graph, directed=False)
    return np.asarray(component[cell], np.int64)


def _cells(points: Floats, side: float) -> tuple[Ints, Floats]:
    """Return the number of each point's cube of a side, from 0, and the cubes' middles."""
    place = np.floor((points + 1.0) / side).astype(np.int64)
    n = math.ceil(2.0 / side) + 1
    key = (place[:, 0] * n + place[:, 1]) * n + place[:, 2]
    _, first, cell = np.unique(key, return_index=True, return_inverse=True)
    return cell, np.asarray((place[first] + 0.5) * side - 1.0, np.float64)
