"""Pictures of light curves: rates with errors against time, warned bins hollow."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.lightcurves.bits import LightCurveFlag
from gphoton_db.times import utc

if TYPE_CHECKING:
    from astropy.timeseries import TimeSeries
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"NUV": "#c4500b", "FUV": "#2457a8"}
DOUBTFUL = LightCurveFlag.HOTSPOT | LightCurveFlag.EDGE | LightCurveFlag.SHORT
LONG_GAP_S = 86400.0
"""Visits further apart than this are drawn by their dates, closer ones in seconds."""


def can_be_drawn(curve: "TimeSeries") -> bool:
    """Return whether a table, which may be a part of a light curve's, has all that is drawn."""
    kind = "_bgsub" if curve.meta.get("ANNULUS") else ""
    columns = {"band", "flags", "warnings", f"cps{kind}", f"cps{kind}_err"}
    there = columns <= set(curve.colnames) and {"RA", "DEC", "RADIUS"} <= set(curve.meta)
    return there and len(curve) > 0


def plot_light_curve(
    curve: "TimeSeries", ax: "Axes | None" = None, *, magnitudes: bool = False
) -> "Axes":
    """Draw a light curve, on new axes of pyplot's unless some are given.

    Rates without background where an annulus was measured.  Bins with the flags hotspot, edge or
    short, or with any warning, are hollow.

    Parameters
    ----------
    curve : TimeSeries
        What to draw: the columns and the ``meta`` of a `LightCurve`.
    ax : Axes, optional
        Where.
    magnitudes : bool
        AB magnitudes, brighter ones up, instead of counts a second.
    """
    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.figure(layout="constrained").add_subplot()
    kind = "_bgsub" if curve.meta.get("ANNULUS") else ""
    time, label = _times(curve)
    for band in sorted(set(curve["band"].tolist())):
        chosen = np.asarray(curve["band"] == band)
        doubtful = np.asarray((curve["flags"] & int(DOUBTFUL)) | curve["warnings"]) != 0
        for rows, filled in ((chosen & ~doubtful, True), (chosen & doubtful, False)):
            if rows.any():
                value, error = _values(curve, kind, magnitudes)
                _draw(ax, time[rows], value[rows], error[:, rows], band, filled)
    if magnitudes:
        ax.invert_yaxis()
    quantity = "AB magnitude" if magnitudes else "counts per second"
    ax.set_ylabel(quantity + (", background subtracted" if kind else ""))
    ax.set_xlabel(label)
    ax.set_title(
        f"GALEX light curve of {curve.meta['RA']:.5f}, {curve.meta['DEC']:+.5f}: "
        f"{curve.meta['RADIUS']:g}″ aperture",
        fontsize=11,
    )
    ax.grid(alpha=0.25, linewidth=0.5)
    ax.legend(frameon=False)
    return ax


def write_png(curve: "TimeSeries", path: Path) -> Path:
    """Draw a light curve to a PNG file; see `plot_light_curve`."""
    from gphoton_db.products.images.plot import save_picture

    def draw(figure: "Figure") -> Any:
        figure.set_size_inches(9.0, 4.5)
        return plot_light_curve(curve, figure.add_subplot())

    return save_picture(draw, path)


def _times(curve: "TimeSeries") -> tuple[NDArray[Any], str]:
    middle = (curve["t0"].to_value("s") + curve["t1"].to_value("s")) / 2
    if not len(middle):
        return middle, "time"
    if middle.max() - middle.min() > LONG_GAP_S:
        return curve["time"].datetime64, "date (UTC)"
    begin = curve["t0"].to_value("s").min()
    start = f"{utc(round(begin * 1000)):%Y-%m-%d %H:%M:%S.%f}"[:-3]
    return middle - begin, f"seconds since {start} UTC"


def _values(
    curve: "TimeSeries", kind: str, magnitudes: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return values, and errors downwards and upwards, (2, n)."""
    if not magnitudes:
        error = curve[f"cps{kind}_err"].value
        return curve[f"cps{kind}"].value, np.stack([error, error])
    brighter, fainter = (curve[f"mag{kind}_err_{k}"].value for k in (1, 2))
    return curve[f"mag{kind}"].value, np.nan_to_num(np.stack([brighter, fainter]))


def _draw(
    ax: "Axes",
    time: NDArray[Any],
    value: NDArray[np.float64],
    error: NDArray[np.float64],
    band: str,
    filled: bool,
) -> None:
    known = np.isfinite(value)
    ax.errorbar(
        time[known],
        value[known],
        yerr=error[:, known],
        fmt="o",
        markersize=4,
        linewidth=1,
        color=COLOURS[band],
        markerfacecolor=COLOURS[band] if filled else "none",
        label=band if filled else f"{band}, with warnings",
    )
