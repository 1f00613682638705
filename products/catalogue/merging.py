"""Detections of two bands that are of one source: mutual nearest neighbours."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import Band
from gphoton_db.products.apertures.targets import unit_vectors
from gphoton_db.products.catalogue.detections import BandField

MERGE_ARCSEC = 3.0
"""Largest distance between the detections of one source in two bands."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class MatchFlag(StrEnum):
    """How sure it is which detections belong together."""

    BEST = "best"
    """A detection of each band, each the other's nearest, and no other one near."""
    AMBIGUOUS = "ambiguous"
    """There are other detections near enough to belong to it."""
    SINGLE = "single"
    """Detected in one band only, with nothing near in the other."""


@dataclass(frozen=True, eq=False)
class MergedSources:
    """Sources of a leg, by declination.

    Parameters
    ----------
    ra, dec : (n,) float64
        Deg: the mean of the detections, weighted by their counts.
    row : mapping of Band to (n,) int64
        Which detection of the band it is, as `BandField` has them; -1: none.
    separation : (n,) float64
        Arcsec between the detections; NaN for those of one band.
    flag : (n,) str
        `MatchFlag`.
    """

    ra: Floats
    dec: Floats
    row: Mapping[Band, Ints]
    separation: Floats
    flag: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.ra)


def merge_bands(fields: Mapping[Band, BandField]) -> MergedSources:
    """Return the sources of one band, or of two, each detection in one of them.

    Parameters
    ----------
    fields : mapping of Band to BandField
        What was detected in the bands that there are, at least one.
    """
    bands = list(fields)
    vectors = [unit_vectors(field.ra, field.dec) for field in fields.values()]
    if len(bands) == 1:
        n = len(vectors[0])
        pairs, crowded = np.arange(n)[:, None], np.zeros(n, bool)
    else:
        pairs, crowded = _paired(vectors[0], vectors[1])
    weighted, place = np.zeros((len(pairs), 3)), []
    for number, field in enumerate(fields.values()):
        row = pairs[:, number]
        there = row >= 0
        counts = np.maximum(field.counts[row[there]], 1.0)[:, None]
        weighted[there] += counts * vectors[number][row[there]]
        place.append(row)
    dec = np.degrees(np.arctan2(weighted[:, 2], np.hypot(weighted[:, 0], weighted[:, 1])))
    ra = np.degrees(np.arctan2(weighted[:, 1], weighted[:, 0])) % 360.0
    separation = np.full(len(pairs), np.nan)
    both = (pairs >= 0).all(axis=1) & (len(bands) == 2)
    if both.any():
        apart = vectors[0][place[0][both]] - vectors[1][place[1][both]]
        separation[both] = _arcsec(np.linalg.norm(apart, axis=1))
    flag = np.where(both, MatchFlag.BEST.value, MatchFlag.SINGLE.value)
    flag = np.where(crowded, MatchFlag.AMBIGUOUS.value, flag)
    order = np.lexsort((ra, dec))
    rows = {band: place[number][order] for number, band in enumerate(bands)}
    return MergedSources(ra[order], dec[order], rows, separation[order], flag[order])


def _paired(first: Floats, second: Floats) -> tuple[Ints, NDArray[np.bool_]]:
    """Return which detections make a source, (n, 2), -1: none; and whether others are near."""
    from scipy.spatial import cKDTree

    reach = 2.0 * np.sin(np.radians(MERGE_ARCSEC / 3600.0) / 2.0)
    pairs = np.empty((0, 2), np.int64)
    near = np.empty((0, 2), np.int64)
    if len(first) and len(second):
        trees = cKDTree(first), cKDTree(second)
        found = trees[0].sparse_distance_matrix(trees[1], reach, output_type="coo_matrix")
        near = np.column_stack([found.row, found.col]).astype(np.int64)
        distance, to_second = trees[1].query(first)
        _, to_first = trees[0].query(second)
        mutual = (to_first[to_second] == np.arange(len(first))) & (distance <= reach)
        pairs = np.column_stack([np.flatnonzero(mutual), to_second[mutual]])
    n_near = [
        np.bincount(near[:, k], minlength=len(each)) for k, each in enumerate((first, second))
    ]
    alone = [
        np.setdiff1d(np.arange(len(each)), pairs[:, k]) for k, each in enumerate((first, second))
    ]
    crowded = [
        (n_near[0][pairs[:, 0]] > 1) | (n_near[1][pairs[:, 1]] > 1),
        *(n_near[k][alone[k]] > 0 for k in (0, 1)),
    ]
    nobody = [np.full(len(each), -1) for each in alone]
    rows = [
        pairs,
        np.column_stack([alone[0], nobody[0]]),
        np.column_stack([nobody[1], alone[1]]),
    ]
    return np.concatenate(rows).astype(np.int64), np.concatenate(crowded)


def _arcsec(chord: Floats) -> Floats:
    return np.degrees(2.0 * np.arcsin(chord / 2.0)) * 3600.0
