"""Objects of many visits, from sources that were linked: means, and a row for each visit."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.sphere import normalised_angle, separation, unit_vectors
from gphoton_db.mission import Band
from gphoton_db.products.objects.entries import Entries, Floats, Ints
from gphoton_db.products.objects.identities import Earlier, identities
from gphoton_db.products.objects.linking import chord_of, linked

Columns = dict[str, NDArray[Any]]


class ObjectFlag(IntFlag):
    """What is to be known of an object; 0: nothing."""

    TWICE = 1
    """A visit has two or more of its sources."""
    WIDE = 2
    """A source is further from the mean position than the radius of the links: a chain."""
    JOINED = 4
    """Several objects of an earlier run have become this one."""
    SPLIT = 8
    """It was one object with another one in an earlier run."""
    NO_ERRORS = 16
    """The error of a source's position is not known: it has the weight of the middle one."""
    ARTIFACT = 32
    """One of its sources is on a hotspot or a ghost, or at the narrow edge of the detector."""


@dataclass(frozen=True, eq=False)
class Fields:
    """Where visits looked: a circle for each, deg; arrays of one length."""

    ra0: Floats
    dec0: Floats
    radius: Floats


@dataclass(frozen=True, eq=False)
class Objects:
    """Objects, and what each visit saw of them.

    Parameters
    ----------
    objects, visits : dict of arrays
        Columns of `gphoton_db.schemas.OBJECTS` and ``OBJECT_VISITS``.
    next_id : int
        The first number that was never given to an object.
    """

    objects: Columns
    visits: Columns
    next_id: int


def link_objects(
    entries: Entries, radius: float, fields: Fields, earlier: Earlier | None = None
) -> Objects:
    """Link sources of visits into objects.

    Which sources are one object depends on the sources and the radius alone.  The numbers of the
    objects depend on earlier runs: see `identities`.

    Parameters
    ----------
    entries : Entries
        Sources of all visits, in any order; those without a position are left out.
    radius : float
        Of the links, arcsec.
    fields : Fields
        Of all visits.
    earlier : Earlier, optional
        What an earlier run found.
    """
    entries = entries.in_order()
    labels = linked(entries.ra, entries.dec, radius)
    n = int(labels.max(initial=-1)) + 1
    weights, unknown = _weights(entries)
    ra, dec = mean_positions(entries, labels, n, weights)
    named = identities(entries, labels, ra, dec, earlier or Earlier.nothing(), radius)
    apart = separation(entries.ra, entries.dec, ra[labels], dec[labels]) * 3600.0
    visits, twice = _visits(entries, labels, apart)
    visits["object_id"] = named.object_id[labels[visits.pop("row")]]
    objects: Columns = {"object_id": named.object_id, "ra": ra, "dec": dec}
    objects |= _position_errors(entries, labels, n, unknown, apart)
    objects |= _spans(visits, named.object_id)
    objects["n_covered"] = np.maximum(covered(ra, dec, fields), objects["n_visits"])
    objects |= _mean_rates(entries, labels, n)
    bits = {
        ObjectFlag.TWICE: _any_of(labels, twice, n),
        ObjectFlag.WIDE: _any_of(labels, apart > radius, n),
        ObjectFlag.JOINED: named.joined,
        ObjectFlag.SPLIT: named.split,
        ObjectFlag.NO_ERRORS: _any_of(labels, unknown, n),
        ObjectFlag.ARTIFACT: _any_of(labels, entries.artifact, n),
    }
    flags = np.zeros(n, np.int64)
    for bit, found in bits.items():
        flags[found] |= int(bit)
    objects["flags"] = flags
    return Objects(
        _sorted(objects, objects["object_id"]),
        _sorted(visits, visits["leg"], visits["eclipse"], visits["object_id"]),
        named.next_id,
    )


def mean_positions(
    entries: Entries, labels: Ints, n: int, weights: Floats
) -> tuple[Floats, Floats]:
    """Return the mean positions of objects, deg: of unit vectors, so right at RA 0 and poles."""
    vectors = unit_vectors(entries.ra, entries.dec)
    x, y, z = (np.bincount(labels, weights * vectors[:, k], n) for k in range(3))
    ra, dec = np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))
    return normalised_angle(ra), dec


def covered(ra: Floats, dec: Floats, fields: Fields) -> Ints:
    """Return how many fields hold each position.

    Parameters
    ----------
    ra, dec : (n,) float64
        Deg.
    fields : Fields
        Circles.
    """
    from scipy.spatial import cKDTree

    counts = np.zeros(len(ra), np.int64)
    if not len(ra):
        return counts
    tree = cKDTree(unit_vectors(ra, dec))
    middles = unit_vectors(fields.ra0, fields.dec0)
    reach = chord_of(fields.radius * 3600.0)
    for middle, distance in zip(middles, reach, strict=True):
        # No position is there twice, so each adds one.
        counts[tree.query_ball_point(middle, distance, return_sorted=False)] += 1
    return counts


def _weights(entries: Entries) -> tuple[Floats, NDArray[np.bool_]]:
    """Return 1 / error^2 of each position, and of which it is not known."""
    variance = (entries.ra_err**2 + entries.dec_err**2) / 2.0
    known = np.isfinite(variance) & (entries.ra_err > 0) & (entries.dec_err > 0)
    middle = float(np.median(variance[known])) if known.any() else 1.0
    return 1.0 / np.where(known, variance, middle), ~known


def _position_errors(
    entries: Entries, labels: Ints, n: int, unknown: NDArray[np.bool_], apart: Floats
) -> Columns:
    """Return the errors of mean positions, and how far sources are from them, arcsec."""
    columns: Columns = {}
    for axis in ("ra_err", "dec_err"):
        errors = np.where(unknown, 1.0, getattr(entries, axis))
        total = np.bincount(labels, np.where(unknown, 0.0, errors**-2.0), n)
        columns[axis] = np.where(total > 0, 1.0 / np.sqrt(np.where(total > 0, total, 1.0)), np.nan)
    count = np.bincount(labels, minlength=n)
    columns["scatter"] = np.sqrt(np.bincount(labels, apart**2, n) / np.maximum(count, 1))
    columns["n_sources"] = count
    return columns


def _visits(entries: Entries, labels: Ints, apart: Floats) -> tuple[Columns, NDArray[np.bool_]]:
    """Return a row for each object and visit, and which sources share one.

    Where a visit has several sources of an object, the one nearest to it stands for them.
    """
    order = np.lexsort((apart, entries.visit, labels))
    key = np.column_stack([labels[order], entries.visit[order]])
    new = np.ones(len(key), np.bool_)
    new[1:] = (key[1:] != key[:-1]).any(axis=1)
    first = np.flatnonzero(new)
    n_sources = np.diff(np.append(first, len(key)))
    rows = order[first]
    nearest = entries.take(rows)
    columns: Columns = {"row": rows, "eclipse": nearest.eclipse, "leg": nearest.leg}
    columns |= {"source_id": nearest.source_id, "ra": nearest.ra, "dec": nearest.dec}
    columns |= {"separation": apart[rows], "n_sources": n_sources}
    columns["bands"] = _bands({band: rates.detected for band, rates in nearest.rates.items()})
    for band, rates in nearest.rates.items():
        name = band.lower()
        columns[f"{name}_exposure"] = rates.exposure
        columns[f"{name}_cps_bgsub"] = rates.cps
        columns[f"{name}_cps_bgsub_err"] = rates.cps_err
    columns["flags"] = np.where(n_sources > 1, int(ObjectFlag.TWICE), 0)
    twice = np.zeros(len(entries), np.bool_)
    twice[order] = np.repeat(n_sources > 1, n_sources)
    return columns, twice


def _spans(visits: Columns, object_id: Ints) -> Columns:
    """Return the number of visits of each object, and its first and last eclipse."""
    order = np.argsort(object_id)
    place = order[np.searchsorted(object_id[order], visits["object_id"])]
    n = len(object_id)
    first, last = np.full(n, np.iinfo(np.int64).max), np.full(n, -1)
    np.minimum.at(first, place, visits["eclipse"])
    np.maximum.at(last, place, visits["eclipse"])
    count = np.bincount(place, minlength=n)
    return {"n_visits": count, "first_eclipse": first, "last_eclipse": last}


def _mean_rates(entries: Entries, labels: Ints, n: int) -> Columns:
    """Return the mean rates of objects, weighted by exposure, and chi squared about them."""
    detected = {band: _any_of(labels, rates.detected, n) for band, rates in entries.rates.items()}
    columns: Columns = {"bands": _bands(detected)}
    for band, rates in entries.rates.items():
        there = np.isfinite(rates.cps) & np.isfinite(rates.cps_err) & (rates.exposure > 0)
        weight = np.where(there, rates.exposure, 0.0)
        cps, error = np.where(there, rates.cps, 0.0), np.where(there, rates.cps_err, 0.0)
        total = np.bincount(labels, weight, n)
        seen, safe = total > 0, np.where(total > 0, total, 1.0)
        mean = np.bincount(labels, weight * cps, n) / safe
        spread = np.sqrt(np.bincount(labels, (weight * error) ** 2, n)) / safe
        pull = (cps - mean[labels]) / np.where(error > 0, error, np.inf)
        chi2 = np.bincount(labels, np.where(there, pull**2, 0.0), n)
        name = band.lower()
        columns[f"{name}_measured"] = np.bincount(labels[there], minlength=n)
        columns[f"{name}_exposure"] = total
        columns[f"{name}_cps_bgsub"] = np.where(seen, mean, np.nan)
        columns[f"{name}_cps_bgsub_err"] = np.where(seen, spread, np.nan)
        columns[f"{name}_chi2"] = np.where(seen, chi2, np.nan)
    return columns


def _bands(detected: Mapping[Band, NDArray[np.bool_]]) -> NDArray[Any]:
    """Return in which bands something was detected: 'NUV', 'FUV', 'NUV FUV' or ''."""
    nuv, fuv = detected[Band.NUV], detected[Band.FUV]
    names = np.array(["", "NUV", "FUV", "NUV FUV"], object)
    return np.asarray(names[nuv.astype(int) + 2 * fuv.astype(int)])


def _any_of(labels: Ints, found: NDArray[np.bool_], n: int) -> NDArray[np.bool_]:
    return np.bincount(labels[found], minlength=n)[:n] > 0


def _sorted(columns: Mapping[str, NDArray[Any]], *keys: NDArray[Any]) -> Columns:
    order = np.lexsort(keys)
    return {name: values[order] for name, values in columns.items()}
