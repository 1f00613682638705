"""From the photons of a leg to the photometry of its sources."""

import logging
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.apertures.targets import PositionFlag
from gphoton_db.products.frame_times import FrameTimes, plan_frames
from gphoton_db.products.images.coverage import leg_coverage
from gphoton_db.products.images.extent import leg_geometry
from gphoton_db.products.images.image import Image
from gphoton_db.products.images.make import make_image
from gphoton_db.products.masks.applied import mask_parameters
from gphoton_db.products.movies.movie import Movie
from gphoton_db.products.photon_batches import row_groups
from gphoton_db.products.quantities import is_several
from gphoton_db.products.reader import ArchiveReader, legs_of, observed_span_ms, photon_files
from gphoton_db.products.registry import entered
from gphoton_db.products.sources.catalog import (
    DETECTED,
    CatalogName,
    SourceCatalog,
    catalog_name,
    problems_of,
    source_catalog,
)
from gphoton_db.products.sources.detection import find_segments, source_table
from gphoton_db.products.sources.extended import outline_extended
from gphoton_db.products.sources.photometry import Photometry
from gphoton_db.products.sources.photometry_options import PhotometryOptions
from gphoton_db.products.sources.photometry_table import MeasuredField, measure
from gphoton_db.products.sources.store import store_photometry, store_sources
from gphoton_db.system.durable import Move

if TYPE_CHECKING:
    from astropy.table import Table

logger = logging.getLogger(__name__)


def make_photometry(
    archive: ArchiveReader,
    leg: LegRecord,
    options: PhotometryOptions,
    *,
    image: Image | None = None,
    movie: Movie | None = None,
    keep: bool = True,
) -> Photometry:
    """Measure the sources of a leg.

    Parameters
    ----------
    archive : ArchiveReader
        Holds the leg.
    leg : LegRecord
        Which it is.
    options : PhotometryOptions
        Choices.
    image, movie : Image, Movie, optional
        Of the leg, with the same pixels, depth and edges, where they are made already.
    keep : bool
        Keep sources and photometry in the archive, in the place of earlier ones.

    Raises
    ------
    ProductError
        If there are no photons on the detector, no usable radius, or the list cannot be read.
    """
    radii = usable_radii(options.radii)
    times = _times(leg, options.depth, movie)
    given = None
    if options.catalog is not None:
        given = source_catalog(options.catalog, eclipse=leg.eclipse)
    field = _field(archive, leg, options, image, movie, needs_image=given is None)
    outlines = None
    if given is None:
        sources, outlines = _detected(field, options)
    else:
        sources = _forced(given, field)
    table = measure(archive, leg, options, radii, times, field, sources)
    result = Photometry(
        leg=leg,
        catalog=DETECTED if given is None else given.name,
        method=options.method,
        depth=options.depth,
        sources=sources,
        table=table,
        outlines=outlines,
        mask=options.mask,
        entering=partial(_entered, archive, leg, options, radii, times),
    )
    if keep:
        store_photometry(archive, result)
    return result


def usable_radii(radii: Any) -> tuple[float, ...]:
    """Return the radii (arcsec) that make sense, rising; the others are logged and left out.

    Raises
    ------
    ProductError
        If none does.
    """
    given = list(radii) if is_several(radii) else [radii]
    usable, problems = [], []
    for radius in given:
        try:
            usable.append(Aperture.of(radius, None).radius)
        except ProductError as error:
            problems.append(str(error))
    if not usable:
        raise ProductError("; ".join(problems) or "there is no radius: give one or more")
    for problem in problems:
        logger.warning("left out: %s", problem)
    return tuple(sorted(set(usable)))


def keep_detected(archive: ArchiveReader, image: Image, sources: "Table") -> None:
    """Keep the sources of an image in the archive, if it is of a leg as the archive has it."""
    place_detected(image, sources)
    of = image.header
    for leg in legs_of(archive, int(of["ECLIPSE"]), Band(of["BANDNAME"])):
        if (leg.leg, leg.generation) == (of["LEG"], of["INGEST"]):
            store_sources(archive, leg, DETECTED, sources)
            return
    logger.warning("%s: of another ingest, so its sources are not kept in the archive", image.name)


def place_detected(image: Image, sources: "Table") -> None:
    """Say of each source that was detected in an image what the leg saw of its position."""
    field = MeasuredField(image.geometry, image.coverage, image, None)
    _place(sources, field, np.zeros(len(sources), np.int64))


def _times(leg: LegRecord, depth: float | None, movie: Movie | None) -> FrameTimes:
    first, last = observed_span_ms(leg)
    if depth is None:
        return FrameTimes(first, last - first + 1, 1)
    if movie is None:
        return plan_frames(first, last, depth)
    if movie.depth != depth or movie.times.start_ms > first or movie.times.stop_ms <= last:
        raise ProductError(
            f"the movie's frames of {movie.depth:g} s do not hold all of the leg in frames of "
            f"{depth:g} s: give another movie, or none"
        )
    return movie.times


def _field(
    archive: ArchiveReader,
    leg: LegRecord,
    options: PhotometryOptions,
    image: Image | None,
    movie: Movie | None,
    *,
    needs_image: bool,
) -> MeasuredField:
    if image is None and (needs_image or options.extended):
        image = make_image(archive, leg, options.image, dose=False)
    if image is not None:
        return MeasuredField(image.geometry, image.coverage, image, movie)
    if movie is not None:
        return MeasuredField(movie.geometry, movie.coverage, None, movie)
    groups = row_groups(photon_files(archive, leg))
    geometry = leg_geometry(groups, leg, options.pixel, threads=options.threads)
    return MeasuredField(
        geometry, leg_coverage(archive, leg, geometry, edges=options.edges), None, None
    )


def _detected(field: MeasuredField, options: PhotometryOptions) -> "tuple[Table, Table | None]":
    assert field.image is not None
    segments = find_segments(field.image, threads=options.threads)
    sources = source_table(field.image, segments)
    outlines = None
    if options.extended_sources:
        outlines = outline_extended(field.image, segments, sources)
    if not len(sources):
        logger.warning("%s: no sources found", field.image.name)
    _place(sources, field, np.zeros(len(sources), np.int64))
    return sources, outlines


def _forced(given: SourceCatalog, field: MeasuredField) -> "Table":
    from astropy import units
    from astropy.table import Table

    targets = given.targets
    x, y = field.geometry.pixel_of(targets.ra, targets.dec)
    table = Table({"source": given.row})
    table["ra"], table["dec"] = targets.ra * units.deg, targets.dec * units.deg
    table["x"], table["y"] = (x - 1) * units.pix, (y - 1) * units.pix
    _place(table, field, targets.flags)
    problems = problems_of(np.asarray(table["position_flags"]))
    if problems:
        logger.warning("%s: of %d positions %s", given.name, len(given), problems)
    return table


def _place(table: "Table", field: MeasuredField, flags: NDArray[np.int64]) -> None:
    """Say of each source what the leg saw of its position."""
    index = field.geometry.index_of(np.asarray(table["ra"]), np.asarray(table["dec"]))
    coverage = np.where(index >= 0, field.coverage.ravel()[np.maximum(index, 0)], 0)
    off = (coverage == 0) & ((flags & PositionFlag.NO_POSITION) == 0)
    table["coverage"] = coverage.astype(np.uint8)
    table["position_flags"] = (flags | off * int(PositionFlag.OFF_FIELD)).astype(np.uint8)


def _entered(
    archive: ArchiveReader,
    leg: LegRecord,
    options: PhotometryOptions,
    radii: tuple[float, ...],
    times: FrameTimes,
) -> AbstractContextManager[Move]:
    catalog = CatalogName(DETECTED) if options.catalog is None else catalog_name(options.catalog)
    frames = None if options.depth is None else times
    parameters = {"radii": list(radii), **photometry_parameters(options, catalog, frames)}
    return entered(archive.catalogue, kind="photometry", parameters=parameters, leg=leg)


def photometry_parameters(
    options: PhotometryOptions, catalog: CatalogName, frames: FrameTimes | None
) -> dict[str, Any]:
    """Return what the archive's table of products says of how sources were measured.

    Parameters
    ----------
    options : PhotometryOptions
        How.
    catalog : CatalogName
        Which sources.
    frames : FrameTimes or None
        Of the movie; None where the leg as a whole was measured.
    """
    return {
        "depth": options.depth,
        "start": None if frames is None else frames.start_ms / 1000,
        "method": options.method,
        "pixel": options.pixel,
        "extended": options.extended,
        "extended_sources": options.extended_sources,
        "catalog": catalog.name,
        "catalog_sha256": catalog.sha256,
        **mask_parameters(options.mask),
    }
