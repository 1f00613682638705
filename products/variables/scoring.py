"""One number for how sure it is that a source varies; why; and what an instrument may have done."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.variables import probabilities

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

REASON = 1e-3
"""A test whose probability is below this is among the reasons."""

SUSPICION = 1e-3
"""A rate that goes with the detector, or its neighbours, by chance less often than this is a
warning."""

MORE_LOW_Q = 0.2
"""A part of photons of low pulse height that is so much more than that of the other sources."""

DROPPED = 0.25
"""So large a part of the bins may be dropped without a warning."""

TESTS = {
    "constant": "constant_p",
    "flare": "flare_p",
    "dip": "dip_p",
    "trend": "trend_p",
    "period": "period_p",
    "coincidence": "joint_p",
}
"""What is in the score, by the names of reasons; the last is that of flare and coincidence."""

HIGHEST = 99.0


def scores(columns: Mapping[str, NDArray[Any]]) -> tuple[Floats, list[list[str]]]:
    """Return scores and reasons.

    Parameters
    ----------
    columns : mapping of (n,) arrays
        With ``flare_p``, ``coincidence_p`` and the others of `TESTS`.

    Returns
    -------
    score : (n,) float64
        Minus the logarithm of the smallest probability, times the number of tests that there are;
        from 0 to `HIGHEST`; NaN: there is none.
    reasons : list of list of str
        Names of the tests with small probabilities, the smallest first.
    """
    joint = probabilities.both(columns["flare_p"], columns["coincidence_p"])
    values = np.column_stack(
        [joint if name == "joint_p" else columns[name] for name in TESTS.values()]
    )
    known = ~np.isnan(values)
    least = np.where(known, values, np.inf).min(axis=1, initial=np.inf)
    n_tests = known.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.clip(-np.log10(least * n_tests), 0.0, HIGHEST)
    names, order = np.array(list(TESTS)), np.argsort(values, axis=1)
    reasons = [
        [str(names[k]) for k in mine if row[k] < REASON]
        for row, mine in zip(values, order, strict=True)
    ]
    return np.where(n_tests > 0, score, np.nan), reasons


def warnings_of(columns: Mapping[str, NDArray[Any]], shared: Bools) -> list[list[str]]:
    """Return what an instrument may have done to each source.

    Parameters
    ----------
    columns : mapping of (n,) arrays
        With names of `schemas.VARIABLES`.
    shared : (n,) bool
        Which overlap with a source that varies more.
    """
    low_q = columns["low_q"]
    usual = np.nanmedian(low_q) if np.isfinite(low_q).any() else 0.0
    bins = columns["n_bins"] + columns["n_dropped"]
    with np.errstate(invalid="ignore"):
        found = {
            "hotspot": columns["hotspot"] > 0,
            "ghost": columns["ghost"] > 0,
            "edge": columns["narrow_edge"] > 0,
            "dither": columns["dither_p"] < SUSPICION,
            "step": columns["step_p"] < SUSPICION,
            "low_q": low_q > usual + MORE_LOW_Q,
            "dropped": columns["n_dropped"] > DROPPED * bins,
            "shared": shared,
        }
    each = zip(*found.values(), strict=True)
    return [[name for name, is_so in zip(found, row, strict=True) if is_so] for row in each]
