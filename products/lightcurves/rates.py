"""From sums over photons to the columns of a light curve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import (
    FLUX_OF_ONE_COUNT,
    LOW_PULSE_HEIGHT,
    LOW_RESPONSE,
    MAGNITUDE_ZERO_POINT,
    NONLINEAR_RATE,
    Band,
)
from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.kernels.aperture_sums import OFF_AXIS_PIXELS
from gphoton_db.products.lightcurves.bits import LightCurveFlag, LightCurveWarning
from gphoton_db.products.lightcurves.nonlinear import brightest, corrected_rates, linear_up_to

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNITS = {
    **dict.fromkeys(("t0", "t1", "t_mean", "t0_data", "t1_data", "exposure", "exptime"), "s"),
    **dict.fromkeys(("flat_counts", "flat_counts_err", "bg_flat_counts", "bg", "bg_err"), "ct"),
    **dict.fromkeys(("cps", "cps_err", "cps_bgsub", "cps_bgsub_err"), "ct / s"),
    **dict.fromkeys(("flux", "flux_err", "flux_bgsub", "flux_bgsub_err"), "erg / (s cm2 Angstrom)"),
    **dict.fromkeys(
        tuple(
            f"mag{kind}{what}"
            for kind in ("", "_bgsub")
            for what in ("", "_err_1", "_err_2", "_corrected")
        ),
        "mag",
    ),
    **dict.fromkeys(("detxs", "detys", "detrad"), "pix"),
    **dict.fromkeys(("racent", "deccent", "ra", "dec"), "deg"),
    "bjd_tdb": "d",
    "counts": "ct",
    "bg_counts": "ct",
    "responses": "",
    "q": "",
    "covered": "",
    "nonlinearity": "",
}
"""Unit of each column that has one; an empty one is that of a plain number."""


@dataclass(frozen=True, eq=False)
class BinRows:
    """What was counted in bins, one row each.

    Parameters
    ----------
    eclipse, leg : (n,) int64
        Which leg.
    band : (n,) str
        NUV or FUV.
    t0_ms, t1_ms : (n,) int64
        The bin, GALEX ms.
    exposure : (n,) float64
        Seconds, corrected for dead time.
    counts, first_ms, last_ms, moments, background_counts, background, bits
        As `kernels.aperture_sums.Sums` has them.
    covered : (n,) float64
        Part of the bin with the position in the field.
    free : (n,) float64
        Part of the annulus without known sources.
    warnings : (n,) int64
        Bits that are known already.
    bjd_tdb : (n,) float64
        Of the middle of the bin, days.
    """

    eclipse: Ints
    band: NDArray[np.str_]
    leg: Ints
    t0_ms: Ints
    t1_ms: Ints
    exposure: Floats
    counts: Ints
    first_ms: Ints
    last_ms: Ints
    moments: NDArray[np.void]
    background_counts: Ints
    background: NDArray[np.void]
    bits: NDArray[np.uint8]
    covered: Floats
    free: Floats
    warnings: Ints
    bjd_tdb: Floats

    def __len__(self) -> int:
        return len(self.eclipse)

    @classmethod
    def join(cls, parts: "Sequence[BinRows]") -> "BinRows":
        """Return the rows of several, at least one."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls))
        )

    def take(self, order: NDArray[Any]) -> "BinRows":
        """Return some rows, in the order that is given."""
        if len(order) == len(self) and (np.diff(order) > 0).all():
            return self
        return BinRows(*(getattr(self, f.name)[order] for f in fields(self)))


def columns_of(
    rows: BinRows, aperture: Aperture, *, nonlinear: bool = False
) -> dict[str, NDArray[Any]]:
    """Return the columns of a light curve, plain numbers in the units of `UNITS`.

    What cannot be known (a rate without exposure, a magnitude without counts, a background
    without annulus) is NaN.

    Parameters
    ----------
    rows : BinRows
        What was counted.
    aperture : Aperture
        In what.
    nonlinear : bool
        Whether rates are corrected for the detector's non-linearity; there is a column
        ``nonlinearity`` then.  Flags and warnings are of the measured ones.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        columns: dict[str, NDArray[Any]] = {
            "eclipse": rows.eclipse,
            "band": rows.band,
            "leg": rows.leg,
            **_times(rows),
        }
        measured = _sums(rows, aperture)
        columns |= measured
        if nonlinear:
            columns |= corrected_rates(rows.band, measured)
        for kind in ("", "_bgsub"):
            columns |= _brightness(rows.band, columns, kind, aperture)
        columns |= _means(rows)
    columns["covered"] = rows.covered
    columns["flags"] = _flags(rows, columns | measured)
    columns["warnings"] = _warnings(rows, columns | measured)
    if nonlinear:
        columns["warnings"] |= _of_correction(rows.band, measured["cps"])
    columns["bjd_tdb"] = rows.bjd_tdb
    return columns


def _times(rows: BinRows) -> dict[str, NDArray[Any]]:
    seen = rows.counts > 0
    mean = (rows.t0_ms + rows.moments["since_start_ms"] / rows.counts) / 1000.0
    return {
        "t0": rows.t0_ms / 1000.0,
        "t1": rows.t1_ms / 1000.0,
        "t_mean": np.where(seen, mean, (rows.t0_ms / 1000.0 + rows.t1_ms / 1000.0) / 2),
        "t0_data": np.where(seen, rows.first_ms / 1000.0, np.nan),
        "t1_data": np.where(seen, rows.last_ms / 1000.0, np.nan),
        "exposure": rows.exposure,
        "exptime": rows.exposure,
    }


def _sums(rows: BinRows, aperture: Aperture) -> dict[str, NDArray[Any]]:
    exposure = np.where(rows.exposure > 0, rows.exposure, np.nan)
    flat, variance = rows.moments["weight"], rows.moments["squared_weight"]
    known = aperture.annulus is not None
    inner, outer = aperture.annulus or (0.0, 1.0)
    area_ratio = aperture.radius**2 / (outer**2 - inner**2)
    scale = np.where(known & (rows.free > 0), area_ratio / rows.free, np.nan)
    background = rows.background["weight"] * scale
    background_error = np.sqrt(rows.background["squared_weight"]) * scale
    return {
        "counts": rows.counts,
        "flat_counts": flat,
        "flat_counts_err": np.sqrt(variance),
        "bg_counts": np.where(known, rows.background_counts, np.nan),
        "bg_flat_counts": np.where(known, rows.background["weight"], np.nan),
        "bg": background,
        "bg_err": background_error,
        "cps": flat / exposure,
        "cps_err": np.sqrt(variance) / exposure,
        "cps_bgsub": (flat - background) / exposure,
        "cps_bgsub_err": np.sqrt(variance + background_error**2) / exposure,
    }


def _brightness(
    band: NDArray[np.str_], columns: dict[str, NDArray[Any]], kind: str, aperture: Aperture
) -> dict[str, NDArray[Any]]:
    cps, error = columns[f"cps{kind}"], columns[f"cps{kind}_err"]
    flux, zero_point = (of_band(band, each) for each in (FLUX_OF_ONE_COUNT, MAGNITUDE_ZERO_POINT))
    correction = of_band(band, {each: aperture.correction(each) for each in Band})
    positive = np.where(cps > 0, cps, np.nan)
    mag = zero_point - _magnitudes(positive)
    return {
        f"flux{kind}": cps * flux,
        f"flux{kind}_err": error * flux,
        f"mag{kind}": mag,
        f"mag{kind}_err_1": _magnitudes(1 + error / positive),
        f"mag{kind}_err_2": -_magnitudes(1 - error / positive),
        f"mag{kind}_corrected": mag - correction,
    }


def of_band(band: NDArray[np.str_], values: Mapping[Band, float]) -> Floats:
    """Return the value for the band of each row."""
    return np.where(band == Band.FUV.value, values[Band.FUV], values[Band.NUV])


def _magnitudes(ratio: Floats) -> Floats:
    return 2.5 * np.log10(np.where(ratio > 0, ratio, np.nan))


def _means(rows: BinRows) -> dict[str, NDArray[Any]]:
    counts = np.where(rows.counts > 0, rows.counts, np.nan)
    named = ("response", "col", "row", "detrad", "x", "y", "z", "q")
    mean = {name: rows.moments[name] / counts for name in named}
    x, y, z = mean["x"], mean["y"], mean["z"]
    return {
        "responses": mean["response"],
        "detxs": mean["col"],
        "detys": mean["row"],
        "detrad": mean["detrad"],
        "racent": (np.degrees(np.arctan2(y, x)) + 360) % 360,
        "deccent": np.degrees(np.arctan2(z, np.sqrt(x**2 + y**2))),
        "q": mean["q"],
    }


def _flags(rows: BinRows, columns: dict[str, NDArray[Any]]) -> Ints:
    flag = LightCurveFlag
    bright = of_band(rows.band, NONLINEAR_RATE)
    found = rows.bits.astype(np.int64)
    found |= flag.SHORT * (rows.exposure < (columns["t1"] - columns["t0"]) / 2)
    found |= flag.NONLINEAR * (columns["cps"] > bright)
    return found


def _warnings(rows: BinRows, columns: dict[str, NDArray[Any]]) -> Ints:
    warning = LightCurveWarning
    bright = of_band(rows.band, NONLINEAR_RATE)
    found = rows.warnings.copy()
    found |= warning.NONLINEAR * (columns["cps"] + columns["cps_err"] > bright)
    found |= warning.LOW_PULSE_HEIGHT * (columns["q"] < LOW_PULSE_HEIGHT)
    found |= warning.PARTLY_COVERED * (rows.covered < 1)
    found |= warning.ANNULUS_CROWDED * (rows.free < 0.5)
    found |= warning.MEAN_RESPONSE * (columns["responses"] < LOW_RESPONSE)
    found |= warning.MEAN_OFF_AXIS * (columns["detrad"] > OFF_AXIS_PIXELS)
    return found


def _of_correction(band: NDArray[np.str_], measured: Floats) -> Ints:
    """Return the warnings of rates that are corrected, or too high to be."""
    corrected = measured > of_band(band, {each: linear_up_to(each) for each in Band})
    beyond = measured > of_band(band, {each: brightest(each) for each in Band})
    warning = LightCurveWarning
    return np.asarray(corrected * int(warning.CORRECTED) | beyond * int(warning.SATURATED))
