"""What a reduction will derive from the stims after CSP, so that it can be undone."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.mission import ARCSEC_PER_MICRON, Band, stim_positions

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class BinnedCorrection:
    """A post-CSP table of y corrections, arcsec: one value for each bin of y and each key."""

    start: int
    step: int
    values: Floats

    def at(self, y_arcsec: Floats, keys: tuple[Integers, ...]) -> Floats:
        """Return the correction at whole arcseconds of y; 0 beyond 2000 arcsec."""
        inside = abs(y_arcsec) < 2000
        whole = np.where(inside, y_arcsec, 0).astype(np.int64)
        y_bin = ((whole - self.start) / self.step).astype(np.int64)
        return np.where(inside, self.values[(y_bin, *keys)], 0)


@dataclass(frozen=True, eq=False)
class CspSolution:
    """Scale and shift (microns) of both axes, and the corrections of y."""

    x_scale: float
    x_shift: float
    y_scale: float
    y_shift: float
    phase_table: Floats
    wig2: BinnedCorrection
    wlk2: BinnedCorrection
    clk2: BinnedCorrection

    def correct_y(
        self, y: Floats, *, xb: Integers, yb: Integers, ya: Integers, q: Integers
    ) -> Floats:
        """Return corrected y of y, both in microns."""
        y = self.y_scale * y + self.y_shift - self.phase_table[ya, yb]
        arcsec = y * ARCSEC_PER_MICRON
        shift = self.wig2.at(arcsec, (yb, ya, xb)) + self.wlk2.at(arcsec, (yb, q))
        return y + (shift + self.clk2.at(arcsec, (yb,))) / ARCSEC_PER_MICRON


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


def solve(stims: StimEvents, band: Band, calibration: Path) -> CspSolution:
    """Return the solution that stim events lead to."""
    x, y = stims.means()
    before = stim_positions(band, 1)
    x_scale, x_shift = _straighten(x[[0, 2]], x[[1, 3]], np.array(before.x), [0, 2], [1, 3])
    y_scale, y_shift = _straighten(y[[0, 1]], y[[2, 3]], np.array(before.y), [0, 1], [2, 3])
    scaled = y_scale * stims.y + y_shift
    mean = y_scale * y / ARCSEC_PER_MICRON + y_shift
    used = (stims.ya > 2) & (stims.yb == 2)
    slope, level = np.polyfit(stims.ya[used], (scaled - mean[stims.stim])[used], 1)
    return CspSolution(
        x_scale,
        x_shift,
        y_scale,
        y_shift,
        _phase_table(float(slope), float(level)),
        _read(calibration, "WIG2", ("YB", "YA", "XB"), (8, 32, 8)),
        _read(calibration, "WLK2", ("YB", "Q"), (8, 32)),
        _read(calibration, "CLK2", ("YB",), (8,)),
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
) -> BinnedCorrection:
    with fits.open(calibration / f"{name}_Sep2010.fits", memmap=False) as hdus:
        header, rows = hdus[0].header, hdus[1].data
        values = np.zeros((101, *shape))
        values[tuple(rows[key].astype(np.int64) for key in ("yy", *keys))] = rows["ycor"]
    return BinnedCorrection(int(header["Y_AS_0"]), int(header["Y_AS_INC"]), values)
