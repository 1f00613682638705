"""All statistics of the sources of a band that need no other source and no other band."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.kernels import constancy
from gphoton_db.products.kernels.bursts import find_bursts, find_dips
from gphoton_db.products.variables import probabilities
from gphoton_db.products.variables.curves import Curves, SourceTimes, curves_of
from gphoton_db.products.variables.fine_bins import fine_tests
from gphoton_db.products.variables.options import DIP_WINDOWS_S, FINE_STEP_S, WINDOWS_S

AT_A_TIME = 2_000
"""Sources, so that memory does not grow with their number."""

LEAST_BINS = 3
"""Of a light curve: with fewer, nothing is said of its bins."""

BURST_TRIALS, DIP_TRIALS = 2.5, 1.0
"""Windows of several lengths are no independent trials, and those of dips move by bins: measured
with constant sources (benchmarks/variables_truth.py), these give rates that are not exceeded."""

Floats = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class BandStatistics:
    """What is known of n sources of a band.

    Parameters
    ----------
    columns : dict of (n,) arrays
        With names of `schemas.VARIABLES`; NaN where nothing can be said.
    window_ms : (n, 2) float64
        Start and end of the window of the best burst, ms from the start of the leg; twice the same
        where there is none.
    residuals : (n, bins) float32
        Of the bins that are used, in standard deviations of a constant source.
    """

    columns: Columns
    window_ms: Floats
    residuals: NDArray[np.float32]


def band_statistics(
    of: SourceTimes, dirty: NDArray[np.bool_], terms: Floats, depth: int
) -> BandStatistics:
    """Return the statistics of all sources of a band.

    Parameters
    ----------
    of : SourceTimes
        n sources.
    dirty : (n, bins) bool
        Bins with photons on a hotspot or at the narrow edge.
    terms : (fine bins, k) float64
        As `dither_terms` returns them.
    depth : int
        Length of the bins, s.
    """
    parts = []
    for first in range(0, max(len(of), 1), AT_A_TIME):
        rows = slice(first, min(first + AT_A_TIME, len(of)))
        parts.append(_of_some(of.part(rows), dirty[rows], terms, depth))
    names = parts[0].columns
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in names}
    window = np.concatenate([part.window_ms for part in parts])
    return BandStatistics(columns, window, np.concatenate([part.residuals for part in parts]))


def _of_some(
    of: SourceTimes, dirty: NDArray[np.bool_], terms: Floats, depth: int
) -> BandStatistics:
    curves = curves_of(of, depth)
    fine = curves_of(of, FINE_STEP_S)
    tests = fine_tests(fine, terms, FINE_STEP_S)
    bursts, window_ms = _bursts(of)
    columns = {
        **_totals(curves, of),
        **constancy_columns(curves, of.model.background, ~dirty & curves.used),
        **bursts,
        **_dips(fine, of),
        "trend_p": tests.trend,
        "period": tests.periods.period,
        "period_p": tests.periods.probability,
        "period_amplitude": tests.periods.amplitude,
        "dither_p": tests.dither,
        "dither_part": tests.dither_part,
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        residuals = (curves.counts - curves.expected) / np.sqrt(curves.expected)
    residuals = np.nan_to_num(residuals[:, curves.used], posinf=0.0, neginf=0.0)
    return BandStatistics(columns, window_ms, residuals.astype(np.float32))


def _totals(curves: Curves, of: SourceTimes) -> Columns:
    n, exposure = len(of), float(curves.exposure[curves.used].sum())
    weights = curves.weights[:, curves.used].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        cps = weights / exposure if exposure > 0 else np.full(n, np.nan)
        error = cps / np.sqrt(np.where(curves.photons > 0, curves.photons, np.nan))
    return {
        "exposure": np.full(n, exposure),
        "photons": curves.photons,
        "cps": cps,
        "cps_err": np.where(curves.photons > 0, error, np.where(exposure > 0, 0.0, np.nan)),
        "n_bins": np.full(n, curves.used.sum()),
        "n_dropped": np.full(n, (~curves.used).sum()),
    }


def constancy_columns(curves: Curves, background: Floats, clean: NDArray[np.bool_]) -> Columns:
    """Return what the bins of light curves say.

    Parameters
    ----------
    curves : Curves
        Of n sources.
    background : (n,) float64
        Part of each that is sky.
    clean : (n, bins) bool
        Bins that the published recipe takes.
    """
    table, lowest, step = probabilities.ratio_moments()
    found = constancy.ratios(curves.counts, curves.expected, curves.used, table, lowest, step)
    rates, errors = curves.rates()
    n_bins, photons = int(curves.used.sum()), curves.photons
    mean = rates[:, curves.used].mean(axis=1) if n_bins else np.full(len(rates), np.nan)
    excess = constancy.excess_variances(rates, errors, curves.used, mean * background)
    beyond = constancy.outliers(rates, errors, clean)
    enough = (n_bins >= LEAST_BINS) & (photons > 0)
    columns: Columns = {
        "chi2": found[:, 0],
        "dof": np.full(len(rates), n_bins - 1.0),
        "poisson_ratio": found[:, 1],
        "constant_p": probabilities.constant(found[:, 1], found[:, 2:], photons),
        "excess_variance": excess[:, 0],
        "excess_variance_err": excess[:, 1],
    }
    columns = {name: np.where(enough, values, np.nan) for name, values in columns.items()}
    return columns | {
        "anderson_darling": beyond[:, 4],
        "anderson_darling_p": probabilities.normal(beyond[:, 4]),
        "max_cps": beyond[:, 1],
        "n_high": beyond[:, 2],
        "n_low": beyond[:, 3],
        "n_clean": beyond[:, 0],
    }


def _bursts(of: SourceTimes) -> tuple[Columns, Floats]:
    """Return the columns of the best burst, and the time of its window."""
    windows_ms = np.array([round(1000 * each) for each in WINDOWS_S], np.int64)
    photon_times, least = of.times, probabilities.LEAST_PHOTONS
    photons, expected, place = find_bursts(of.start, photon_times, of.model, windows_ms, least)
    total = of.photons.astype(np.float64)
    known = total >= least
    chance = probabilities.burst(photons.astype(np.float64), expected, total[:, None])
    best, rows = chance.argmin(axis=1), np.arange(len(of))
    there = known & (photons[rows, best] > 0)
    first, last = (np.where(there, place[rows, best, k], 0) for k in range(2))
    times = np.append(photon_times.t_ms, 0)
    begin = np.where(there, times[first], 0)
    start = of.clock.start_ms / 1000
    columns = {
        "flare_p": np.where(known, probabilities.any_of(chance, BURST_TRIALS), np.nan),
        "flare_window": _where(there, np.array(WINDOWS_S)[best]),
        "flare_t0": _where(there, start + begin / 1000),
        "flare_t1": _where(there, start + times[np.maximum(last - 1, 0)] / 1000),
        "flare_photons": _where(there, photons[rows, best]),
        "flare_expected": _where(there, expected[rows, best]),
    }
    end = np.where(there, begin + windows_ms[best], 0)
    return columns, np.column_stack([begin, end]).astype(np.float64)


def _dips(fine: Curves, of: SourceTimes) -> Columns:
    lengths = np.array(DIP_WINDOWS_S, np.int64) // FINE_STEP_S
    # Columns of a plane would have another layout, and need another kernel.
    counts = np.ascontiguousarray(fine.counts[:, fine.used])
    constant = np.ascontiguousarray(fine.expected[:, fine.used])
    photons, expected, first = find_dips(counts, constant, lengths)
    total = fine.photons
    known = (total >= probabilities.LEAST_PHOTONS) & (fine.used.sum() >= LEAST_BINS)
    chance = probabilities.dip(photons.astype(np.float64), expected, total[:, None])
    best, rows = chance.argmin(axis=1), np.arange(len(of))
    there = known & (expected[rows, best] > 0)
    bins = np.append(np.flatnonzero(fine.used), 0)
    begin = np.where(there, first[rows, best], 0)
    end = np.where(there, begin + lengths[best] - 1, 0)
    start = of.clock.start_ms / 1000
    return {
        "dip_p": np.where(known, probabilities.any_of(chance, DIP_TRIALS), np.nan),
        "dip_window": _where(there, np.array(DIP_WINDOWS_S, np.float64)[best]),
        "dip_t0": _where(there, start + FINE_STEP_S * bins[begin]),
        "dip_t1": _where(there, start + FINE_STEP_S * (bins[end] + 1.0)),
        "dip_photons": _where(there, photons[rows, best]),
        "dip_expected": _where(there, expected[rows, best]),
    }


def _where(there: NDArray[np.bool_], values: NDArray[Any]) -> Floats:
    return np.where(there, values, np.nan)
