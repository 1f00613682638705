"""What a reduction will derive from the stims after CSP, so that it can be undone."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.errors import SimulationError
from gphoton_db.mission import ARCSEC_PER_MICRON, Band, stim_positions
from gphoton_db.simulate.kernels.after_csp import Y_LIMIT_ARCSEC, CspTables

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BEFORE_CSP = CspTables(
    active=False,
    x_scale=1.0,
    x_shift=0.0,
    y_scale=1.0,
    y_shift=0.0,
    phase=np.zeros((1, 1)),
    wig2=np.zeros((1, 1, 1, 1)),
    wlk2=np.zeros((1, 1, 1)),
    clk2=np.zeros((1, 1)),
    start=(0.0, 0.0, 0.0),
    step=(1.0, 1.0, 1.0),
)
"""Nothing to correct."""


@dataclass(frozen=True, eq=False)
class StimEvents:
    """Stim events as a reduction sees them: stim 0 to 3, x and y in microns, ya, yb."""

    stim: Integers
    x: Floats
    y: Floats
    ya: Integers
    yb: Integers

    def means(self) -> tuple[Floats, Floats]:
        """Return the mean x and y of the four stims, arcsec."""
        counts = np.bincount(self.stim, minlength=4)
        x, y = (np.bincount(self.stim, v, minlength=4) / counts for v in (self.x, self.y))
        return x * ARCSEC_PER_MICRON, y * ARCSEC_PER_MICRON

    def separation(self) -> float:
        """Return the separation of the mean stims, arcsec."""
        (x1, x2, x3, x4), (y1, y2, y3, y4) = self.means()
        return float(x2 + x4 - x1 - x3 + y1 + y2 - y3 - y4) / 4


def solve(stims: StimEvents, band: Band, calibration: Path) -> CspTables:
    """Return the solution that stim events lead to."""
    x, y = stims.means()
    before = stim_positions(band, 1)
    x_scale, x_shift = _straighten(x[[0, 2]], x[[1, 3]], np.array(before.x), [0, 2], [1, 3])
    y_scale, y_shift = _straighten(y[[0, 1]], y[[2, 3]], np.array(before.y), [0, 1], [2, 3])
    scaled = y_scale * stims.y + y_shift
    mean = y_scale * y / ARCSEC_PER_MICRON + y_shift
    used = (stims.ya > 2) & (stims.yb == 2)
    slope, level = np.polyfit(stims.ya[used], (scaled - mean[stims.stim])[used], 1)
    wig2, *wig2_bins = _read(calibration, "WIG2", ("YB", "YA", "XB"), (8, 32, 8))
    wlk2, *wlk2_bins = _read(calibration, "WLK2", ("YB", "Q"), (8, 32))
    clk2, *clk2_bins = _read(calibration, "CLK2", ("YB",), (8,))
    return CspTables(
        active=True,
        x_scale=x_scale,
        x_shift=x_shift,
        y_scale=y_scale,
        y_shift=y_shift,
        phase=_phase_table(float(slope), float(level)),
        wig2=wig2,
        wlk2=wlk2,
        clk2=clk2,
        start=(wig2_bins[0], wlk2_bins[0], clk2_bins[0]),
        step=(wig2_bins[1], wlk2_bins[1], clk2_bins[1]),
    )


def _straighten(
    one: Floats, other: Floats, before: Floats, i: list[int], j: list[int]
) -> tuple[float, float]:
    """Return scale and shift (microns) that put two sides where they were before CSP."""
    scale = (before[i].mean() - before[j].mean()) / (one.mean() - other.mean())
    return float(scale), float(before[i].mean() - scale * one.mean()) / ARCSEC_PER_MICRON


def _phase_table(slope: float, level: float) -> Floats:
    """Return the (32, 8) table of ya and yb, microns: lines that meet at ya = 16."""
    steepness = np.array([1, 1, 1.04, 1.06, 1.06, 1, 1, 1])
    ya = np.arange(32)[:, None]
    return np.asarray(level + 16 * slope + (ya - 16) * slope * steepness)


def _read(
    calibration: Path, name: str, keys: tuple[str, ...], shape: tuple[int, ...]
) -> tuple[Floats, float, float]:
    """Return a table by bin of y and by `keys`, where its first bin starts, and its step."""
    path = calibration / f"{name}_Sep2010.fits"
    with fits.open(path, memmap=False) as hdus:
        header, rows = hdus[0].header, hdus[1].data
        start, step = float(header["Y_AS_0"]), float(header["Y_AS_INC"])
        if start > -Y_LIMIT_ARCSEC or step <= 0:
            raise SimulationError(
                f"{path}: its bins start at y = {start} in steps of {step} arcsec; they must "
                f"start at {-Y_LIMIT_ARCSEC} or below and grow"
            )
        bins = max(int((Y_LIMIT_ARCSEC - start) / step), int(rows["yy"].max())) + 1
        values = np.zeros((bins, *shape))
        values[tuple(rows[key].astype(np.int64) for key in ("yy", *keys))] = rows["ycor"]
    return values, start, step
