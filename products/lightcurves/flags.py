"""Flags and warnings of the bins of a light curve."""

from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import AnyLeg
from gphoton_db.mission import Band
from gphoton_db.products.kernels.aperture_sums import Sums
from gphoton_db.products.lightcurves.bits import LightCurveWarning
from gphoton_db.query.constants import RAMP_UP_BINS, RAMP_UP_ECLIPSES

Floats = NDArray[np.float64]

DITHER_STEP_S = 40.0
"""Longer bins do not resolve the dither, whose period is about two minutes."""

DITHER_BINS = 12
DITHER_COUNTS = 100
"""Fewer bins, or photons in them all, say nothing about the dither."""

DITHER_CHANCE = 1e-4
"""Probability of a warning without cause, for each leg of a source."""


def ramp_up(leg: AnyLeg, t0_ms: NDArray[np.int64], t1_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the warning RAMP_UP, or 0, of bins of a leg, GALEX ms."""
    if leg.band != Band.FUV or leg.eclipse not in RAMP_UP_ECLIPSES or leg.photon_t0 is None:
        return np.zeros(len(t0_ms), np.int64)
    since = t0_ms - round(leg.photon_t0 * 1000)
    early = since < RAMP_UP_BINS * (t1_ms - t0_ms)
    return np.asarray(early * int(LightCurveWarning.RAMP_UP))


def dither_warning(sums: Sums, exposure: Floats, length: Floats) -> NDArray[np.bool_]:
    """Return for which light curves the rate goes with the place on the detector.

    A plane in the mean column and row of each bin's photons is fitted to the rates, and must
    explain more than chance would, both by the scatter of the rates (F test) and by the noise of
    their photons (chi squared).

    Parameters
    ----------
    sums : Sums
        (n, m): targets and bins of one leg.
    exposure : (m,) float64
        Of the bins, s.
    length : (m,) float64
        Of each bin, s; longer ones than `DITHER_STEP_S` are left out.

    Returns
    -------
    (n,) bool
        False too where the bins are too long, too few, or have too few photons to tell.
    """
    short = length <= DITHER_STEP_S
    used = (sums.counts > 0) & (exposure > length / 2) & short
    n_used = used.sum(1)
    testable = (n_used >= DITHER_BINS) & (sums.counts[:, short].sum(1) >= DITHER_COUNTS)
    if not testable.any():
        return np.zeros(len(sums.counts), bool)
    rows = np.flatnonzero(testable)
    weight = np.where(used[rows], exposure, 0.0)
    counts = np.maximum(sums.counts[rows], 1)
    moments = sums.moments[rows]
    rate = moments["weight"] / np.maximum(exposure, 1e-9)
    place = np.stack([moments["col"], moments["row"]], axis=-1) / counts[..., None]
    alone, with_place = _residuals(rate, place, weight)
    freedom = n_used[rows] - 3
    explained = np.maximum(alone - with_place, 0.0)
    # Weights of exposure: chi squared is their sum over the mean square of a photon's weight.
    per_photon = moments["squared_weight"][:, short].sum(1) / np.maximum(weight.sum(1), 1e-9)
    ratio = explained / np.maximum(with_place, 1e-12 * np.maximum(alone, 1e-30))
    by_scatter = (1.0 + ratio) ** (-freedom / 2.0)
    by_noise = np.exp(-explained / np.maximum(per_photon, 1e-30) / 2.0)
    found = np.zeros(len(sums.counts), bool)
    found[rows] = np.maximum(by_scatter, by_noise) < DITHER_CHANCE
    return found


def _residuals(rate: Floats, place: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return weighted sums of squares about the mean, and about the best plane; (n,) each."""
    total = weight.sum(1)[:, None]
    y = rate - (weight * rate).sum(1)[:, None] / total
    x = place - ((weight[..., None] * place).sum(1) / total)[:, None]
    # Pixels: a hundredth of one added to the variance keeps a still source's matrix regular.
    square = np.einsum("nm,nmi,nmj->nij", weight, x, x) + 1e-4 * total[..., None] * np.eye(2)
    with_rate = np.einsum("nm,nmi,nm->ni", weight, x, y)
    slope = np.linalg.solve(square, with_rate[..., None])
    plane = np.einsum("nmi,ni->nm", x, slope[..., 0])
    return (weight * y**2).sum(1), (weight * (y - plane) ** 2).sum(1)


def names_of(bits: int, kind: type[IntFlag]) -> list[str]:
    """Return the names of the bits that are set, in small letters."""
    return [str(each.name).lower().replace("_", " ") for each in kind if bits & each]
