"""Which files a run makes of a leg, and whether they are there already."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.mission import Band
from gphoton_db.products.exposure import exposure_parameters
from gphoton_db.products.file_names import (
    exposure_name,
    frame_name,
    image_name,
    movie_name,
    outlines_name,
    photometry_name,
    products_folder,
)
from gphoton_db.products.frame_times import FrameTimes
from gphoton_db.products.images.make import image_parameters
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.products.masks.applied import mask_suffix
from gphoton_db.products.movies.make import frames_of_leg, movie_parameters
from gphoton_db.products.movies.options import MovieOptions
from gphoton_db.products.photons.photon_list import checked_columns, photon_list_name
from gphoton_db.products.reader import ArchiveReader, observed_span_ms
from gphoton_db.products.run_options import RunOptions, StopAfter
from gphoton_db.products.sources.catalog import DETECTED, CatalogName, catalog_name
from gphoton_db.products.sources.make_photometry import photometry_parameters, usable_radii
from gphoton_db.products.sources.photometry_options import PhotometryOptions


@dataclass(frozen=True)
class PlannedFile:
    """A file that a run makes: its name, and what the table of products is to say of it."""

    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class RunPlan:
    """What a run is to make, with what all legs have in common looked up once.

    Parameters
    ----------
    options : RunOptions
        Of the run.
    columns : tuple of str
        Of photon lists.
    radii : tuple of float
        Of the apertures, arcsec.
    catalog : CatalogName
        Of the positions that are measured.
    mask : str
        What the names of files say of the mask.
    """

    options: RunOptions
    columns: tuple[str, ...]
    radii: tuple[float, ...]
    catalog: CatalogName
    mask: str

    @classmethod
    def of(cls, archive: ArchiveReader, options: RunOptions) -> "RunPlan":
        """Return the plan of a run.

        Raises
        ------
        ProductError
            If there is no such column, or the list of positions cannot be read.
        """
        columns = tuple(checked_columns(archive, options.columns)) if options.columns else ()
        given = options.catalog
        catalog = CatalogName(DETECTED) if given is None else catalog_name(given)
        return cls(
            options, columns, usable_radii(options.radii), catalog, mask_suffix(options.mask)
        )

    def files(self, leg: LegRecord, other: LegRecord | None) -> Iterator[PlannedFile]:
        """Yield the files of a leg.

        Parameters
        ----------
        leg : LegRecord
            The leg.
        other : LegRecord or None
            The same leg in the other band, where it is in the archive.
        """
        options = self.options
        if why_skipped(leg, options):
            return
        if self.columns:
            yield PlannedFile(photon_list_name(leg), {"columns": list(self.columns)})
        if options.stop_after is StopAfter.PHOTONS:
            return
        of_movie, _ = movie_options(leg, other, options)
        frames = frames_of_leg(leg, other, of_movie) if of_movie else None
        if not options.photometry_only:
            if options.write_image:
                of_image = ImageOptions(extended=options.extended, mask=options.mask)
                parameters = image_parameters(of_image, options.compression)
                yield PlannedFile(image_name(leg, options.compression, self.mask), parameters)
            if of_movie and frames:
                yield from _movie_files(leg, options, of_movie, frames, self.mask)
        if options.stop_after is None:
            yield from self._photometry_files(leg, frames)

    def _photometry_files(self, leg: LegRecord, frames: FrameTimes | None) -> Iterator[PlannedFile]:
        options = self.options
        of = photometry_options(options, options.depth if frames else None)
        parameters = photometry_parameters(of, self.catalog, frames)
        for radius in self.radii:
            name = photometry_name(
                leg,
                radius,
                depth=of.depth,
                lists=() if self.catalog.name == DETECTED else (self.catalog.name,),
                suffix=options.suffix,
                kind=str(options.table_format),
                mask=self.mask,
            )
            yield PlannedFile(name, parameters)
        if options.extended_sources and options.catalog is None:
            yield PlannedFile(outlines_name(leg, self.mask), parameters)


def why_skipped(leg: LegRecord, options: RunOptions) -> str | None:
    """Return why nothing is made of a leg; None where something is."""
    if leg.photon_t0 is None:
        return f"none of its {leg.n_photons:,} photons has a position on the detector"
    if leg.exposure < options.min_exposure:
        return f"{leg.exposure:.1f} s of exposure are less than {options.min_exposure:g} s"
    return None


def movie_options(
    leg: LegRecord, other: LegRecord | None, options: RunOptions
) -> tuple[MovieOptions | None, list[str]]:
    """Return how to make a leg's movie (None: no movie), and remarks on that.

    Parameters
    ----------
    leg, other
        As for `RunPlan.files`.
    options : RunOptions
        Of the run.
    """
    if options.depth is None:
        return None, []
    first_ms, last_ms = observed_span_ms(leg)
    if options.depth * 1000 > last_ms - first_ms:
        length = (last_ms - first_ms) / 1000
        text = f"no movie: frames of {options.depth:g} s are longer than the leg, {length:g} s"
        return None, [text]
    aligned = options.coregister and other is not None and other.photon_t0 is not None
    remarks = []
    if options.coregister and not aligned:
        lacks = "has no photons on the detector" if other else "is not in the archive"
        band = other_band(leg)
        remarks.append(f"frames start with the first photon of {leg.band}: {band} {lacks}")
    align_to = other_band(leg) if aligned else None
    movie = MovieOptions(
        options.depth, align_to=align_to, mask=options.mask, threads=options.threads
    )
    return movie, remarks


def photometry_options(options: RunOptions, depth: float | None) -> PhotometryOptions:
    """Return how a run measures; `depth` is that of its movie, s, None where it has none."""
    return PhotometryOptions(
        radii=options.radii,
        catalog=options.catalog,
        depth=depth,
        extended=options.extended,
        extended_sources=options.extended_sources,
        mask=options.mask,
        threads=options.threads,
    )


def other_band(leg: LegRecord) -> Band:
    """Return the band that a leg is not of."""
    return Band.FUV if leg.band == Band.NUV else Band.NUV


def all_made(
    archive: ArchiveReader,
    leg: LegRecord,
    planned: Iterable[PlannedFile],
    products: Mapping[str, Mapping[str, Any]],
) -> bool:
    """Return whether all files of a leg are there, made as planned of the leg as it is now.

    Parameters
    ----------
    archive : ArchiveReader
        Holds them.
    leg : LegRecord
        The leg.
    planned : iterable of PlannedFile
        As `RunPlan.files` returns them.
    products : mapping
        Rows of the table of products (``size_bytes, parameters``), by their path.
    """
    folder = products_folder(leg.eclipse)
    for file in planned:
        path = f"{folder}/{file.name}"
        row = products.get(path)
        if row is None or not _is_of(row["parameters"], file, leg.generation):
            return False
        if not _has_size(archive.root / path, row["size_bytes"]):
            return False
    return True


def _movie_files(
    leg: LegRecord, options: RunOptions, movie: MovieOptions, frames: FrameTimes, mask: str
) -> Iterator[PlannedFile]:
    said = exposure_parameters(movie.depth, frames.start_ms / 1000)
    yield PlannedFile(exposure_name(leg, movie.depth), said)
    if not options.write_movie:
        return
    parameters = movie_parameters(movie, options.compression, burst=options.burst)
    if not options.burst:
        yield PlannedFile(movie_name(leg, movie.depth, options.compression, mask), parameters)
        return
    for number in range(frames.n_frames):
        offset = number * frames.depth_ms / 1000
        name = frame_name(leg, movie.depth, offset, options.compression, mask)
        yield PlannedFile(name, parameters)


def _is_of(stored: str, file: PlannedFile, generation: str) -> bool:
    """Return whether a product was made as planned; what was made of it besides does not matter."""
    said: dict[str, Any] = json.loads(stored)
    wanted: dict[str, Any] = json.loads(json.dumps({**file.parameters, "generation": generation}))
    return all(name in said and said[name] == value for name, value in wanted.items())


def _has_size(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False
