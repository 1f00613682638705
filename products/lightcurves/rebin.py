"""Longer bins for a light curve, from its columns alone."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.apertures.targets import unit_vectors
from gphoton_db.products.bins import step_in_ms
from gphoton_db.products.kernels.aperture_sums import MOMENTS, WEIGHTS
from gphoton_db.products.lightcurves.bits import LightCurveFlag, LightCurveWarning
from gphoton_db.products.lightcurves.rates import BinRows
from gphoton_db.products.lightcurves.times import barycentric_days

if TYPE_CHECKING:
    from astropy.timeseries import TimeSeries

COUNTED_BITS = (
    LightCurveFlag.HOTSPOT
    | LightCurveFlag.EDGE
    | LightCurveFlag.RESPONSE
    | LightCurveFlag.OFF_AXIS
    | LightCurveFlag.ANNULUS_HOTSPOT
    | LightCurveFlag.ANNULUS_EDGE
)
"""Flags that any photon sets; the others follow from the rates of the new bins."""

KEPT_WARNINGS = (
    LightCurveWarning.DITHER
    | LightCurveWarning.PARTLY_COVERED
    | LightCurveWarning.ANNULUS_CROWDED
    | LightCurveWarning.RAMP_UP
)
"""Warnings that hold for longer bins too; the others follow from their rates and means."""


MEANS = {"response": "responses", "col": "detxs", "row": "detys", "detrad": "detrad", "q": "q"}
"""Columns that are means of what a moment sums up."""


def rebinned(curve: "TimeSeries", aperture: Aperture, step: float | None) -> BinRows:
    """Return what longer bins counted.

    Parameters
    ----------
    curve : TimeSeries
        The columns and the ``meta`` of a `LightCurve`.
    aperture : Aperture
        That it was measured in.
    step : float, optional
        As for `LightCurve.bin`, which also says what is refused.
    """
    rows = _rows_of(curve, aperture)
    group = _groups(rows, step_in_ms(step), curve.meta.get("TIMES"))
    return _added(rows, group, curve.meta["RA"], curve.meta["DEC"])


def _groups(
    rows: BinRows, step_ms: int | None, ranges: list[list[float]] | None
) -> NDArray[np.int64]:
    """Return which rows begin a new bin; each of the time ranges (s) has bins of its own."""
    if step_ms is not None and len(rows) and step_ms < int((rows.t1_ms - rows.t0_ms).max()):
        longest = int((rows.t1_ms - rows.t0_ms).max()) / 1000
        raise ProductError(
            f"bins of {longest:g} s cannot be divided: give a step of at least that, or make the "
            "light curve anew"
        )
    first: list[int] = []
    begins = np.rint(np.array([start for start, _ in ranges or []]) * 1000).astype(np.int64)
    within = np.searchsorted(begins, rows.t0_ms, side="right")
    for k in range(len(rows)):
        same = bool(first) and all(
            values[k] == values[first[-1]] for values in (rows.eclipse, rows.band, rows.leg, within)
        )
        if not same or (step_ms and rows.t1_ms[k] - rows.t0_ms[first[-1]] > step_ms):
            first.append(k)
    return np.array(first, np.int64)


def _rows_of(curve: "TimeSeries", aperture: Aperture) -> BinRows:
    """Return what the columns say was counted."""

    def plain(name: str) -> NDArray[Any]:
        return np.asarray(getattr(curve[name], "value", curve[name]))

    counts = plain("counts")
    t0_ms, t1_ms = (np.rint(plain(name) * 1000).astype(np.int64) for name in ("t0", "t1"))
    x, y, z = unit_vectors(plain("racent"), plain("deccent")).T
    means = {"since_start_ms": plain("t_mean") * 1000 - t0_ms, "x": x, "y": y, "z": z}
    means |= {name: plain(column) for name, column in MEANS.items()}
    moments = np.zeros(len(curve), MOMENTS)
    for name, mean in means.items():
        moments[name] = np.where(counts > 0, mean * counts, 0.0)
    moments["weight"] = plain("flat_counts")
    moments["squared_weight"] = plain("flat_counts_err") ** 2
    scale, free = _background_scale(plain("bg"), plain("bg_flat_counts"), aperture)
    background = np.zeros(len(curve), WEIGHTS)
    background["weight"] = np.nan_to_num(plain("bg_flat_counts"))
    background["squared_weight"] = (np.nan_to_num(plain("bg_err")) / scale) ** 2
    seen = counts > 0
    return BinRows(
        *(plain("eclipse"), plain("band"), plain("leg"), t0_ms, t1_ms, plain("exposure"), counts),
        np.where(
            seen, np.rint(np.nan_to_num(plain("t0_data")) * 1000), np.iinfo(np.int64).max // 2
        ).astype(np.int64),
        np.where(seen, np.rint(np.nan_to_num(plain("t1_data")) * 1000), 0).astype(np.int64),
        moments,
        np.nan_to_num(plain("bg_counts")),
        background,
        (plain("flags") & int(COUNTED_BITS)).astype(np.uint8),
        *(plain("covered"), np.full(len(counts), free)),
        *(plain("warnings") & int(KEPT_WARNINGS), plain("bjd_tdb")),
    )


def _background_scale(
    bg: NDArray[np.float64], flat_counts: NDArray[np.float64], aperture: Aperture
) -> tuple[float, float]:
    """Return by what the background was scaled, and the part of the annulus that was free."""
    inner, outer = aperture.annulus or (0.0, 1.0)
    full = aperture.radius**2 / (outer**2 - inner**2)
    known = np.isfinite(bg) & (flat_counts > 0)
    if not known.any():
        return full, 1.0
    scale = float(bg[known].sum() / flat_counts[known].sum())
    return scale, full / scale


def _added(rows: BinRows, first: NDArray[np.int64], ra: float, dec: float) -> BinRows:
    def total(values: NDArray[Any]) -> NDArray[Any]:
        if values.dtype.names is None:
            return np.asarray(np.add.reduceat(values, first))
        added = np.zeros(len(first), values.dtype)
        for name in values.dtype.names:
            added[name] = np.add.reduceat(values[name], first)
        return added

    t0_ms, t1_ms = rows.t0_ms[first], np.maximum.reduceat(rows.t1_ms, first)
    # The mean time is counted from the start of the new bin.
    moments = rows.moments.copy()
    group = np.searchsorted(first, np.arange(len(rows)), side="right") - 1
    moments["since_start_ms"] += rows.counts * (rows.t0_ms - t0_ms[group])
    length = (rows.t1_ms - rows.t0_ms).astype(float)
    middle = (t0_ms + t1_ms) // 2
    direction = unit_vectors(np.array([ra]), np.array([dec]))
    return BinRows(
        *(rows.eclipse[first], rows.band[first], rows.leg[first], t0_ms, t1_ms),
        *(total(rows.exposure), total(rows.counts)),
        np.minimum.reduceat(rows.first_ms, first),
        np.maximum.reduceat(rows.last_ms, first),
        *(total(moments), total(rows.background_counts), total(rows.background)),
        np.bitwise_or.reduceat(rows.bits, first),
        total(rows.covered * length) / total(length),
        rows.free[first],
        np.bitwise_or.reduceat(rows.warnings, first),
        barycentric_days(middle, direction)[0],
    )
