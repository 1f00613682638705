"""From the photons of a leg to its image."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.products.exposure import exposure_table
from gphoton_db.products.file_names import Compression, leg_stem
from gphoton_db.products.fits.header import PhotonCounts, leg_header
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.images.coverage import leg_coverage
from gphoton_db.products.images.extended import RowRange, extended_planes
from gphoton_db.products.images.extent import leg_geometry
from gphoton_db.products.images.image import Image
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.products.images.placing import COLUMNS, place_photons
from gphoton_db.products.kernels.placing import (
    DOSE_SIDE,
    Edges,
    PlacedPhotons,
    add_counts,
    add_ones,
    dose_indices,
)
from gphoton_db.products.masks.applied import mask_meta, mask_parameters, mask_suffix, with_cells
from gphoton_db.products.masks.make import masked_cells
from gphoton_db.products.photon_batches import Photons, map_photons, row_groups
from gphoton_db.products.reader import ArchiveReader, observed_span_ms, photon_files
from gphoton_db.products.registry import entered
from gphoton_db.system.durable import Move


@dataclass(frozen=True, eq=False)
class ImageBatch:
    """Photons of a row group on their pixels."""

    placed: PlacedPhotons
    dose: NDArray[np.int32]


class ImageSums:
    """The planes of an image while photons are added to them.

    ``rows``: in which rows those of each row group are.
    """

    def __init__(self, geometry: ImageGeometry) -> None:
        n = geometry.shape[0] * geometry.shape[1]
        self.count = np.zeros(n, np.float64)
        self.flag = np.zeros(n, np.uint8)
        self.dose = np.zeros(DOSE_SIDE * DOSE_SIDE, np.int32)
        self.n_columns = geometry.shape[1]
        self.rows: list[RowRange] = []
        self.n_on_detector = self.n_no_weight = self.n_outside = 0

    def add(self, batch: ImageBatch) -> None:
        """Add the photons of a row group."""
        no_weight, outside = add_counts(batch.placed, self.count, self.flag)
        add_ones(batch.dose, self.dose)
        pixel = batch.placed.pixel
        rows = (int(pixel.min()), int(pixel.max())) if len(pixel) else (0, -1)
        self.rows.append((rows[0] // self.n_columns, rows[1] // self.n_columns))
        self.n_on_detector += len(batch.placed.pixel)
        self.n_no_weight += no_weight
        self.n_outside += outside


def make_image(
    archive: ArchiveReader, leg: LegRecord, options: ImageOptions, *, dose: bool = True
) -> Image:
    """Make the image of a leg.

    Parameters
    ----------
    archive : ArchiveReader
        Holds the leg, and is told of files that the image is written to.
    leg : LegRecord
        Which it is.
    options : ImageOptions
        Choices.
    dose : bool
        False: DOSE stays empty, of an image that is not returned to a user.

    Raises
    ------
    ProductError
        If the leg has no photons on the detector, or an option is not valid.
    ArchiveError
        If its files cannot be read.
    """
    observed_span_ms(leg)  # a leg without photons is refused before anything is read
    groups = row_groups(photon_files(archive, leg))
    geometry = leg_geometry(groups, leg, options.pixel, threads=options.threads)
    place = partial(
        place_on_image,
        geometry=geometry,
        options=options,
        cells=mask_of(archive, leg, options),
        dose=dose,
    )
    sums = ImageSums(geometry)
    for batch in map_photons(groups, COLUMNS, place, threads=options.threads):
        sums.add(batch)
    coverage = leg_coverage(archive, leg, geometry, edges=options.edges)
    return image_of(archive, leg, geometry, sums, coverage, options)


def mask_of(
    archive: ArchiveReader, leg: LegRecord, options: ImageOptions
) -> NDArray[np.bool_] | None:
    """Return the cells that count as hotspots beside those of the calibration; None: no others."""
    return masked_cells(archive, leg, options.mask, options.threads)


def place_on_image(
    photons: Photons,
    geometry: ImageGeometry,
    options: ImageOptions,
    cells: NDArray[np.bool_] | None = None,
    *,
    dose: bool = True,
) -> ImageBatch:
    """Return the photons of a row group on the pixels of an image; `cells`: see `mask_of`."""
    photons = with_cells(photons, cells)
    placed = place_photons(photons, geometry.projection, Edges(*options.edges))
    chosen = placed.row if dose else placed.row[:0]
    return ImageBatch(placed, dose_indices(photons["col"], photons["row"], chosen))


def image_of(
    archive: ArchiveReader,
    leg: LegRecord,
    geometry: ImageGeometry,
    sums: ImageSums,
    coverage: NDArray[np.uint8],
    options: ImageOptions,
) -> Image:
    """Return the image of a leg when all of its photons have been added up.

    Raises
    ------
    ProductError
        If photons fell outside of it, which the geometry is made to prevent.
    """
    if sums.n_outside:
        raise ProductError(f"{sums.n_outside} photons fell outside of {geometry}: please report it")
    extended: Mapping[str, NDArray[np.float32]] = {}
    if options.extended:
        groups = row_groups(photon_files(archive, leg))
        extended = extended_planes(groups, sums.rows, geometry, threads=options.threads)
    counts = PhotonCounts(sums.n_on_detector, sums.n_no_weight)
    header = leg_header(leg, exposure_table(archive, leg), counts, Edges(*options.edges))
    header.update(mask_meta(options.mask))
    return Image(
        count=sums.count.reshape(geometry.shape).astype(np.float32),
        flag=sums.flag.reshape(geometry.shape),
        coverage=coverage,
        dose=sums.dose.reshape(DOSE_SIDE, DOSE_SIDE),
        geometry=geometry,
        header=header,
        name=f"{leg_stem(leg)}-image{mask_suffix(options.mask)}",
        extended=extended,
        entering=partial(_entered, archive, leg, options),
    )


def _entered(
    archive: ArchiveReader, leg: LegRecord, options: ImageOptions, compression: Compression
) -> AbstractContextManager[Move]:
    parameters = image_parameters(options, compression)
    return entered(archive.catalogue, kind="image", parameters=parameters, leg=leg)


def image_parameters(options: ImageOptions, compression: Compression) -> dict[str, Any]:
    """Return what the archive's table of products says of how an image was made."""
    return {
        "pixel": options.pixel,
        "edges": list(options.edges),
        "extended": options.extended,
        "compression": str(compression),
        **mask_parameters(options.mask),
    }
