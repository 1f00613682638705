"""Which number an object has: that which it had before, or a new one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.sphere import separation, unit_vectors
from gphoton_db.products.objects.entries import Entries, Floats, Ints
from gphoton_db.products.objects.linking import chord_of


@dataclass(frozen=True, eq=False)
class Earlier:
    """What an earlier run found: sources with the numbers of their objects, and the objects.

    Parameters
    ----------
    source_id, source_object, source_ra, source_dec : (n,) arrays
        Sources; positions in deg.
    object_id, ra, dec : (m,) arrays
        Objects.
    next_id : int
        The first number that was never given.
    """

    source_id: NDArray[np.str_]
    source_object: Ints
    source_ra: Floats
    source_dec: Floats
    object_id: Ints
    ra: Floats
    dec: Floats
    next_id: int = 1

    @classmethod
    def nothing(cls) -> "Earlier":
        """Return what there is before the first run."""
        none, numbers = np.empty(0), np.empty(0, np.int64)
        return cls(np.empty(0, np.str_), numbers, none, none, numbers, none, none)


@dataclass(frozen=True, eq=False)
class Identities:
    """Numbers of objects, from 1.

    Parameters
    ----------
    object_id : (n,) int64
        Of each.
    joined, split : (n,) bool
        Whether earlier objects have become one, or one has become several.
    next_id : int
        The first number that was never given.
    """

    object_id: Ints
    joined: NDArray[np.bool_]
    split: NDArray[np.bool_]
    next_id: int


def identities(
    entries: Entries, labels: Ints, ra: Floats, dec: Floats, earlier: Earlier, radius: float
) -> Identities:
    """Give objects the numbers that they had, and new objects new ones.

    An object is an earlier one if one of its sources was: of the same name, and within the radius
    of where it was (a visit that was detected anew may have given its names to others).  Of the
    rest the nearest within the radius are the same.  Of several objects that have become one the
    lowest number stays; of one that has become several, the part with the most sources keeps it.

    Parameters
    ----------
    entries : Entries
        Sources.
    labels : (len(entries),) int64
        The object of each, from 0.
    ra, dec : (n,) float64
        Of the objects, deg.
    earlier : Earlier
        What there was.
    radius : float
        Arcsec.
    """
    n = len(ra)
    label, old = _by_sources(entries, labels, earlier, radius)
    more = _by_position(label, old, ra, dec, earlier, radius)
    label, old = np.append(label, more[0]), np.append(old, more[1])
    joined = np.bincount(label, minlength=n)[:n] > 1
    _, which, parts = np.unique(old, return_inverse=True, return_counts=True)
    split = np.zeros(n, np.bool_)
    split[label[parts[which] > 1]] = True
    # The part with the most sources first, then the one that comes first.
    size = np.bincount(labels, minlength=n)[:n]
    order = np.lexsort((label, -size[label], old))
    _, first = np.unique(old[order], return_index=True)
    label, old = label[order][first], old[order][first]
    object_id = np.zeros(n, np.int64)
    # From the highest number to the lowest: the last that is written stays.
    object_id[label[::-1]] = old[::-1]
    new = np.flatnonzero(object_id == 0)
    next_id = max(earlier.next_id, int(earlier.object_id.max(initial=0)) + 1)
    object_id[new] = next_id + np.arange(len(new))
    return Identities(object_id, joined, split, next_id + len(new))


def _by_sources(
    entries: Entries, labels: Ints, earlier: Earlier, radius: float
) -> tuple[Ints, Ints]:
    """Return pairs of object and earlier object that have a source in common."""
    names, new, old = np.intersect1d(
        entries.source_id.astype(str), earlier.source_id.astype(str), return_indices=True
    )
    if not len(names):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    moved = separation(
        entries.ra[new], entries.dec[new], earlier.source_ra[old], earlier.source_dec[old]
    )
    same = moved * 3600.0 <= radius
    pairs = np.column_stack([labels[new[same]], earlier.source_object[old[same]]])
    pairs = np.unique(pairs, axis=0)
    return pairs[:, 0], pairs[:, 1]


def _by_position(
    label: Ints, old: Ints, ra: Floats, dec: Floats, earlier: Earlier, radius: float
) -> tuple[Ints, Ints]:
    """Return pairs of object and earlier object, of those left over, that are nearest."""
    from scipy.spatial import cKDTree

    new = np.setdiff1d(np.arange(len(ra)), label)
    left = np.flatnonzero(~np.isin(earlier.object_id, old))
    if not len(new) or not len(left):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    here = unit_vectors(ra[new], dec[new])
    there = unit_vectors(earlier.ra[left], earlier.dec[left])
    reach = float(chord_of(radius))
    distance, nearest = cKDTree(there).query(here, distance_upper_bound=reach * (1 + 1e-12))
    found = np.isfinite(distance)
    _, back = cKDTree(here).query(there)
    mutual = np.flatnonzero(found)
    mutual = mutual[back[nearest[mutual]] == mutual]
    return new[mutual], earlier.object_id[left[nearest[mutual]]]
