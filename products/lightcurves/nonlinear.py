"""The local non-linearity of the detectors, which lose photons of bright point sources.

Morrissey et al. (2007, ApJS 173, 682) fitted log10 of the measured rate of standard stars with a
parabola in log10 of the predicted one.  Here it is solved for the true rate.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import Band

Floats = NDArray[np.float64]

NONLINEARITY = {Band.NUV: (-0.314, 1.365, -0.103), Band.FUV: (-0.531, 1.696, -0.225)}
"""Coefficients of powers of log10 of the true rate of a point source, counts a second; their sum is
log10 of the measured one (Morrissey et al. 2007)."""


def linear_up_to(band: Band) -> float:
    """Return the rate, counts a second, up to which the relation loses nothing."""
    c0, c1, c2 = NONLINEARITY[band]
    root = math.sqrt((c1 - 1) ** 2 - 4 * c2 * c0)
    return float(10 ** ((c1 - 1 + root) / (-2 * c2)))


def brightest(band: Band) -> float:
    """Return the largest rate, counts a second, that a source can be measured with."""
    c0, c1, c2 = NONLINEARITY[band]
    return float(10 ** (c0 - c1**2 / (4 * c2)))


def corrected_rate(measured: Floats, error: Floats, band: Band) -> tuple[Floats, Floats]:
    """Return the true rates of point sources, and their errors.

    Parameters
    ----------
    measured, error : (n,) float64
        Counts a second, of all of the source's light.
    band : Band
        NUV or FUV.

    Returns
    -------
    tuple of (n,) float64
        As they are up to `linear_up_to`; NaN above `brightest`, where there is no true rate.  The
        error is that of the photons, larger by the slope of the relation; what the relation
        itself may be wrong by is not in it.
    """
    c0, c1, c2 = NONLINEARITY[band]
    bright = measured > linear_up_to(band)
    with np.errstate(invalid="ignore", divide="ignore"):
        under_root = c1**2 - 4 * c2 * (c0 - np.log10(np.where(bright, measured, np.nan)))
        root = np.sqrt(np.where(under_root > 0, under_root, np.nan))
        true = 10 ** ((root - c1) / (2 * c2))
        # The root is the slope of the relation: d log(measured) / d log(true).
        true_error = true / measured * error / root
    return np.where(bright, true, measured), np.where(bright, true_error, error)


def corrected_rates(
    band: NDArray[np.str_], sums: Mapping[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """Return columns of rates, corrected, and by what: ``nonlinearity``, true over measured.

    The background of an annulus is faint, and is what it was: the rate without it is the corrected
    one of the aperture less the same background.

    Parameters
    ----------
    band : (n,) str
        NUV or FUV.
    sums : mapping
        ``cps``, ``cps_bgsub`` and their errors.
    """
    measured, error = sums["cps"], sums["cps_err"]
    true, true_error = measured.copy(), error.copy()
    for each in Band:
        rows = band == str(each)
        true[rows], true_error[rows] = corrected_rate(measured[rows], error[rows], each)
    of_background = np.sqrt(np.maximum(sums["cps_bgsub_err"] ** 2 - error**2, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.where(measured > 0, true / measured, np.where(np.isnan(measured), np.nan, 1.0))
    return {
        "cps": true,
        "cps_err": true_error,
        "cps_bgsub": true - (measured - sums["cps_bgsub"]),
        "cps_bgsub_err": np.hypot(true_error, of_background),
        "nonlinearity": factor,
    }
