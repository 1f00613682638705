"""What was found in a band of a visit, before flares are measured."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.flares.measure import FlareRow
from gphoton_db.products.flares.options import FlareOptions
from gphoton_db.products.flares.ranges import FEWEST_QUIET, Quiescence, Range
from gphoton_db.products.flares.series import LEAST_PART, Series

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Elsewhere:
    """Quiescence of a star in all of its visits, for one that is flare from end to end.

    Parameters
    ----------
    rate, error : float
        1/s; NaN: not known.
    counts, exposure : float
        Photons and seconds that it is of.
    """

    rate: float
    error: float
    counts: float
    exposure: float


@dataclass(frozen=True, eq=False)
class Found:
    """What was found in one band of a visit.

    Parameters
    ----------
    series : Series
        Its bins, those that are left out not among them.
    n_left_out : int
        How many of them there were.
    ranges : list of Range
        Flares, in these bins.
    quiescence : Quiescence
        Outside of them.
    seeds : (n,) bool
        Bins that are surely above it.
    elsewhere : Elsewhere, optional
        Whose quiescence it is, where it is not that of these bins.
    """

    series: Series
    n_left_out: int
    ranges: list[Range]
    quiescence: Quiescence
    seeds: Bools
    elsewhere: Elsewhere | None = None


@dataclass(frozen=True, eq=False)
class CurveFlares:
    """The flares of a star's light curve.

    Parameters
    ----------
    rows : list of dict
        A row for each flare and band, with the columns of the view ``flares`` but for those of
        the place.
    unquiet : list of Found
        Bands of visits in which none can be found, as no quiescence is known.
    """

    rows: list[FlareRow]
    unquiet: list[Found]


def why_unquiet(found: Found) -> str:
    """Return in words why a band of a visit has no quiescence."""
    series, n = found.series, len(found.series)
    step = f"{np.median(series.length):g} s" if n else "its light curve"
    if n < FEWEST_QUIET:
        return f"{n} usable bins of {step} are fewer than the {FEWEST_QUIET} that quiescence takes"
    return f"fewer than {FEWEST_QUIET} of its {n} bins of {step} are outside of flares"


def seeds_of(
    series: Series, quiescence: Quiescence, options: FlareOptions, part: float = LEAST_PART
) -> Bools:
    """Return the bins that are surely above quiescence, and exposed for this part at least."""
    above = series.rate - options.sigma * series.rate_err >= quiescence.rate
    return np.asarray(above & (series.rate_err > 0) & series.exposed(part))


def counts_of(series: Series, bins: Bools) -> float:
    """Return the photons of some bins."""
    return float(np.nansum(series.counts[bins]))


def seconds_of(series: Series, bins: Bools) -> float:
    """Return the exposure of some bins, s."""
    return float(np.nansum(np.maximum(series.exposure[bins], 0.0)))
