"""From what a source has in a band to the columns of the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import DETECTOR_CENTRE, MAGNITUDE_ZERO_POINT, Band
from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.catalogue.growth import GrowthFit, fit_growth
from gphoton_db.products.catalogue.ring_photons import SKY_ANNULUS, SourceSums
from gphoton_db.products.kernels.placing import (
    GHOST_BIT,
    HOTSPOT_BIT,
    NARROW_EDGE_BIT,
    WIDE_EDGE_BIT,
)

MODEL_ARCSEC = 17.3
"""Curves of growth are fitted to apertures up to this one: further out are other sources."""

LEAST_RINGS = 4
"""And to all there are, where fewer are left."""

MODEL_SIGNIFICANCE = 5.0
"""A rate above the background, in errors, from which on the width of a source is fitted; that of
fainter ones is the median of the brighter ones' widths, and they have no sigma_err."""

POINT_SOURCE_SIGMA = {Band.NUV: 2.25, Band.FUV: 1.8}
"""Arcsec: where nothing is bright enough; full widths at half maximum of 5.3 and 4.2 arcsec
(Morrissey et al. 2007)."""

LEAST_FREE = 0.05
"""Part of an annulus that must be left for it to say anything of the background."""

CENTROID_NOISE = 1.25
"""Error of the centroid of a segment by that of the best possible one: measured, see
docs/correctness.md."""

ARTIFACTS = {
    "hotspot": HOTSPOT_BIT,
    "ghost": GHOST_BIT,
    "wide_edge": WIDE_EDGE_BIT,
    "narrow_edge": NARROW_EDGE_BIT,
}

Floats = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class BandSums:
    """What n sources have in a band.

    Parameters
    ----------
    band : Band
        Which one.
    exposure : float
        Of the leg, s.
    radii : tuple of float
        Of the apertures, arcsec; ``reference`` is the number of the one of the plain columns.
    sums : SourceSums
        In the apertures and the annulus.
    sky_map : (n,) float64
        Background of the detection, 1/s/arcsec2.
    """

    band: Band
    exposure: float
    radii: Sequence[float]
    reference: int
    sums: SourceSums
    sky_map: Floats

    @property
    def areas(self) -> Floats:
        """Of the apertures, arcsec2."""
        return np.pi * np.asarray(self.radii) ** 2


def band_columns(of: BandSums) -> Columns:
    """Return the columns of a band, without its prefix; lists are (n, m), unknown values NaN."""
    _, _, _, bits = of.sums.whole()
    with np.errstate(divide="ignore", invalid="ignore"):
        apertures = _apertures(of)
        columns: Columns = {"exposure": np.full(len(bits), of.exposure)}
        columns |= {name: (bits[:, of.reference] & bit) > 0 for name, bit in ARTIFACTS.items()}
        columns |= _means(of)
        names = ("photons", "counts", "counts_err", "cps", "cps_err", "mag")
        for name in (*names, "mag_err_1", "mag_err_2", "cps_bgsub", "mag_corrected"):
            columns[name] = apertures[name][:, of.reference]
            columns[f"aper_{name}"] = apertures[name]
        columns["cps_bgsub_err"] = apertures["cps_bgsub_err"][:, of.reference]
        columns["mag_bgsub"] = magnitude(columns["cps_bgsub"], of.band)
        columns["sky"], columns["sky_err"] = _sky(of)
        columns["sky_map"] = of.sky_map
        columns |= _model(of, columns)
    return columns


def magnitude(cps: Floats, band: Band) -> Floats:
    """Return AB magnitudes of rates, 1/s; NaN where there is none."""
    return MAGNITUDE_ZERO_POINT[band] - 2.5 * np.log10(np.where(cps > 0, cps, np.nan))


def magnitude_errors(cps: Floats, error: Floats) -> tuple[Floats, Floats]:
    """Return how much brighter, and how much fainter, a magnitude may be by the rate's error."""
    part = error / np.where(cps > 0, cps, np.nan)
    return 2.5 * np.log10(1 + part), -2.5 * np.log10(np.where(part < 1, 1 - part, np.nan))


def position_error(cps: Floats, sigma: Floats, sky: Floats, exposure: float) -> Floats:
    """Return the error of the position of a detection along an axis, arcsec.

    Parameters
    ----------
    cps, sigma : (n,) float64
        Of the source: 1/s, and the width of its Gaussian, arcsec.
    sky : (n,) float64
        Background, 1/s/arcsec2.
    exposure : float
        Seconds.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        counts = np.where(cps > 0, cps, np.nan) * exposure
        background = np.maximum(np.nan_to_num(sky), 0.0) * exposure
        best = sigma * np.sqrt((1 + 8 * np.pi * sigma**2 * background / counts) / counts)
        return np.asarray(CENTROID_NOISE * best)


def _sky(of: BandSums) -> tuple[Floats, Floats]:
    inner, outer = SKY_ANNULUS
    free = np.where(of.sums.free >= LEAST_FREE, of.sums.free, np.nan)
    area = np.pi * (outer**2 - inner**2) * free * of.exposure
    # Of a background without a photon, the error is that of one.
    variance = np.maximum(of.sums.sky[:, 2], 1.0)
    return of.sums.sky[:, 1] / area, np.sqrt(variance) / area


def _apertures(of: BandSums) -> Columns:
    photons, counts, variance, _ = of.sums.whole()
    sky, sky_error = (each[:, None] for each in _sky(of))
    unknown = np.isnan(sky)
    sky = np.where(unknown, of.sky_map[:, None], sky)
    sky_error = np.where(unknown, 0.0, sky_error)
    cps, error = counts / of.exposure, np.sqrt(variance) / of.exposure
    subtracted = cps - sky * of.areas
    mag_errors = magnitude_errors(cps, error)
    missed = np.array([Aperture(radius).correction(of.band) for radius in of.radii])
    return {
        "photons": np.rint(photons).astype(np.int64),
        "counts": counts,
        "counts_err": np.sqrt(variance),
        "cps": cps,
        "cps_err": error,
        "mag": magnitude(cps, of.band),
        "mag_err_1": mag_errors[0],
        "mag_err_2": mag_errors[1],
        "cps_bgsub": subtracted,
        "cps_bgsub_err": np.hypot(error, sky_error * of.areas),
        "mag_corrected": magnitude(subtracted, of.band) - missed,
    }


def _means(of: BandSums) -> Columns:
    moments = of.sums.moments
    n = np.where(moments[:, 0] > 0, moments[:, 0], np.nan)
    x, y, xx, yy, q, ya = (moments[:, k] / n for k in range(1, 7))
    spread = [np.sqrt(np.maximum(square - mean**2, 0)) for mean, square in ((x, xx), (y, yy))]
    return {
        "dispersion": spread[0] + spread[1],
        "q_mean": q,
        "ya_mean": ya,
        "col": x + DETECTOR_CENTRE,
        "row": y + DETECTOR_CENTRE,
    }


def _model(of: BandSums, columns: Columns) -> Columns:
    fit = _fit(of, columns["cps_bgsub"] / columns["cps_bgsub_err"])
    errors = magnitude_errors(fit.cps, fit.cps_err)
    return {
        "model_cps": fit.cps,
        "model_cps_err": fit.cps_err,
        "model_mag": magnitude(fit.cps, of.band),
        "model_mag_err_1": errors[0],
        "model_mag_err_2": errors[1],
        "sigma": fit.sigma,
        "sigma_err": fit.sigma_err,
        "background": fit.background,
        "background_err": fit.background_err,
        "chi2": fit.chi2,
        "dof": fit.dof,
        "model_residuals": fit.residuals,
    }


def _fit(of: BandSums, significance: Floats) -> GrowthFit:
    """Return curves of growth, with a width of their own where there are photons enough."""
    radii = np.asarray(of.radii)
    used = radii <= MODEL_ARCSEC
    if used.sum() < LEAST_RINGS:
        used[:] = True
    _, counts, variance, _ = of.sums.whole()
    counts, variance = counts[:, used], variance[:, used]
    bright = significance >= MODEL_SIGNIFICANCE
    fit = fit_growth(radii[used], counts[bright], variance[bright], of.exposure)
    found = fit.dof >= 0
    bright[bright] = found
    sigma = POINT_SOURCE_SIGMA[of.band]
    if bright.sum() >= 10:
        sigma = float(np.median(fit.sigma[found]))
    others = fit_growth(radii[used], counts[~bright], variance[~bright], of.exposure, sigma=sigma)
    return others.with_others(fit.take(found), bright)
