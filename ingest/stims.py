"""Stims: the four electronic test pulses in the detector's corners.

Their mean separation measures the gain of the position electronics; a straight line in time is
fitted to it over the whole eclipse.

See docs/specification.md, 'Stims and stim separation' (spec-stims).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.errors import ReductionError
from gphoton_db.ingest.kernels.decode import decode
from gphoton_db.ingest.kernels.stims import find_stims
from gphoton_db.kernels.arrays import read_only
from gphoton_db.mission import (
    ARCSEC_PER_MICRON,
    POST_CSP_SEPARATION,
    CentreScale,
    StimPositions,
    epoch_of,
)

EVENTS_PER_GROUP = 1000
"""Stim events that are averaged for one point of the separation line."""


@dataclass(frozen=True, eq=False)
class StimEvents:
    """The n stim events of an eclipse in time order.

    ``t_ms`` int64; ``stim`` 0..3; ``x``, ``y`` float64, microns; ``ya``, ``yb`` integer phases.
    """

    t_ms: NDArray[np.int64]
    stim: NDArray[np.uint8]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    ya: NDArray[np.uint8]
    yb: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.t_ms)

    @classmethod
    def concatenate(cls, parts: "list[StimEvents]") -> "StimEvents":
        """Join stim events of consecutive blocks."""
        names = ("t_ms", "stim", "x", "y", "ya", "yb")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class SeparationLine:
    """Stim separation (arcsec): ``separation + slope * (t - time)``, t and time in seconds."""

    time: float
    separation: float
    slope: float

    def at(self, t: float) -> float:
        """Return the separation at GALEX time `t`, s."""
        return self.separation + self.slope * (t - self.time)


def stims_in_block(
    rows: NDArray[np.uint8],
    first_byte: int,
    t_ms: NDArray[np.int64],
    scale: CentreScale,
    expected: StimPositions,
) -> StimEvents:
    """Pick the stim events out of a block of raw6 rows."""
    rows = read_only(rows)
    index, stim = find_stims(
        rows,
        first_byte,
        scale,
        np.array(expected.x) / ARCSEC_PER_MICRON,
        np.array(expected.y) / ARCSEC_PER_MICRON,
        expected.margin / ARCSEC_PER_MICRON,
    )
    x, y, _, yb, _, ya, _ = decode(read_only(rows[index]), first_byte, scale)
    return StimEvents(t_ms[index], stim, x, y, ya, yb)


def mean_positions(events: StimEvents) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean ``x, y`` (arcsec) of stims 1..4, each (4,); NaN for a stim never seen."""
    count = np.bincount(events.stim, minlength=4)
    with np.errstate(invalid="ignore"):
        x = np.bincount(events.stim, events.x, 4) / count * ARCSEC_PER_MICRON
        y = np.bincount(events.stim, events.y, 4) / count * ARCSEC_PER_MICRON
    return x, y


def separation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the stim separation (arcsec) of four mean positions (arcsec)."""
    return float(((x[1] - x[0]) + (x[3] - x[2]) + (y[0] - y[2]) + (y[1] - y[3])) / 4.0)


def separation_line(events: StimEvents, eclipse: int) -> SeparationLine:
    """Fit the stim separation of an eclipse against time.

    Groups of 1,000 consecutive events give one point each; a last group of 1,000 or fewer is
    left out.  After CSP the mission fixes the line.

    Raises
    ------
    ReductionError
        If there are fewer than two groups, or a group in which a stim is missing.
    """
    if epoch_of(eclipse).after_csp:
        fixed, slope = POST_CSP_SEPARATION
        return SeparationLine(0.0, fixed, slope)
    n_groups = max(len(events) - 1, 0) // EVENTS_PER_GROUP
    if n_groups < 2:
        raise ReductionError(
            f"eclipse {eclipse}: too few stims to measure the detector's gain: {len(events)} stim "
            f"events, at least {2 * EVENTS_PER_GROUP + 1} are needed"
        )
    time, sep = np.empty(n_groups), np.empty(n_groups)
    for k in range(n_groups):
        part = slice(k * EVENTS_PER_GROUP, (k + 1) * EVENTS_PER_GROUP)
        group = StimEvents(
            *(getattr(events, f)[part] for f in ("t_ms", "stim", "x", "y", "ya", "yb"))
        )
        time[k] = group.t_ms.mean() / 1000.0
        sep[k] = separation(*mean_positions(group))
    if not np.isfinite(sep).all():
        raise ReductionError(
            f"eclipse {eclipse}: one of the four stims is missing around "
            f"t = {time[~np.isfinite(sep)][0]:.1f} s, the detector's gain cannot be measured"
        )
    # Centred sums: t is about 1e9 s, its square would eat all digits.
    middle = time.mean()
    slope = float(((time - middle) * (sep - sep.mean())).sum() / ((time - middle) ** 2).sum())
    return SeparationLine(float(middle), float(sep.mean()), slope)
