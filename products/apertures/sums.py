"""Photons in apertures, summed up leg by leg: one pass over each leg for any number of positions.

Only row groups of the photon files that come near a position are read.  For one position
`one_position` does the same with many legs at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Aspect
from gphoton_db.catalogue.near import table_near
from gphoton_db.catalogue.records import AnyLeg, LegRecord, SeenLeg
from gphoton_db.errors import ArchiveError
from gphoton_db.mission import DETECTOR_RADIUS_DEG, Band
from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.apertures.masked import cells_of
from gphoton_db.products.apertures.search import Search
from gphoton_db.products.apertures.targets import MaskedSources, Targets, unit_vectors
from gphoton_db.products.apertures.work import (
    ASPECT_ROW_US,
    HIT_US,
    KERNELS,
)
from gphoton_db.products.bins import Bins, bins_of_legs, spans_of
from gphoton_db.products.kernels.aperture_photons import Hits, add_photons, seconds_in_field
from gphoton_db.products.kernels.aperture_sums import MOMENTS, WEIGHTS, Sums
from gphoton_db.products.leg_tables import (
    files_of_legs,
    key_of,
    paths_of,
    pauses_of_legs,
)
from gphoton_db.products.leg_times import aspects_of_legs
from gphoton_db.products.masks.applied import STANDARD, Cells, Mask, of_masked
from gphoton_db.products.photon_batches import (
    Photons,
    RowGroup,
    footer_of,
    map_photons,
    row_groups,
)
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sky_places import Range
from gphoton_db.progress import one_by_one
from gphoton_db.system.compiling import compile_ahead

Ints = NDArray[np.int64]

Leg = TypeVar("Leg", LegRecord, SeenLeg)

COLUMNS = ("t_ms", "ra", "dec", "col", "row", "response", "flags", "mask", "q")

LEGS_AT_ONCE = 500
"""Legs whose bins and pointing are kept at a time, in about 150 kB each."""

SLOTS_AT_ONCE = 1_500_000
"""Positions times bins whose sums are kept at a time, in about 150 bytes each."""


@dataclass(frozen=True)
class Measurement:
    """How positions are to be measured: times in GALEX ms, None: one bin a leg, all times.

    ``mask``: what is a hotspot, as of `LightCurveOptions`.
    """

    aperture: Aperture
    bands: tuple[Band, ...] = (Band.NUV, Band.FUV)
    step_ms: int | None = None
    ranges: Sequence[Range] | None = None
    threads: int = 1
    nonlinear: bool = False
    mask: Mask = STANDARD


@dataclass(frozen=True, eq=False)
class LegSums:
    """What a leg has of some targets.

    Parameters
    ----------
    leg : LegRecord or SeenLeg
        The leg.
    target : (n,) int64
        Which targets.
    bins : Bins
        The leg's, m of them.
    sums : Sums
        (n, m).
    covered : (n, m) float64
        Part of each bin's seconds of pointing with the position in the detector's field; NaN
        without such a second.
    free : (n,) float64
        Part of the annulus that no known source covers.
    """

    leg: AnyLeg
    target: NDArray[np.int64]
    bins: Bins
    sums: Sums
    covered: NDArray[np.float64]
    free: NDArray[np.float64]


def sum_photons(
    archive: ArchiveReader, targets: Targets, how: Measurement, known: MaskedSources
) -> Iterator[LegSums]:
    """Yield the sums of every leg that had targets in its field, by band and time.

    Parameters
    ----------
    archive : ArchiveReader
        Holds the photons.
    targets : Targets
        The positions; those that are none belong to no leg.
    how : Measurement
        Aperture, bins, bands.
    known : MaskedSources
        What does not belong to the background.

    Yields
    ------
    LegSums
        Of a leg, more than one where there are very many targets and bins.
    """
    legs = legs_over(archive, targets, how.bands, SeenLeg)
    compile_ahead(KERNELS, archive.on_progress)
    told: SeenLeg | None = None
    begun = one_by_one(legs, archive.on_progress, "legs")
    for start in range(0, len(legs), LEGS_AT_ONCE):
        some = legs[start : start + LEGS_AT_ONCE]
        for part in _sums_of_legs(archive, some, targets, how, known):
            # Legs without bins are over at once.
            while told is not part.leg:
                told = next(begun)
            yield part
    for _ in begun:
        pass


def _sums_of_legs(
    archive: ArchiveReader,
    legs: Sequence[SeenLeg],
    targets: Targets,
    how: Measurement,
    known: MaskedSources,
) -> Iterator[LegSums]:
    """Yield the sums of legs, of which all but the photons is read at once."""
    planned = legs_with_bins(legs, how)
    legs, spans = [leg for leg, _ in planned], [spans for _, spans in planned]
    files, pauses = files_of_legs(archive, legs), pauses_of_legs(archive, legs)
    all_bins = bins_of_legs(archive, legs, spans, files, pauses, how.threads)
    pointing = aspects_of_legs(archive, legs, files)
    for leg, bins, aspect in zip(legs, all_bins, pointing, strict=True):
        near = np.flatnonzero(targets.within(leg.ra0, leg.dec0, leg.radius))
        at_once = max(SLOTS_AT_ONCE // len(bins), 1)
        groups = row_groups(paths_of(files[key_of(leg)], "photons"))
        cells = cells_of(archive, leg, how.mask, how.threads)
        for start in range(0, len(near), at_once):
            rows = near[start : start + at_once]
            chosen = targets.take(rows)
            sums, free = sums_of(groups, chosen, how, known, bins, cells)
            yield LegSums(leg, rows, bins, sums, covered_part(chosen, aspect, bins), free)


def legs_with_bins(legs: Sequence[SeenLeg], how: Measurement) -> list[tuple[SeenLeg, Ints]]:
    """Return the legs that have bins, and these, (n, 2) GALEX ms."""
    spans = ((leg, spans_of(leg, how.step_ms, how.ranges)) for leg in legs)
    return [(leg, bins) for leg, bins in spans if len(bins)]


def legs_over(
    archive: ArchiveReader, targets: Targets, bands: Sequence[Band], kind: type[Leg]
) -> list[Leg]:
    """Return the legs whose circle about the boresight may hold a target, by band and time."""
    known = ~np.isnan(targets.dec)
    declinations = targets.dec[known]
    if not len(declinations):
        return []
    names = ", ".join(f"'{band}'" for band in bands)
    near = table_near(archive.connection, targets.ra[known], declinations)
    columns = ", ".join(field.name for field in fields(kind))
    rows = archive.rows(
        f"SELECT {columns} FROM {near} WHERE band IN ({names}) AND photon_t0 IS NOT NULL "
        f"AND dec0 + radius >= {float(declinations.min())!r}::DOUBLE "
        f"AND dec0 - radius <= {float(declinations.max())!r}::DOUBLE ORDER BY band, photon_t0"
    )
    legs = [kind(**row) for row in rows]
    return [leg for leg in legs if targets.within(leg.ra0, leg.dec0, leg.radius).any()]


def groups_near(groups: Sequence[RowGroup], targets: Targets, reach_deg: float) -> list[RowGroup]:
    """Return the row groups that may have photons within `reach_deg` of a target."""
    near: list[RowGroup] = []
    opened = {path: footer_of(path) for path in {path for path, _ in groups}}
    half = reach_deg / np.maximum(np.cos(np.radians(np.abs(targets.dec) + reach_deg)), 1e-6)
    for path, number in groups:
        group = opened[path].row_group(number)
        names = {group.column(k).path_in_schema: k for k in range(group.num_columns)}
        ra, dec = (group.column(names[name]).statistics for name in ("ra", "dec"))
        if not (ra and dec and ra.has_min_max and dec.has_min_max):
            if dec is None or dec.num_values:
                raise ArchiveError(f"{path}: has no statistics; ingest its eclipse with --force")
            continue  # photons without a position
        level = (targets.dec >= dec.min - reach_deg) & (targets.dec <= dec.max + reach_deg)
        middle, width = (ra.min + ra.max) / 2, (ra.max - ra.min) / 2
        east = np.abs(np.mod(targets.ra - middle + 540.0, 360.0) - 180.0)
        if (level & (east <= width + half)).any():
            near.append((path, number))
    return near


def sums_of(
    groups: Sequence[RowGroup],
    targets: Targets,
    how: Measurement,
    known: MaskedSources,
    bins: Bins,
    cells: Cells | None,
) -> tuple[Sums, NDArray[np.float64]]:
    """Return the sums of targets in bins, and the part of each annulus that is free of sources."""
    reach_deg = how.aperture.largest_arcsec / 3600.0
    search = Search.of(targets, how.aperture, known)
    near = groups_near(groups, targets, reach_deg)
    find = of_masked(search.find, cells)
    found = map_photons(near, COLUMNS, find, threads=how.threads)
    return added(found, len(targets), bins), search.free


def added(found: Iterable[tuple[Photons, Hits]], n_targets: int, bins: Bins) -> Sums:
    """Return the sums of what was found in batches of photons."""
    sums = empty_sums(n_targets, len(bins))
    for photons, hits in found:
        add_photons.for_work(HIT_US * len(hits.photon))(
            hits,
            photons["t_ms"],
            (photons["ra"], photons["dec"]),
            (photons["col"], photons["row"]),
            photons["response"],
            photons["mask"],
            photons["q"],
            (bins.t0_ms, bins.t1_ms),
            sums,
        )
    return sums


def empty_sums(n_targets: int, n_bins: int) -> Sums:
    """Return sums of nothing."""
    shape = (n_targets, n_bins)
    return Sums(
        counts=np.zeros(shape, np.int64),
        moments=np.zeros(shape, MOMENTS),
        first_ms=np.full(shape, np.iinfo(np.int64).max),
        last_ms=np.full(shape, np.iinfo(np.int64).min),
        background_counts=np.zeros(shape, np.int64),
        background=np.zeros(shape, WEIGHTS),
        bits=np.zeros(shape, np.uint8),
    )


def covered_part(targets: Targets, aspect: Aspect, bins: Bins) -> NDArray[np.float64]:
    """Return the part of each bin's aspect rows that have a target in the field."""
    position, edges = (aspect.ra, aspect.dec), (bins.t0_ms, bins.t1_ms)
    return covered_between(targets, aspect.time_ms, position, aspect.flags, edges)


def covered_between(
    targets: Targets,
    time_ms: Ints,
    position: tuple[NDArray[np.float64], NDArray[np.float64]],
    flags: NDArray[Any],
    edges_ms: tuple[Ints, Ints],
) -> NDArray[np.float64]:
    """Return the part of each bin's rows of pointing that have a target in the field, (n, m).

    Parameters
    ----------
    targets : Targets
        n of them.
    time_ms, position, flags
        Of the rows: times, (ra, dec) in deg, and status, as `Aspect` has them.
    edges_ms : tuple of (m,) int64
        Starts and ends of the bins, rising, as the times are.
    """
    starts, stops = edges_ms
    number = np.searchsorted(starts, time_ms, side="right") - 1
    used = (number >= 0) & (flags % 2 == 0)
    used &= time_ms < stops[np.maximum(number, 0)]
    pointing = unit_vectors(position[0][used], position[1][used])
    cosine = float(np.cos(np.radians(DETECTOR_RADIUS_DEG)))
    count = seconds_in_field.for_work(ASPECT_ROW_US * len(targets) * len(pointing))
    seconds = count(targets.unit_vectors, pointing, number[used], cosine, len(starts))
    all_of_them = np.bincount(number[used], minlength=len(starts)).astype(float)
    with np.errstate(invalid="ignore"):
        return np.asarray(seconds / all_of_them)
