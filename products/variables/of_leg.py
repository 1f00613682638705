"""The variability of the sources of a leg, in the bands that there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.mission import Band
from gphoton_db.products.apertures.targets import Targets
from gphoton_db.products.catalogue.band_columns import LEAST_FREE
from gphoton_db.products.catalogue.ring_photons import SKY_ANNULUS
from gphoton_db.products.kernels.bursts import count_between
from gphoton_db.products.kernels.rings import FrameClock
from gphoton_db.products.reader import ArchiveReader, observed_span_ms, read_aspect, read_ticks
from gphoton_db.products.variables import probabilities
from gphoton_db.products.variables.apertures import AperturePhotons, photons_of_sources
from gphoton_db.products.variables.blocks import blocks_of
from gphoton_db.products.variables.clock import LegClock
from gphoton_db.products.variables.curves import SourceTimes
from gphoton_db.products.variables.detector import dither_terms
from gphoton_db.products.variables.neighbours import in_step, shares_photons
from gphoton_db.products.variables.options import FINE_STEP_S, VariableOptions
from gphoton_db.products.variables.scoring import scores, warnings_of
from gphoton_db.products.variables.sources import VariableSources
from gphoton_db.products.variables.statistics import BandStatistics, band_statistics
from gphoton_db.products.variables.table import variables_table

CANDIDATE = 3.0
"""Sources with this score, or a higher one, have Bayesian blocks."""

PARTS = ("hotspot", "ghost", "wide_edge", "narrow_edge", "low_q", "q_mean")
"""Columns of sums over photons by their number, in the order of `kernels.aperture_lists`."""

Floats = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class MeasuredBand:
    """What a band of a leg says of its sources, by declination."""

    times: SourceTimes
    statistics: BandStatistics
    columns: Columns


def variables_of_leg(
    archive: ArchiveReader,
    legs: Mapping[Band, LegRecord],
    sources: VariableSources,
    options: VariableOptions,
) -> dict[Band, pa.Table]:
    """Return a table for each band of a leg, with a row for each source.

    Parameters
    ----------
    archive : ArchiveReader
        Holds the photons.
    legs : mapping of Band to LegRecord
        Bands of one leg, each with photons on the detector.
    sources : VariableSources
        Whose variability it is.
    options : VariableOptions
        How.
    """
    # In the order of declination, those without a position left out.
    order = np.argsort(sources.targets.dec, kind="stable")
    order = order[np.isfinite(sources.targets.ra[order]) & np.isfinite(sources.targets.dec[order])]
    targets = sources.targets.take(order)
    spans = [observed_span_ms(leg) for leg in legs.values()]
    span = min(first for first, _ in spans), max(last for _, last in spans)
    measured = {band: _measure(archive, leg, targets, span, options) for band, leg in legs.items()}
    return {band: _table(measured, band, legs[band], sources, order, options) for band in measured}


def _measure(
    archive: ArchiveReader,
    leg: LegRecord,
    targets: Targets,
    span: tuple[int, int],
    options: VariableOptions,
) -> MeasuredBand:
    depth = int(options.depth)
    clock = LegClock.of(read_ticks(archive, leg), span, Band(leg.band))
    n_frames = -(-clock.n_seconds // depth)
    frames = FrameClock(clock.start_ms, 1000 * depth, n_frames)
    found = photons_of_sources(archive, leg, targets, options.radius, frames, options.threads)
    sky = clock.sky(found.sums.seconds[: clock.n_seconds], depth)
    rate, part = backgrounds(found, clock, options.radius)
    model = clock.model(sky, part, found.sums.parts[:, 8])
    times = SourceTimes(found.start, found.times, model, clock)
    terms = dither_terms(read_aspect(archive, leg), clock, FINE_STEP_S)
    statistics = band_statistics(times, found.sums.dirty, terms, depth)
    step = in_step(targets, statistics.residuals, options.radius)
    parts = found.sums.parts
    with np.errstate(divide="ignore", invalid="ignore"):
        means = parts[:, 1:7] / parts[:, :1]
    columns = {
        **statistics.columns,
        **{name: means[:, k] for k, name in enumerate(PARTS)},
        "background_cps": rate,
        "step_p": step.probability,
        "n_neighbours": step.neighbours,
    }
    return MeasuredBand(times, statistics, columns)


def backgrounds(found: AperturePhotons, clock: LegClock, radius: float) -> tuple[Floats, Floats]:
    """Return the background in each aperture, 1/s, and the part of the source's photons that it is.

    Where the annulus is covered by other sources, the rate is NaN, and the part that of the middle
    of the other sources' rates.
    """
    inner, outer = SKY_ANNULUS
    live = clock.live.sum()
    free = np.where(found.free >= LEAST_FREE, found.free, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = found.sums.sky[:, 1] / (free * (outer**2 - inner**2) * live) * radius**2
        usual = np.nanmedian(rate) if np.isfinite(rate).any() else 0.0
        part = np.where(np.isnan(rate), usual, rate) * live / found.sums.parts[:, 8]
    return np.where(np.isfinite(rate), rate, np.nan), np.nan_to_num(np.clip(part, 0.0, 1.0))


def _coincidence(mine: MeasuredBand, other: MeasuredBand | None) -> Columns:
    """Return what the other band has in the windows of this band's bursts."""
    unknown = np.full(len(mine.times), np.nan)
    if other is None:
        return dict.fromkeys(("other_photons", "other_expected", "coincidence_p"), unknown)
    of, window = other.times, mine.statistics.window_ms
    photons, expected = count_between(
        of.start, of.times, of.model, window[:, 0].copy(), window[:, 1].copy()
    )
    known = (window[:, 1] > window[:, 0]) & (expected > 0)
    chance = probabilities.at_least(photons.astype(np.float64), expected)
    columns = {"other_photons": photons, "other_expected": expected, "coincidence_p": chance}
    return {name: np.where(known, values, np.nan) for name, values in columns.items()}


def _table(
    measured: Mapping[Band, MeasuredBand],
    band: Band,
    leg: LegRecord,
    sources: VariableSources,
    order: NDArray[np.int64],
    options: VariableOptions,
) -> pa.Table:
    """Return the rows of a band, in the order of the sources."""
    mine = measured[band]
    others = [each for key, each in measured.items() if key is not band]
    columns = mine.columns | _coincidence(mine, others[0] if others else None)
    score, reasons = scores(columns)
    candidates = np.flatnonzero(score >= CANDIDATE)
    columns["n_blocks"], columns["block_max_cps"] = blocks_of(mine.times, candidates)
    columns["score"] = score
    shared = shares_photons(sources.targets.take(order), score, options.radius)
    warnings = warnings_of(columns, shared)
    n = len(sources)
    wide: dict[str, Any] = {name: _placed(values, order, n) for name, values in columns.items()}
    for name, lists in (("reasons", reasons), ("warnings", warnings)):
        wide[name] = [list[str]() for _ in range(n)]
        for row, each in zip(order, lists, strict=True):
            wide[name][row] = each
    t0, t1 = (each / 1000 for each in observed_span_ms(leg))
    wide |= {
        "catalog": [sources.catalog] * n,
        "source": sources.source,
        "source_id": sources.source_id,
        "ra": sources.targets.ra,
        "dec": sources.targets.dec,
        "radius": np.full(n, options.radius),
        "depth": np.full(n, options.depth),
        "t0": np.full(n, t0),
        "t1": np.full(n, t1),
    }
    return variables_table(wide, n)


def _placed(values: NDArray[Any], order: NDArray[np.int64], n: int) -> Floats:
    found = np.full(n, np.nan)
    found[order] = values
    return found
