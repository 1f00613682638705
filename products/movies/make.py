"""From the photons of a leg to its movie."""

from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.products.exposure import frame_exposures
from gphoton_db.products.file_names import Compression
from gphoton_db.products.frame_times import FrameTimes, plan_frames
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.images.coverage import leg_coverage
from gphoton_db.products.images.extent import leg_geometry
from gphoton_db.products.kernels.placing import Edges
from gphoton_db.products.masks.applied import mask_parameters
from gphoton_db.products.masks.make import masked_cells
from gphoton_db.products.movies.frames import MoviePhotons, collect_photons
from gphoton_db.products.movies.movie import Movie
from gphoton_db.products.movies.options import MovieOptions
from gphoton_db.products.photon_batches import row_groups
from gphoton_db.products.reader import (
    ArchiveReader,
    choose_leg,
    observed_span_ms,
    photon_files,
    read_ticks,
)
from gphoton_db.products.registry import entered
from gphoton_db.progress import Progress, no_progress
from gphoton_db.system.durable import Move


def make_movie(
    archive: ArchiveReader,
    leg: LegRecord,
    options: MovieOptions,
    on_progress: Progress = no_progress,
) -> Movie:
    """Make the movie of a leg; its photons are read once, and held in nine bytes each.

    Parameters
    ----------
    archive : ArchiveReader
        Holds the leg, and is told of files that the movie is written to.
    leg : LegRecord
        Which it is.
    options : MovieOptions
        Choices.
    on_progress : callable, optional
        Told ``("reading", done, total)``, in row groups.

    Raises
    ------
    ProductError
        If no photon is on the detector, the other band is not there, or an option is not valid.
    ArchiveError
        If the files of the leg cannot be read.
    """
    times = plan_movie(archive, leg, options)
    groups = row_groups(photon_files(archive, leg))
    geometry = leg_geometry(groups, leg, options.pixel, threads=options.threads)
    photons = collect_photons(
        groups,
        leg.n_photons,
        geometry,
        times,
        Edges(*options.edges),
        cells=masked_cells(archive, leg, options.mask, options.threads),
        threads=options.threads,
        on_progress=on_progress,
    )
    coverage = leg_coverage(archive, leg, geometry, edges=options.edges)
    return movie_of(archive, leg, geometry, times, photons, coverage, options)


def plan_movie(archive: ArchiveReader, leg: LegRecord, options: MovieOptions) -> FrameTimes:
    """Return when the frames of a leg's movie begin and end.

    Raises
    ------
    ProductError
        As `make_movie`.
    """
    other = None
    if options.other_band is not None:
        other = choose_leg(archive, leg.eclipse, options.other_band, leg.leg)
    return frames_of_leg(leg, other, options)


def frames_of_leg(leg: LegRecord, other: LegRecord | None, options: MovieOptions) -> FrameTimes:
    """Return when the frames of a leg's movie begin and end, from the records of legs alone.

    Parameters
    ----------
    leg : LegRecord
        The leg.
    other : LegRecord or None
        The same leg in the other band, if frames are aligned to that.
    options : MovieOptions
        How the movie is made.

    Raises
    ------
    ProductError
        As `make_movie`.
    """
    grid_ms = None
    if options.other_band is not None and other is not None:
        grid_ms, _ = observed_span_ms(other)
    first_ms, last_ms = observed_span_ms(leg)
    return plan_frames(first_ms, last_ms, options.depth, start=options.start, grid_ms=grid_ms)


def movie_of(
    archive: ArchiveReader,
    leg: LegRecord,
    geometry: ImageGeometry,
    times: FrameTimes,
    photons: MoviePhotons,
    coverage: NDArray[np.uint8],
    options: MovieOptions,
) -> Movie:
    """Return the movie of a leg when all of its photons have been collected."""
    return Movie(
        leg=leg,
        geometry=geometry,
        times=times,
        exposures=frame_exposures(times, read_ticks(archive, leg), leg),
        photons=photons,
        coverage=coverage,
        edges=Edges(*options.edges),
        mask=options.mask,
        threads=options.threads,
        entering=partial(_entered, archive, leg, options),
    )


def _entered(
    archive: ArchiveReader,
    leg: LegRecord,
    options: MovieOptions,
    compression: Compression,
    burst: bool,
) -> AbstractContextManager[Move]:
    parameters = movie_parameters(options, compression, burst=burst)
    return entered(archive.catalogue, kind="movie", parameters=parameters, leg=leg)


def movie_parameters(
    options: MovieOptions, compression: Compression, *, burst: bool
) -> dict[str, Any]:
    """Return what the archive's table of products says of how a movie was made."""
    return {
        "depth": options.depth,
        "start": options.start,
        "align_to": options.other_band,
        "pixel": options.pixel,
        "edges": list(options.edges),
        "compression": str(compression),
        "burst": burst,
        **mask_parameters(options.mask),
    }
