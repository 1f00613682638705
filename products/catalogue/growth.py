"""The curve of growth of a source: a Gaussian on a flat background, fitted to rings.

Apertures of one source share their photons, so that their counts are not independent: those of
the rings between them are.  See docs/specification.md, 'Catalogues' (spec-catalogues).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ITERATIONS = 60
"""Most steps of the fit."""

CONVERGED, NEARLY = 1e-6, 0.05
"""Largest change of a parameter, by its error, with which a fit ends; and with which it is one when
no steps are left: with hardly a photon the variances of the model come and go."""

SIGMA_RANGE = (0.3, 15.0)
"""Arcsec; a Gaussian that is narrower or wider was not fitted."""

FIRST_SIGMA = 2.2
"""Arcsec: where the fit begins."""

_LOG_STEP = 0.5
_LEAST = 0.05


@dataclass(frozen=True, eq=False)
class GrowthFit:
    """Fitted curves of growth, (n,) each but for the last; NaN where there is no fit.

    Parameters
    ----------
    cps, cps_err
        Rate of the source in all of the plane, 1/s.
    sigma, sigma_err
        Arcsec; without an error where it was given.
    background, background_err
        1/s/arcsec2.
    chi2 : (n,) float64
        Sum of the squares of the residuals.
    dof : (n,) int64
        Rings less fitted parameters; -1 where there is no fit.
    residuals : (n, m) float64
        Of each ring, in standard deviations of the model.
    """

    cps: Floats
    cps_err: Floats
    sigma: Floats
    sigma_err: Floats
    background: Floats
    background_err: Floats
    chi2: Floats
    dof: NDArray[np.int64]
    residuals: Floats

    def take(self, chosen: NDArray[np.bool_]) -> "GrowthFit":
        """Return some of them."""
        return GrowthFit(**{name: mine[chosen] for name, mine in vars(self).items()})

    def with_others(self, other: "GrowthFit", chosen: NDArray[np.bool_]) -> "GrowthFit":
        """Return these and others; `chosen`: which of all are the others'."""
        merged = {}
        for name, mine in vars(self).items():
            merged[name] = np.empty((len(chosen), *mine.shape[1:]), mine.dtype)
            merged[name][chosen] = getattr(other, name)
            merged[name][~chosen] = mine
        return GrowthFit(**merged)


def ring_areas(radii: Sequence[float] | Floats) -> Floats:
    """Return the areas of the rings that end at some radii, rising; the first is a circle."""
    squares = np.asarray(radii, np.float64) ** 2
    return np.asarray(math.pi * np.diff(squares, prepend=0.0))


def fit_growth(
    radii: Sequence[float] | Floats,
    counts: Floats,
    variance: Floats,
    exposure: float,
    *,
    sigma: float | None = None,
) -> GrowthFit:
    """Fit ``F (1 - exp(-r^2 / 2 s^2)) + b pi r^2`` to the rings between apertures.

    The fit is that of greatest likelihood for counts that scatter as photons do: least squares,
    weighted by the variances that the model gives.

    Parameters
    ----------
    radii : (m,) float
        Of the apertures, arcsec, rising.
    counts, variance : (n, m) float64
        Sums of weights, and of the squares of these, in the apertures of n sources.
    exposure : float
        Seconds.
    sigma : float, optional
        Arcsec; by default it is fitted.
    """
    rings = np.diff(counts, axis=1, prepend=0.0)
    # What a photon weighs, in the mean: the variance of a count that is `gain` photons.
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = np.where(counts[:, -1] > 0, variance[:, -1] / counts[:, -1], 1.0)[:, None]
    problem = _Rings(np.asarray(radii, np.float64), rings, gain, exposure, sigma is None)
    n_free = 3 if sigma is None else 2
    if rings.shape[1] < n_free or not exposure > 0 or not len(rings):
        return _no_fit(rings)
    p = _steps(problem, problem.begin(FIRST_SIGMA if sigma is None else sigma))
    return _result(problem, p, n_free)


@dataclass(frozen=True, eq=False)
class _Rings:
    """What is fitted: p is (n, 3): counts, logarithm of sigma, background in counts/arcsec2."""

    radii: Floats
    rings: Floats
    gain: Floats
    exposure: float
    free_sigma: bool

    def begin(self, sigma: float) -> Floats:
        background = np.maximum(self.rings[:, -1] / ring_areas(self.radii)[-1], 0.0)
        inside = self.rings.sum(axis=1) - background * math.pi * self.radii[-1] ** 2
        return np.column_stack([inside, np.full(len(inside), math.log(sigma)), background])

    def model(self, p: Floats) -> tuple[Floats, Floats]:
        """Return the counts of the rings, (n, m), and their derivatives, (n, m, 3)."""
        sigma2 = np.exp(2.0 * p[:, 1])[:, None]
        edges = np.concatenate([[0.0], self.radii])
        u = edges**2 / (2.0 * sigma2)
        inside = -np.diff(np.exp(-u), axis=1)
        by_log = np.diff(-2.0 * u * np.exp(-u), axis=1)
        area = np.broadcast_to(ring_areas(self.radii), inside.shape)
        counts = p[:, :1] * inside + p[:, 2:] * area
        return counts, np.stack([inside, p[:, :1] * by_log, area], axis=2)

    def normal(self, p: Floats) -> tuple[Floats, Floats, Floats]:
        """Return residuals in standard deviations, gradient, and information of the rings."""
        counts, slope = self.model(p)
        deviation = np.sqrt(np.maximum(counts, _LEAST * self.gain) * self.gain)
        residual = (self.rings - counts) / deviation
        scaled = slope / deviation[:, :, None]
        if not self.free_sigma:
            scaled[:, :, 1] = 0.0
        gradient = np.einsum("nmi,nm->ni", scaled, residual)
        information = np.einsum("nmi,nmj->nij", scaled, scaled)
        if not self.free_sigma:
            information[:, 1, 1] = 1.0
        return residual, gradient, information


def _steps(problem: _Rings, p: Floats) -> Floats:
    """Return the parameters after as many steps as it takes; NaN where it does not end."""
    p = p.copy()
    working = np.arange(len(p))
    damping, change = 0.3, np.full(len(p), np.inf)
    for _ in range(ITERATIONS):
        some = _Rings(
            problem.radii,
            problem.rings[working],
            problem.gain[working],
            problem.exposure,
            problem.free_sigma,
        )
        _, gradient, information = some.normal(p[working])
        diagonal = np.einsum("nii->ni", information)
        damped = information.copy()
        np.einsum("nii->ni", damped)[...] += damping * diagonal + 1e-12
        step = np.linalg.solve(damped, gradient[:, :, None])[:, :, 0]
        step[:, 1] = np.clip(step[:, 1], -_LOG_STEP, _LOG_STEP)
        p[working] += step
        p[working, 1] = np.clip(p[working, 1], *np.log(SIGMA_RANGE))
        change = (np.abs(step) * np.sqrt(np.maximum(diagonal, 1e-300))).max(axis=1)
        working, change = working[change >= CONVERGED], change[change >= CONVERGED]
        damping *= 0.5
        if not len(working):
            return p
    p[working[~(change < NEARLY)]] = np.nan
    return p


def _result(problem: _Rings, p: Floats, n_free: int) -> GrowthFit:
    known = np.asarray(np.isfinite(p).all(axis=1))
    low, high = np.log(SIGMA_RANGE)
    if problem.free_sigma:
        known &= (p[:, 1] > low + 1e-9) & (p[:, 1] < high - 1e-9) & (p[:, 0] > 0)
    safe = np.where(known[:, None], p, [[1.0, math.log(FIRST_SIGMA), 1.0]])
    residual, _, _ = problem.normal(safe)
    # The error is that of a background, where there seems to be less than that.
    _, _, information = problem.normal(np.maximum(safe, [0.0, -np.inf, 0.0]))
    condition = np.asarray(np.linalg.cond(information), np.float64)
    singular: NDArray[np.bool_] = ~(condition < 1e14)
    information[np.flatnonzero(singular)] = np.eye(3)
    error = np.sqrt(np.einsum("nii->ni", np.linalg.inv(information)))
    known &= ~singular
    sigma = np.exp(safe[:, 1])
    columns = {
        "cps": safe[:, 0] / problem.exposure,
        "cps_err": error[:, 0] / problem.exposure,
        "sigma": sigma,
        "sigma_err": sigma * error[:, 1] if problem.free_sigma else np.full(len(p), np.nan),
        "background": safe[:, 2] / problem.exposure,
        "background_err": error[:, 2] / problem.exposure,
        "chi2": (residual**2).sum(axis=1),
    }
    return GrowthFit(
        **{name: np.where(known, column, np.nan) for name, column in columns.items()},
        dof=np.where(known, residual.shape[1] - n_free, -1),
        residuals=np.where(known[:, None], residual, np.nan),
    )


def _no_fit(rings: Floats) -> GrowthFit:
    names = ("cps", "cps_err", "sigma", "sigma_err", "background", "background_err", "chi2")
    nothing = {name: np.full(len(rings), np.nan) for name in names}
    dof, residuals = np.full(len(rings), -1), np.full(rings.shape, np.nan)
    return GrowthFit(**nothing, dof=dof, residuals=residuals)
