"""What is measured of a flare in one band."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import Band
from gphoton_db.products.flares.energy import (
    EFFECTIVE_WIDTH,
    energy_of,
    fluence_of,
    quadratic_sum,
    significance,
    temperature_of,
)
from gphoton_db.products.flares.series import Series
from gphoton_db.products.flares.template import Template, fit_template

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FlareRow = dict[str, Any]
"""Columns of the view ``flares``."""

UNKNOWN = float("nan")


@dataclass(frozen=True, eq=False)
class Excess:
    """How far the rates of a series are above quiescence, of the whole star.

    Parameters
    ----------
    rate, error : (n,) float64
        Of each bin, 1/s.
    quiescence, quiescence_err : float
        1/s.
    off_counts, off_exposure : float
        Photons and seconds that it is of.
    """

    rate: Floats
    error: Floats
    quiescence: float
    quiescence_err: float
    off_counts: float
    off_exposure: float


def measure_flare(
    series: Series,
    inside: Bools,
    excess: Excess,
    span: Sequence[float],
    distance: tuple[float, float],
    *,
    template: bool,
) -> FlareRow:
    """Return what is known of a flare in one band.

    Parameters
    ----------
    series : Series
        The bins of the visit.
    inside : (n,) bool
        Those of the flare, at least one.
    excess : Excess
        Of the bins.
    span : (float, float)
        Where the flare begins and ends, GALEX s.
    distance : (float, float)
        Of the star, and its error, pc.
    template : bool
        Whether a template is fitted.
    """
    length, rows = series.length[inside], np.flatnonzero(inside)
    top = int(rows[np.argmax(excess.rate[inside])])
    return {
        "eclipse": series.eclipse,
        "leg": series.leg,
        "band": str(series.band),
        "t0": span[0],
        "t_peak": float(series.t0[top] + series.t1[top]) / 2,
        "t1": span[1],
        "n_bins": len(rows),
        "exposure": float(np.nansum(series.exposure[inside])),
        "missing": max(span[1] - span[0] - float(length.sum()), 0.0),
        "peak_at_edge": bool(top in (0, len(series) - 1)),
        "quiescence": excess.quiescence,
        "quiescence_err": excess.quiescence_err,
        "peak_cps": float(excess.rate[top]),
        "peak_cps_err": float(excess.error[top]),
        "significance": _significance(series, inside, excess),
        **_energies(series, inside, excess, distance),
        **_of_template(series, inside, excess, template),
        "aperture_correction": series.correction,
        "flags": int(np.bitwise_or.reduce(series.flags[inside])),
        "warnings": int(np.bitwise_or.reduce(series.warnings[inside])),
    }


def _energies(
    series: Series, inside: Bools, excess: Excess, distance: tuple[float, float]
) -> FlareRow:
    length = series.length[inside]
    photons = float((excess.rate[inside] * length).sum())
    noise = quadratic_sum(excess.error[inside] * length)
    photons_err = math.hypot(noise, excess.quiescence_err * float(length.sum()))
    fluence, fluence_err = (fluence_of(series.band, n) for n in (photons, photons_err))
    energy, energy_err = energy_of(fluence, fluence_err, *distance)
    return {
        "excess": photons,
        "excess_err": photons_err,
        "fluence": fluence,
        "fluence_err": fluence_err,
        "distance": distance[0],
        "distance_err": distance[1],
        "energy": energy,
        "energy_err": energy_err,
        "temperature": UNKNOWN,
        "temperature_err": UNKNOWN,
    }


def _significance(series: Series, inside: Bools, excess: Excess) -> float:
    used = inside & (np.nan_to_num(series.exposure) > 0)
    if excess.off_exposure <= 0:
        return UNKNOWN
    ratio = float(series.exposure[used].sum()) / excess.off_exposure
    return significance(float(series.counts[used].sum()), excess.off_counts, ratio)


def _of_template(series: Series, inside: Bools, excess: Excess, wanted: bool) -> FlareRow:
    fitted: Template | None = None
    used = inside & np.isfinite(excess.rate) & series.exposed()
    if wanted and used.any():
        # A bin without photons has an error all the same: that of one photon.
        least = series.factor / np.maximum(series.exposure[used], 1e-3)
        errors = np.maximum(excess.error[used], np.where(series.counts[used] > 0, 0.0, least))
        errors = np.where(errors > 0, errors, least)
        fitted = fit_template(series.t0[used], series.t1[used], excess.rate[used], errors)
    nothing = Template(*(UNKNOWN,) * 9, 0)
    each = fitted or nothing
    return {
        "template_t_peak": each.t_peak,
        "template_t_peak_err": each.t_peak_err,
        "template_peak": each.peak,
        "template_peak_err": each.peak_err,
        "template_fwhm": each.fwhm,
        "template_fwhm_err": each.fwhm_err,
        "template_fluence": fluence_of(series.band, each.photons),
        "template_fluence_err": fluence_of(series.band, each.photons_err),
        "template_chi2": each.chi2,
        "template_dof": each.dof if fitted else None,
    }


def set_temperature(rows: Sequence[FlareRow]) -> None:
    """Set the temperature of a flare that was measured in both bands over one range."""
    of_band = {row["band"]: row for row in rows}
    if len(of_band) < 2:
        return
    nuv, fuv = (of_band[str(band)] for band in (Band.NUV, Band.FUV))
    flux = [
        [row[name] / EFFECTIVE_WIDTH[Band(row["band"])] for name in ("fluence", "fluence_err")]
        for row in (nuv, fuv)
    ]
    (n, n_err), (f, f_err) = flux
    if not n > n_err:
        return
    ratio = f / n
    ratio_err = math.hypot(f_err / n, ratio * n_err / n)
    for row in rows:
        row["temperature"], row["temperature_err"] = temperature_of(ratio, ratio_err)
