"""The stims in telemetry from after the Course Sun Point anomaly: its scale and its shift.

See docs/specification.md, 'Corrections after CSP' (spec-post-csp).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.calibration.calibration_set import PostCspTables
from gphoton_db.errors import ReductionError
from gphoton_db.ingest.kernels.post_csp import LinearCorrections, PostCsp
from gphoton_db.ingest.stims import StimEvents, mean_positions, separation
from gphoton_db.mission import ARCSEC_PER_MICRON, Band, stim_positions

SLOPE_SCALE = {2: 1.04, 3: 1.06, 4: 1.06}
"""The mission's adjustment (September 2010) of the slope against ya, by yb."""

FIXED_PHASE = 16
"""The phase ya at which that adjustment leaves the line where it was."""


@dataclass(frozen=True, eq=False)
class StimSolution:
    """What the stims of an eclipse say.

    Scale and shift (microns) of both axes, the (32, 8) correction over ``[ya, yb]`` (microns), and
    the stim separation before any correction (arcsec).
    """

    x_scale: float
    x_shift: float
    y_scale: float
    y_shift: float
    yac: NDArray[np.float64]
    separation: float


def solve_stims(events: StimEvents, band: Band, eclipse: int) -> StimSolution:
    """Find what maps the observed stims of a post-CSP eclipse onto the pre-CSP ones.

    Raises
    ------
    ReductionError
        If a stim was never seen, or too few events constrain the ya correction.
    """
    x, y = mean_positions(events)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        seen = np.bincount(events.stim, minlength=4)
        raise ReductionError(
            f"eclipse {eclipse}: too few stims: events of stims 1 to 4: "
            + ", ".join(map(str, seen.tolist()))
        )
    before = stim_positions(band, 0)
    x_scale, x_shift = _scale_and_shift(x, np.array(before.x), ((0, 2), (1, 3)))
    y_scale, y_shift = _scale_and_shift(y, np.array(before.y), ((0, 1), (2, 3)))
    yac = _phase_correction(events, y_scale, y_shift, eclipse)
    return StimSolution(x_scale, x_shift, y_scale, y_shift, yac, separation(x, y))


def kernel_tables(solution: StimSolution | None, tables: PostCspTables | None) -> PostCsp:
    """Lay out the post-CSP corrections for the kernel; inactive without a solution."""
    if solution is None or tables is None:
        none = np.zeros((1, 1, 1, 1), np.float32)
        inactive = LinearCorrections(False, *([0.0] * 10))
        return PostCsp(inactive, np.zeros((1, 1)), none, none[0], none[0, 0])
    bins = np.stack([tables.first_bin, tables.bin_width], axis=1).ravel().tolist()
    corrections = LinearCorrections(
        True, solution.x_scale, solution.x_shift, solution.y_scale, solution.y_shift, *bins
    )
    return PostCsp(corrections, solution.yac, tables.wig2, tables.wlk2, tables.clk2)


def _scale_and_shift(
    observed: NDArray[np.float64],
    before: NDArray[np.float64],
    sides: tuple[tuple[int, int], tuple[int, int]],
) -> tuple[float, float]:
    """Return the scale and the shift (microns) that map two observed sides onto the old ones."""
    one, two = (observed[list(side)].mean() for side in sides)
    one_before, two_before = (before[list(side)].mean() for side in sides)
    scale = float((one_before - two_before) / (one - two))
    return scale, float((one_before - scale * one) / ARCSEC_PER_MICRON)


def _phase_correction(
    events: StimEvents, y_scale: float, y_shift: float, eclipse: int
) -> NDArray[np.float64]:
    """Return the (32, 8) correction of y over ``[ya, yb]``, microns."""
    y = y_scale * events.y + y_shift
    mean_y = np.bincount(events.stim, y, 4) / np.bincount(events.stim, minlength=4)
    use = (events.ya > 2) & (events.yb == 2)
    phase = events.ya[use].astype(float)
    residual = (y - mean_y[events.stim])[use]
    if use.sum() < 2 or np.ptp(phase) == 0:
        raise ReductionError(
            f"eclipse {eclipse}: too few stims to measure the y phase correction: "
            f"{int(use.sum())} events with ya > 2 and yb = 2"
        )
    slope, intercept = np.polynomial.Polynomial.fit(phase, residual, 1).convert().coef[::-1]
    slopes = slope * np.array([SLOPE_SCALE.get(yb, 1.0) for yb in range(8)])
    intercepts = intercept + FIXED_PHASE * (slope - slopes)
    return np.asarray(intercepts + slopes * np.arange(32)[:, None])
