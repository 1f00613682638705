"""Maps from photons: all visits of a box on the sky, put together in one image.

Every photon goes straight to its pixel, so nothing is resampled, and a map of many visits has the
resolution of one.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.sphere import SkyBounds, bounds_of_discs, separation
from gphoton_db.catalogue.near import table_near
from gphoton_db.catalogue.records import LegRecord, leg_of
from gphoton_db.errors import NoCoverageError, ProductError
from gphoton_db.kernels.arrays import read_only
from gphoton_db.mission import Band
from gphoton_db.products.geometry import MAX_PIXELS, ImageGeometry
from gphoton_db.products.kernels.projection import Projection
from gphoton_db.products.kernels.sky_maps import MappedPhotons, photons_of_map
from gphoton_db.products.maps.detector_weights import UsableDetector, Weights, detector_weights
from gphoton_db.products.maps.exposure_map import ExposureGrid, leg_attitudes
from gphoton_db.products.maps.options import MapOptions
from gphoton_db.products.maps.sky_map import SkyMap, map_header, map_name
from gphoton_db.products.photon_batches import Photons, RowGroup, footer_of, map_photons
from gphoton_db.products.reader import ArchiveReader, photon_files
from gphoton_db.products.sky_places import Range, binned_ranges_of, ranges_of
from gphoton_db.progress import one_by_one

logger = logging.getLogger(__name__)

COLUMNS = ("ra", "dec", "col", "row", "response", "mask", "flags", "t_ms")


@dataclass(frozen=True)
class MapPlan:
    """How maps are made, all of it checked.

    Parameters
    ----------
    usable : UsableDetector
        Which part of the detector counts.
    time_ranges : list of ranges, optional
        GALEX ms; None: all of the time.
    depth : float, optional
        One map for each so many seconds of each leg; None: one map of everything.
    calibration : Path, optional
        Directory with the flat and the mask that the legs were calibrated with.
    threads : int
        How many read and compute.
    """

    usable: UsableDetector = field(default_factory=UsableDetector)
    time_ranges: list[Range] | None = None
    depth: float | None = None
    calibration: Path | None = None
    threads: int = 1

    def __post_init__(self) -> None:
        if self.depth is not None and not 0.005 <= self.depth < float("inf"):
            raise ProductError(
                f"maps of {self.depth:g} s are not valid: give a depth of 0.005 s or more"
            )

    @classmethod
    def of(cls, options: MapOptions) -> "MapPlan":
        """Return how maps are made that a user asked for.

        Raises
        ------
        ProductError
            If an option is not valid.
        """
        # Maps of a depth divide each range by itself; one map is of all that they select.
        read = ranges_of if options.depth is None else binned_ranges_of
        return cls(
            UsableDetector(options.edge),
            read(options.time_ranges),
            options.depth,
            Path(options.calibration).expanduser() if options.calibration else None,
            options.threads,
        )


@dataclass(frozen=True)
class LegTime:
    """Time of a leg that goes into maps: disjoint intervals, rising, GALEX ms."""

    leg: LegRecord
    intervals: tuple[Range, ...]


def legs_near(
    archive: ArchiveReader, band: Band, geometry: ImageGeometry, options: MapPlan
) -> list[LegTime]:
    """Return the legs that may have seen a box, and when, in the order of time.

    Raises
    ------
    ProductError
        If there are none; it says whether there is no coverage, or none in these times.
    """
    ra, dec, reach = _circle(geometry)
    legs = table_near(archive.connection, ra, dec, reach)
    rows = archive.rows(
        f"SELECT * FROM {legs} WHERE band = '{band}' AND photon_t0 IS NOT NULL AND separation("
        f"ra0, dec0, {ra!r}::DOUBLE, {dec!r}::DOUBLE) < (radius + {reach!r}) * 3600 + 1 ORDER BY t0"
    )
    records = [leg_of(row) for row in rows]
    near = [leg for leg in records if separation(leg.ra0, leg.dec0, ra, dec) < leg.radius + reach]
    if not near:
        n_legs = archive.rows(f"SELECT count(*) AS n FROM legs WHERE band = '{band}'")[0]["n"]
        raise NoCoverageError(
            f"no coverage of ra {ra:.4f}, dec {dec:+.4f} in {band}: none of the {n_legs} "
            f"ingested {band} legs of {archive.root} saw it; ingest a visit that did "
            "(gphoton-db ingest ECLIPSE BAND)"
        )
    timed = [LegTime(leg, time_within(leg, options.time_ranges)) for leg in near]
    chosen = [each for each in timed if each.intervals]
    if not chosen:
        raise NoCoverageError(
            f"ra {ra:.4f}, dec {dec:+.4f} was not seen in {band} in these time ranges: the "
            f"{len(near)} legs there are of {near[0].t0:.0f} to {near[-1].t1:.0f} s (GALEX time)"
        )
    return chosen


def make_maps(
    archive: ArchiveReader,
    band: Band,
    geometry: ImageGeometry,
    timed: Sequence[LegTime],
    options: MapPlan,
) -> list[SkyMap]:
    """Return the map of a box in one band, or with a depth, one for each interval.

    Raises
    ------
    ProductError
        If no good part of the detector saw the box, the maps would need too much memory, or a
        leg's flat and mask are not to be found.
    """
    if options.depth is None:
        made = [_make(archive, band, geometry, timed, options)]
    else:
        frames = [
            LegTime(each.leg, (frame,))
            for each in timed
            for frame in _frames(each.intervals, options.depth)
        ]
        if len(frames) * geometry.shape[0] * geometry.shape[1] > MAX_PIXELS:
            raise ProductError(
                f"{len(frames):,} maps of {geometry.shape[1]:,} x {geometry.shape[0]:,} pixels "
                "need too much memory: use a larger depth, larger pixels, or a smaller box"
            )
        parts = [archive.for_part(number, len(frames)) for number in range(len(frames))]
        made = [_make(p, band, geometry, [f], options) for p, f in zip(parts, frames, strict=True)]
        made = [each for each in made if each.exposure.any()]
    if not any(each.exposure.any() for each in made):
        ra, dec, _ = _circle(geometry)
        raise NoCoverageError(
            f"no coverage of ra {ra:.4f}, dec {dec:+.4f} in {band}: legs came near, but no part "
            f"of the detector within {options.usable.edge:g} pixels of its centre saw the box"
        )
    if not any(each.header["PHOTCNT"] for each in made):
        logger.warning("%s: covered, but without photons: the map is 0", made[0].name)
    return made


def _make(
    archive: ArchiveReader,
    band: Band,
    geometry: ImageGeometry,
    timed: Sequence[LegTime],
    options: MapPlan,
) -> SkyMap:
    grid = ExposureGrid(geometry, threads=options.threads)
    count = np.zeros(geometry.shape)
    n_photons = 0
    weights: dict[str, Weights] = {}
    for each in one_by_one(timed, archive.on_progress, "legs"):
        used = each.leg.calibration
        if used not in weights:
            weights[used] = detector_weights(
                archive, each.leg, options.usable, calibration=options.calibration
            )
        grid.add(leg_attitudes(archive, each.leg, each.intervals), weights[used])
        n_photons += _count(archive, each, geometry, options, count.ravel())
    exposure = grid.image()
    legs = [each.leg for each in timed]
    header = map_header(
        band,
        legs,
        (timed[0].intervals[0][0], max(each.intervals[-1][1] for each in timed)),
        n_photons=n_photons,
        longest=float(exposure.max()),
        edge=options.usable.edge,
    )
    name = map_name(*geometry.crval, band)
    if options.depth is not None:
        leg, offset = legs[0], timed[0].intervals[0][0] / 1000 - legs[0].t0
        name += f"-e{leg.eclipse:05d}-b{leg.leg:02d}-t{offset:07.2f}"
    return SkyMap(count.astype(np.float32), exposure, geometry, header, name)


def _count(
    archive: ArchiveReader,
    timed: LegTime,
    geometry: ImageGeometry,
    options: MapPlan,
    count: NDArray[np.float64],
) -> int:
    """Add a leg's photons to a flattened count image, and return how many there were."""
    find = partial(
        _photons,
        intervals=np.array(timed.intervals, np.int64),
        usable=options.usable,
        projection=geometry.projection,
    )
    groups = _groups_near(photon_files(archive, timed.leg), geometry)
    n = 0
    for photons in map_photons(groups, COLUMNS, find, threads=options.threads):
        np.add.at(count, photons.pixel, photons.weight)
        n += len(photons.pixel)
    return n


def _photons(
    photons: Photons,
    intervals: NDArray[np.int64],
    usable: UsableDetector,
    projection: Projection,
) -> MappedPhotons:
    mask = read_only(np.zeros_like(photons["mask"])) if usable.hotspots else photons["mask"]
    return photons_of_map(
        (photons["ra"], photons["dec"]),
        (photons["col"], photons["row"], photons["response"]),
        mask,
        photons["flags"],
        photons["t_ms"],
        intervals,
        usable.edge,
        projection,
    )


def _groups_near(files: Sequence[Path], geometry: ImageGeometry) -> list[RowGroup]:
    """Return the row groups whose photons may lie in a map, by the bounds that the files state."""
    ra, dec, reach = _circle(geometry)
    bounds = bounds_of_discs([ra], [dec], reach)
    found = []
    for path in files:
        footer = footer_of(path)
        index = {name: k for k, name in enumerate(footer.schema.names)}
        for k in range(footer.num_row_groups):
            group = footer.row_group(k)
            ranges = [group.column(index[name]).statistics for name in ("ra", "dec")]
            if all(
                r is None or (r.has_min_max and _overlap(bounds, n, r))
                for n, r in zip(("ra", "dec"), ranges, strict=True)
            ):
                found.append((path, k))
    return found


def _overlap(bounds: SkyBounds, axis: str, statistics: Any) -> bool:
    low, high = statistics.min, statistics.max
    if axis == "dec":
        return bool(high >= bounds.dec_min and low <= bounds.dec_max)
    if bounds.spans_ra_zero:
        return bool(high >= bounds.ra_min or low <= bounds.ra_max)
    return bool(high >= bounds.ra_min and low <= bounds.ra_max)


def _circle(geometry: ImageGeometry) -> tuple[float, float, float]:
    """Return the centre and the radius, deg, of a circle that holds an image."""
    rows, columns = geometry.shape
    half = math.hypot(geometry.cdelt[0] * columns, geometry.cdelt[1] * rows) / 2
    return *geometry.crval, math.degrees(math.atan(math.radians(half)))


def time_within(leg: LegRecord, ranges: Sequence[Range] | None) -> tuple[Range, ...]:
    """Return the time of a leg that lies in ranges."""
    start_ms, stop_ms = round(leg.t0 * 1000), round(leg.t1 * 1000) + 1
    if ranges is None:
        return ((start_ms, stop_ms),)
    cut = ((max(a, start_ms), min(b, stop_ms)) for a, b in ranges)
    return tuple((a, b) for a, b in cut if a < b)


def _frames(intervals: Sequence[Range], depth: float) -> list[Range]:
    """Return intervals divided into parts of `depth` seconds, the last one of each as it comes."""
    step = round(depth * 1000)
    return [(t, min(t + step, stop)) for start, stop in intervals for t in range(start, stop, step)]
