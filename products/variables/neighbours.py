"""What the sources around a source say of it: those that vary in step, and those that overlap."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.apertures.targets import Targets, unit_vectors

FURTHEST_ARCSEC = 120.0
"""Of the neighbours that a source is compared with: an artifact is in all of them."""

VARIES = 3.0
"""Score of a source from which on its neighbours may have photons of its bursts."""

LEAST_BINS = 10
"""Of light curves that are compared."""

Floats = NDArray[np.float64]


class InStep(NamedTuple):
    """Probability of going so with the neighbours by chance, NaN: there are none; their number."""

    probability: Floats
    neighbours: NDArray[np.int64]


def in_step(targets: Targets, residuals: NDArray[np.float32], radius: float) -> InStep:
    """Compare each source with the sum of its neighbours, whose apertures do not overlap with it.

    Parameters
    ----------
    targets : Targets
        n positions.
    residuals : (n, bins) float32
        In standard deviations of constant sources.
    radius : float
        Of the apertures, arcsec.
    """
    from scipy.sparse import coo_matrix
    from scipy.special import stdtr

    n, n_bins = residuals.shape
    one, other = _pairs(targets, FURTHEST_ARCSEC, least=2 * radius)
    number = np.bincount(one, minlength=n)
    if n_bins < LEAST_BINS:
        return InStep(np.full(n, np.nan), number)
    # One wild neighbour must not hide what the others do.
    tame = np.clip(residuals, -5, 5)
    tame -= tame.mean(axis=1, keepdims=True)
    ones = np.ones(len(one), np.float32)
    around = coo_matrix((ones, (one, other)), shape=(n, n)).tocsr() @ tame
    size = np.sqrt((tame**2).sum(axis=1) * (around**2).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(size > 0, (tame * around).sum(axis=1) / size, np.nan).astype(np.float64)
        r = np.clip(r, -1 + 1e-9, 1 - 1e-9)
        chance = stdtr(n_bins - 2, -r * np.sqrt((n_bins - 2) / (1 - r**2)))
    return InStep(np.where(number > 0, chance, np.nan), number)


def shares_photons(targets: Targets, score: Floats, radius: float) -> NDArray[np.bool_]:
    """Return which sources overlap with one that varies more."""
    one, other = _pairs(targets, 2 * radius)
    shared = np.zeros(len(targets), np.bool_)
    with np.errstate(invalid="ignore"):
        more = (score[other] > score[one]) & (score[other] >= VARIES)
    shared[one[more]] = True
    return shared


def _pairs(
    targets: Targets, arcsec: float, *, least: float = 0.0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of sources, each both ways, that are so far apart."""
    from scipy.spatial import cKDTree

    if len(targets) < 2:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    vectors = unit_vectors(targets.ra, targets.dec)
    pairs = cKDTree(vectors).query_pairs(_chord(arcsec), output_type="ndarray")
    if least > 0:
        apart = np.linalg.norm(vectors[pairs[:, 0]] - vectors[pairs[:, 1]], axis=1)
        pairs = pairs[apart > _chord(least)]
    both = np.concatenate([pairs, pairs[:, ::-1]]).astype(np.int64)
    return both[:, 0], both[:, 1]


def _chord(arcsec: float) -> float:
    return float(2 * np.sin(np.radians(arcsec / 3600) / 2))
