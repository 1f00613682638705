"""From the bins of a flare to significance, fluence, energy and temperature."""

import math

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import FLUX_OF_ONE_COUNT, Band

Floats = NDArray[np.float64]

EFFECTIVE_WAVELENGTH = {Band.NUV: 2315.7, Band.FUV: 1538.6}
"""Angstrom (Morrissey et al. 2007)."""

EFFECTIVE_WIDTH = {Band.NUV: 729.94, Band.FUV: 255.45}
"""Integral of the relative response, Angstrom (Filter Profile Service of the Spanish Virtual
Observatory), by which a flux density becomes a flux in the band."""

CM_OF_PARSEC = 3.0857e18
_PLANCK_K_ANGSTROM = 1.438777e8
"""h c / k, K Angstrom: 1.438777 cm K."""

COOLEST, HOTTEST = 2_000.0, 200_000.0
"""Temperatures, K, between which the ratio of the bands tells one from another."""


def significance(on: float, off: float, ratio: float) -> float:
    """Return how many standard deviations some photons are above what was expected.

    Equation 17 of Li & Ma (1983, ApJ 272, 317), for a background that is known by photons of
    another time only; it holds for few of them, too.

    Parameters
    ----------
    on, off : float
        Photons in the flare, and outside.
    ratio : float
        Exposure of the flare over that outside.

    Returns
    -------
    float
        Below 0 where there are fewer than expected; NaN where nothing is known outside.
    """
    if not (ratio > 0 and off >= 0 and on >= 0) or on + off <= 0:
        return float("nan")
    first = on * math.log((1 + ratio) / ratio * on / (on + off)) if on else 0.0
    second = off * math.log((1 + ratio) * off / (on + off)) if off else 0.0
    sign = 1.0 if on >= ratio * off else -1.0
    return sign * math.sqrt(max(2 * (first + second), 0.0))


def fluence_of(band: Band, photons: float) -> float:
    """Return the energy that passed a square cm, erg, of photons of the whole star."""
    return photons * FLUX_OF_ONE_COUNT[band] * EFFECTIVE_WIDTH[band]


def energy_of(
    fluence: float, fluence_err: float, distance: float, distance_err: float
) -> tuple[float, float]:
    """Return the energy of a flare into all directions, erg, and its error.

    Parameters
    ----------
    fluence, fluence_err : float
        erg/cm2.
    distance, distance_err : float
        pc; an error of NaN is not known, and left out.
    """
    if not (distance > 0 and math.isfinite(distance)):
        return float("nan"), float("nan")
    sphere = 4 * math.pi * (distance * CM_OF_PARSEC) ** 2
    relative = 0.0 if math.isnan(distance_err) else 2 * distance_err / distance
    return sphere * fluence, sphere * math.hypot(fluence_err, fluence * relative)


def band_ratio(temperature: float) -> float:
    """Return the flux density of a black body in FUV over that in NUV."""
    nuv, fuv = (EFFECTIVE_WAVELENGTH[band] for band in (Band.NUV, Band.FUV))
    x_nuv, x_fuv = (_PLANCK_K_ANGSTROM / (each * temperature) for each in (nuv, fuv))
    return (nuv / fuv) ** 5 * math.expm1(x_nuv) / math.expm1(x_fuv)


def temperature_of(ratio: float, ratio_err: float) -> tuple[float, float]:
    """Return the temperature of a black body, K, and its error, from the ratio FUV / NUV.

    Parameters
    ----------
    ratio, ratio_err : float
        Of the flux densities, FUV over NUV.

    Returns
    -------
    tuple of float
        NaN where the ratio is of no temperature between `COOLEST` and `HOTTEST`, or is not
        above its own error.  The error is half of the range between one error of the ratio down
        and up, and NaN where one of these is of no temperature.
    """
    if not ratio > ratio_err >= 0:
        return float("nan"), float("nan")
    low, middle, high = (_solved(each) for each in (ratio - ratio_err, ratio, ratio + ratio_err))
    if math.isnan(middle):
        return float("nan"), float("nan")
    return middle, (high - low) / 2


def _solved(ratio: float) -> float:
    """Return the temperature of a ratio, which rises with it; by halving the logarithm."""
    if not band_ratio(COOLEST) <= ratio <= band_ratio(HOTTEST):
        return float("nan")
    low, high = math.log(COOLEST), math.log(HOTTEST)
    for _ in range(60):
        middle = (low + high) / 2
        if band_ratio(math.exp(middle)) < ratio:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


def quadratic_sum(values: Floats) -> float:
    """Return the error of a sum of values with these errors."""
    return float(np.sqrt(np.square(values).sum()))
