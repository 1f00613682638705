"""A template of flares: a fast rise, and a decay by two exponentials.

The shape is the empirical one of Davenport et al. (2014, ApJ 797, 122), from flares of GJ 1243: in
units of the peak and of the full width at half maximum, a polynomial of fourth degree from -1 to
0, then a sum of two exponentials.  What is compared with bins is its mean over each bin.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RISE = (1.0, 1.941, -0.175, -2.246, -1.125)
"""Coefficients of powers of the time, in widths, from -1 to 0."""

DECAY = ((0.6890, 1.600), (0.3030, 0.2783))
"""Parts of the peak, and rates of their decays, in 1 / width."""

FEWEST_BINS = 5
"""The template has three parameters."""


@dataclass(frozen=True)
class Template:
    """A fitted template.

    Parameters
    ----------
    t_peak, t_peak_err : float
        Of its peak, GALEX s.
    peak, peak_err : float
        Above quiescence, 1/s.
    fwhm, fwhm_err : float
        Full width at half maximum, s.
    photons, photons_err : float
        Of all of it, past the bins too.
    chi2 : float
        Of the fit.
    dof : int
        Bins less three.
    """

    t_peak: float
    t_peak_err: float
    peak: float
    peak_err: float
    fwhm: float
    fwhm_err: float
    photons: float
    photons_err: float
    chi2: float
    dof: int


def integral(time: Floats) -> Floats:
    """Return the template's integral up to a time, both in widths from its peak."""
    powers = np.arange(1, len(RISE) + 1)
    early = np.clip(time, -1.0, 0.0)[..., None]
    terms = np.array(RISE) / powers
    rise = ((early**powers - (-1.0) ** powers) * terms).sum(-1)
    late = np.maximum(time, 0.0)
    decay = sum(part / rate * -np.expm1(-rate * late) for part, rate in DECAY)
    return np.asarray(rise + decay)


AREA = float(integral(np.array(1e9)))
"""Integral of the whole template, in peaks times widths: 1.827."""


def bin_means(t0: Floats, t1: Floats, t_peak: float, fwhm: float) -> Floats:
    """Return the mean of a template with peak 1 over bins, s."""
    return np.asarray(
        (integral((t1 - t_peak) / fwhm) - integral((t0 - t_peak) / fwhm)) * fwhm / (t1 - t0)
    )


def fit_template(t0: Floats, t1: Floats, excess: Floats, error: Floats) -> Template | None:
    """Fit the template to the rates above quiescence of the bins of a flare.

    Parameters
    ----------
    t0, t1 : (n,) float64
        Edges of the bins, GALEX s.
    excess, error : (n,) float64
        1/s; errors are above 0.

    Returns
    -------
    Template or None
        None where there are fewer than `FEWEST_BINS` bins, no bin is above quiescence, or the bins
        leave a parameter or its error open.
    """
    from scipy.optimize import least_squares

    top = int(np.argmax(excess))
    if len(t0) < FEWEST_BINS or not excess[top] > 0:
        return None
    length, whole = float(t1[top] - t0[top]), float(t1[-1] - t0[0])
    middle = float(t0[top] + t1[top]) / 2
    # Small numbers: derivatives are by steps far below a second.
    since, until = t0 - middle, t1 - middle
    width = max(float((excess * (t1 - t0)).sum()) / (AREA * float(excess[top])), length / 4)

    def residuals(parameters: Floats) -> Floats:
        offset, peak, log_fwhm = parameters
        model = peak * bin_means(since, until, offset, float(np.exp(log_fwhm)))
        return np.asarray((model - excess) / error)

    low = [float(since[0]) - length, 0.0, np.log(length / 20)]
    high = [float(until[-1]), np.inf, np.log(10 * whole)]
    start = np.clip([0.0, float(excess[top]), np.log(width)], low, high)
    scale = [length, float(excess[top]), 1.0]
    found = least_squares(residuals, start, bounds=(low, high), x_scale=scale)
    try:
        covariance = np.linalg.inv(found.jac.T @ found.jac)
    except np.linalg.LinAlgError:
        return None
    # A width at the end of what is allowed is a number of ours, and none of the flare.
    if not found.success or found.active_mask.any() or not (np.diag(covariance) > 0).all():
        return None
    return _template(found.x, covariance, middle, 2 * float(found.cost), len(t0) - 3)


def _template(
    found: Floats, covariance: Floats, middle: float, chi2: float, dof: int
) -> Template | None:
    offset, peak, log_fwhm = found.tolist()
    fwhm = float(np.exp(log_fwhm))
    t_err, peak_err, log_err = np.sqrt(np.diag(covariance)).tolist()
    slope = np.array([0.0, AREA * fwhm, AREA * fwhm * peak])
    photons_err = float(np.sqrt(slope @ covariance @ slope))
    return Template(
        *(middle + offset, t_err),
        *(peak, peak_err),
        *(fwhm, fwhm * log_err),
        *(AREA * peak * fwhm, photons_err),
        *(chi2, dof),
    )
