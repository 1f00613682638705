"""Everything that a run makes of one leg: photon list, image, movie, exposure, photometry."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from gphoton_db.catalogue.records import LegRecord, leg_of
from gphoton_db.products.exposure import write_exposure
from gphoton_db.products.file_names import products_folder
from gphoton_db.products.images.image import Image
from gphoton_db.products.images.make import make_image
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.products.kernels.examples import RUN_GROUPS
from gphoton_db.products.movies.image_and_movie import make_image_and_movie
from gphoton_db.products.movies.movie import Movie
from gphoton_db.products.photons.photon_list import write_photon_list
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.run_options import RunOptions, StopAfter
from gphoton_db.products.run_plan import (
    movie_options,
    other_band,
    photometry_options,
    why_skipped,
)
from gphoton_db.products.sources.make_photometry import make_photometry
from gphoton_db.progress import Progress
from gphoton_db.system.compiling import compile_ahead
from gphoton_db.system.memory import give_back

OpenReader = Callable[[], ArchiveReader]
"""Gives the archive as it is now: it has another version as soon as a product is written."""


@dataclass
class LegReport:
    """What a run made of a leg.

    ``skipped`` says why nothing was made; ``remarks`` what is to be known of what was made;
    ``files`` were written; ``n_sources`` were measured, None where photometry was not asked for.
    """

    leg: int
    skipped: str | None = None
    remarks: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    n_sources: int | None = None


def run_leg(
    open_reader: OpenReader, leg: LegRecord, options: RunOptions, on_progress: Progress
) -> LegReport:
    """Make what a run is to make of a leg, and write it under the usual names.

    Parameters
    ----------
    open_reader : callable
        Gives the archive.
    leg : LegRecord
        Which it is.
    options : RunOptions
        What is made.
    on_progress : callable
        Told ``("reading", done, total)`` and ``("writing", done, total)``, and of `COMPILING`.

    Raises
    ------
    ProductError
        If something cannot be made or written; what was written before stays.
    ArchiveError
        If the files of the leg cannot be read.
    """
    report = LegReport(leg.leg, skipped=why_skipped(leg, options))
    if report.skipped:
        return report
    compile_ahead(RUN_GROUPS, on_progress)
    folder = open_reader().catalogue.incoming / products_folder(leg.eclipse)
    folder.mkdir(parents=True, exist_ok=True)
    if options.columns:
        report.files.append(write_photon_list(open_reader(), leg, options.columns, folder))
    if options.stop_after is StopAfter.PHOTONS:
        return report
    image, movie = _make(open_reader(), leg, options, report, on_progress)
    give_back()
    if movie is not None and not options.photometry_only:
        table = movie.exposure_table()
        table.meta["DEPTH"] = movie.depth
        report.files.append(write_exposure(open_reader(), table, folder))
    with ThreadPoolExecutor(1) as beside:
        # Detection has one thread's work, and writing that of another.
        writing = beside.submit(_write, image, movie, folder, options, on_progress)
        if options.stop_after is None:
            tables = _measure(open_reader, leg, image, movie, folder, options, report)
        else:
            tables = []
        report.files += [*writing.result(), *tables]
    return report


def _make(
    archive: ArchiveReader,
    leg: LegRecord,
    options: RunOptions,
    report: LegReport,
    on_progress: Progress,
) -> tuple[Image, Movie | None]:
    of_image = ImageOptions(extended=options.extended, threads=options.threads, mask=options.mask)
    other = _other_leg(archive, leg) if options.coregister else None
    of_movie, remarks = movie_options(leg, other, options)
    report.remarks += remarks
    if of_movie is None:
        return make_image(archive, leg, of_image), None
    return make_image_and_movie(archive, leg, of_image, of_movie, on_progress)


def _other_leg(archive: ArchiveReader, leg: LegRecord) -> LegRecord | None:
    """Return the same leg in the other band, where it is in the archive."""
    found = archive.rows(
        f"SELECT * FROM rows_of('legs', [{leg.eclipse}]) WHERE band = '{other_band(leg)}' "
        f"AND leg = {leg.leg}"
    )
    return leg_of(found[0]) if found else None


def _write(
    image: Image,
    movie: Movie | None,
    folder: Path,
    options: RunOptions,
    on_progress: Progress,
) -> list[Path]:
    """Write image and movie; needs no reader, of which one thread alone may have any."""
    written: list[Path] = []
    if options.photometry_only:
        return written
    if options.write_image:
        written.append(image.write(folder, options.compression))
    if movie is not None and options.write_movie:
        written += movie.write(
            folder, options.compression, burst=options.burst, on_progress=on_progress
        )
    return written


def _measure(
    open_reader: OpenReader,
    leg: LegRecord,
    image: Image,
    movie: Movie | None,
    folder: Path,
    options: RunOptions,
    report: LegReport,
) -> list[Path]:
    """Measure the sources, or the positions of the catalogue, and write the tables."""
    made = make_photometry(
        open_reader(),
        leg,
        photometry_options(options, movie.depth if movie is not None else None),
        image=image,
        movie=movie,
    )
    report.n_sources = len(made.sources)
    written = list(made.write(folder, options.table_format, suffix=options.suffix))
    if made.outlines is not None:
        written.append(made.write_outlines(folder))
    return written
