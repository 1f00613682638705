"""The tidy table of a leg's photometry: a row for each source, radius, and leg or frame."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.targets import Targets
from gphoton_db.products.exposure import frame_exposures, table_of_spans
from gphoton_db.products.frame_times import FrameTimes
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.images.image import Image
from gphoton_db.products.kernels.circles import means_in_circles
from gphoton_db.products.kernels.placing import Edges
from gphoton_db.products.masks.applied import mask_meta
from gphoton_db.products.masks.make import masked_cells
from gphoton_db.products.movies.frames import MoviePhotons, collect_photons
from gphoton_db.products.movies.movie import Movie
from gphoton_db.products.photon_batches import row_groups
from gphoton_db.products.reader import (
    ArchiveReader,
    observed_span_ms,
    photon_files,
    read_ticks,
)
from gphoton_db.products.sources.photometry_options import PhotometryOptions
from gphoton_db.products.sources.photometry_sums import Measured, measure_photons, measure_pixels

if TYPE_CHECKING:
    from astropy.table import Table


@dataclass(frozen=True, eq=False)
class MeasuredField:
    """Where the pixels of a leg are, and its image and movie where they exist."""

    geometry: ImageGeometry
    coverage: NDArray[np.uint8]
    image: Image | None
    movie: Movie | None


def measure(
    archive: ArchiveReader,
    leg: LegRecord,
    options: PhotometryOptions,
    radii: Sequence[float],
    times: FrameTimes,
    field: MeasuredField,
    sources: "Table",
) -> "Table":
    """Return the tidy table of a leg's photometry.

    Parameters
    ----------
    archive, leg
        The leg.
    options : PhotometryOptions
        Choices.
    radii : sequence of float
        Of the apertures, arcsec.
    times : FrameTimes
        The frames, which hold all of the leg; a single one where no depth was asked for.
    field : MeasuredField
        Pixels of the leg.
    sources : Table
        What to measure: ``source``, ``ra``, ``dec``, ``x``, ``y``.
    """
    from astropy.table import Table, vstack

    ticks = read_ticks(archive, leg)
    whole = table_of_spans([observed_span_ms(leg)], ticks, leg)
    frames = None if options.depth is None else frame_exposures(times, ticks, leg)
    groups = row_groups(photon_files(archive, leg))
    x, y = (np.asarray(sources[name], np.float64) for name in ("x", "y"))
    targets = Targets(*(np.asarray(sources[name], np.float64) for name in ("ra", "dec")))
    photons = cells = None
    if options.method == "photon":
        cells = masked_cells(archive, leg, options.mask, options.threads)
    else:
        photons = _photons(archive, field, leg, times, options, groups)
    parts = []
    for radius in radii:
        side = radius / field.geometry.pixel
        if photons is not None:
            measured = measure_pixels(photons, x, y, side)
        else:
            measured = measure_photons(groups, targets, radius, times, cells, options.threads)
        part = _rows(sources, radius, measured.whole(), whole, -1)
        if options.extended and field.image is not None:
            for name, plane in _extended_planes(field.image):
                part[name] = means_in_circles(x, y, side, plane)
        parts.append(part)
        if frames is not None:
            parts.append(_rows(sources, radius, measured, frames, 0))
    table: Table = vstack(parts, metadata_conflicts="silent")
    table.meta = _meta(leg, options, radii, 0 if frames is None else len(frames))
    return table


def _meta(
    leg: LegRecord, options: PhotometryOptions, radii: Sequence[float], n_frames: int
) -> dict[str, Any]:
    """Return what a table says of itself."""
    meta = {"ECLIPSE": leg.eclipse, "BANDNAME": leg.band, "LEG": leg.leg}
    meta |= {"CALHASH": leg.calibration, "RADII": list(radii), "METHOD": options.method}
    return {**meta, "DEPTH": options.depth, **mask_meta(options.mask), "N_FRAMES": n_frames}


def _photons(
    archive: ArchiveReader,
    field: MeasuredField,
    leg: LegRecord,
    times: FrameTimes,
    options: PhotometryOptions,
    groups: Sequence[Any],
) -> MoviePhotons:
    if field.movie is not None and field.movie.times == times:
        return field.movie.photons
    return collect_photons(
        groups,
        leg.n_photons,
        field.geometry,
        times,
        Edges(*options.edges),
        cells=masked_cells(archive, leg, options.mask, options.threads),
        threads=options.threads,
    )


def _rows(
    sources: "Table", radius: float, measured: Measured, spans: "Table", first: int
) -> "Table":
    """Return tidy rows: the frames of the first source, then of the next; `first`: -1, the leg."""
    from astropy.table import Table

    n, m = measured.counts.shape
    table = Table(
        {
            "source": np.repeat(np.asarray(sources["source"], np.int64), m),
            "radius": np.full(n * m, radius),
            "frame": np.tile(np.arange(m, dtype=np.int32) + first, n),
        }
    )
    for name in ("t0", "t1", "exposure"):
        table[name] = np.tile(np.asarray(spans[name], np.float64), n)
    table["photons"] = measured.photons.ravel()
    table["counts"] = measured.counts.ravel()
    table["counts_err"] = np.sqrt(measured.variance).ravel()
    table["flags"] = measured.bits.ravel()
    for name in ("photons", "counts", "counts_err"):
        table[name][np.repeat(np.isnan(np.asarray(sources["ra"], np.float64)), m)] = math.nan
    return table


def _extended_planes(image: Image) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield the planes that are measured, each when the one before it is done with."""
    planes = image.extended
    if not planes:
        raise ProductError(f"{image.name}: has no extended set: make it with extended=True")
    yield "dispersion", planes["COL_STD"] + planes["ROW_STD"]
    yield "q_mean", planes["Q_MEAN"]
    yield "ya_mean", planes["YA_MEAN"]
