"""The flares of one visit: ranges from each band, measured in both."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import Band
from gphoton_db.products.flares.found import (
    CurveFlares,
    Elsewhere,
    Found,
    counts_of,
    seconds_of,
    seeds_of,
)
from gphoton_db.products.flares.measure import Excess, FlareRow, measure_flare, set_temperature
from gphoton_db.products.flares.options import FlareOptions
from gphoton_db.products.flares.published import excess_as_published, find_as_published
from gphoton_db.products.flares.ranges import (
    LOW_BINS,
    Quiescence,
    Range,
    find_ranges,
    mean_rate,
    outside,
    ranges_above,
)
from gphoton_db.products.flares.series import Series

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

EDGE_S = 1e-3
"""Times that differ by less are one: those of bins are whole ms."""


def flares_of_curve(
    series: Sequence[Series], options: FlareOptions, distance: tuple[float, float]
) -> CurveFlares:
    """Return the flares of all visits of a star's light curve.

    Parameters
    ----------
    series : sequence of Series
        One for each band and visit.
    options : FlareOptions
        How.
    distance : (float, float)
        Of the star, and its error, pc; NaN: not known.
    """
    elsewhere = elsewhere_of(series, options) if options.recipe == "own" else {}
    visits: dict[tuple[int, int], dict[Band, Series]] = {}
    for each in series:
        visits.setdefault((each.eclipse, each.leg), {})[each.band] = each
    rows, unquiet = [], []
    for visit in visits.values():
        found = _found_in(visit, options, elsewhere)
        rows += _rows_of(found, options, distance)
        unquiet += [each for each in found.values() if np.isnan(each.quiescence.rate)]
    return CurveFlares(rows, unquiet)


def _found_in(
    series: Mapping[Band, Series], options: FlareOptions, elsewhere: Mapping[Band, Elsewhere]
) -> dict[Band, Found]:
    """Return what is found in the bands of a visit.

    `elsewhere` counts where a visit has no quiescence of its own, by our own recipe.
    """
    if options.recipe == "gj65":
        return {band: find_as_published(each, options) for band, each in series.items()}
    return {band: _find(each, options, elsewhere.get(band)) for band, each in series.items()}


def _rows_of(
    found: Mapping[Band, Found], options: FlareOptions, distance: tuple[float, float]
) -> list[FlareRow]:
    """Return the flares of a visit, one row for each band and range."""
    rows = []
    for band, of_band in found.items():
        for number, each in enumerate(of_band.ranges, start=1):
            pair = list(_measured(found, band, each, number, options, distance))
            if options.temperature:
                set_temperature(pair)
            rows += pair
    return rows


def _find(
    series: Series,
    options: FlareOptions,
    elsewhere: Elsewhere | None = None,
    visit: NDArray[np.int64] | None = None,
) -> Found:
    """Look for flares by our own recipe: in bins that are exposed and not left out.

    `visit`: number of each bin's visit, where there are several.
    """
    good = series.exposed() & (series.flags & options.leave_out == 0)
    left = series.take(good)
    pieces = _pieces(left, None if visit is None else visit[good])
    bins = (left.rate, left.rate_err)
    ranges, quiescence = find_ranges(*bins, left.exposure, options.sigma, pieces)
    used = None
    if np.isnan(quiescence.rate) and elsewhere is not None and not np.isnan(elsewhere.rate):
        used = elsewhere
        quiescence = Quiescence(used.rate, used.error, np.zeros(len(left), bool))
        ranges = ranges_above(*bins, used.rate, seeds_of(left, quiescence, options), pieces)
    seeds = seeds_of(left, quiescence, options)
    return Found(left, int((~good).sum()), ranges, quiescence, seeds, used)


def _pieces(series: Series, visit: NDArray[np.int64] | None = None) -> list[int]:
    """Return the bins before which there is a gap, or another visit, however short its gap."""
    steps = np.abs(series.t0[1:] - series.t1[:-1])
    usual = float(np.median(series.length)) if len(series) else 0.0
    ends = steps > LOW_BINS * usual + EDGE_S
    if visit is not None:
        ends |= visit[1:] != visit[:-1]
    return [int(each) + 1 for each in np.flatnonzero(ends)]


def elsewhere_of(series: Sequence[Series], options: FlareOptions) -> dict[Band, Elsewhere]:
    """Return the quiescence of each band of a star over all of its visits."""
    found = {}
    for band in Band:
        of_band = [each for each in series if each.band is band]
        if len(of_band) < 2:
            continue
        whole = of_band[0].joined(of_band[1:])
        visit = np.repeat(np.arange(len(of_band)), [len(each) for each in of_band])
        quiet = _find(whole, options, visit=visit)
        bins = quiet.quiescence.bins
        found[band] = Elsewhere(
            quiet.quiescence.rate,
            quiet.quiescence.error,
            counts_of(quiet.series, bins),
            seconds_of(quiet.series, bins),
        )
    return found


def _measured(
    found: Mapping[Band, Found],
    of: Band,
    flare: Range,
    number: int,
    options: FlareOptions,
    distance: tuple[float, float],
) -> Iterator[FlareRow]:
    """Yield a flare in the band that it was found in, and what the other one has over its range."""
    own = found[of]
    span = (float(own.series.t0[flare.first]), float(own.series.t1[flare.last]))
    for band, each in found.items():
        inside = _within(each.series, span)
        if not inside.any():
            continue
        if options.recipe == "gj65":
            excess = excess_as_published(each, own=band == of)
        else:
            excess = _excess(each, own, is_own=band == of)
        row = measure_flare(
            *(each.series, inside, excess, span, distance), template=options.template
        )
        yield row | {
            "ranges_of": str(of),
            "flare": number,
            "cut_before": flare.cut_before,
            "cut_after": flare.cut_after,
            "n_seeds": int(each.seeds[inside].sum()),
            "n_both": _in_both(found, span),
            "n_left_out": each.n_left_out,
            "quiet_elsewhere": each.elsewhere is not None,
        }


def _within(series: Series, span: Sequence[float]) -> Bools:
    middle = (series.t0 + series.t1) / 2
    return np.asarray((middle >= span[0]) & (middle < span[1]))


def _excess(each: Found, ranges_of: Found, *, is_own: bool) -> Excess:
    """Return the rate above quiescence, which is that outside of the flares of both bands."""
    series, quiescence = each.series, each.quiescence
    if not is_own and each.elsewhere is None:
        quiet = outside(len(series), each.ranges)
        for flare in ranges_of.ranges:
            first, last = ranges_of.series.t0[flare.first], ranges_of.series.t1[flare.last]
            quiet &= ~_within(series, (first, last))
        quiescence = mean_rate(series.rate, series.rate_err, series.exposure, quiet)
    factor = series.factor
    off = (counts_of(series, quiescence.bins), seconds_of(series, quiescence.bins))
    if each.elsewhere is not None:
        off = (each.elsewhere.counts, each.elsewhere.exposure)
    return Excess(
        rate=(series.rate - quiescence.rate) * factor,
        error=series.rate_err * factor,
        quiescence=quiescence.rate * factor,
        quiescence_err=quiescence.error * factor,
        off_counts=off[0],
        off_exposure=off[1],
    )


def _in_both(found: Mapping[Band, Found], span: tuple[float, float]) -> int:
    """Return how many bins are surely above quiescence in both bands, in a range."""
    if len(found) < 2:
        return 0
    one, other = ((each.series, each.seeds & _within(each.series, span)) for each in found.values())
    middles = (other[0].t0[other[1]] + other[0].t1[other[1]]) / 2
    starts, ends = one[0].t0[one[1]], one[0].t1[one[1]]
    hit = (middles[None, :] >= starts[:, None]) & (middles[None, :] < ends[:, None])
    return int(hit.any(axis=1).sum())
