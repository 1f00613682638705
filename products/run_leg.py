"""Everything that a run makes of one leg: photon list, image, movie, exposure, photometry."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.mission import Band
from gphoton_db.products.exposure import write_exposure
from gphoton_db.products.file_names import products_folder
from gphoton_db.products.images.image import Image
from gphoton_db.products.images.make import make_image
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.products.kernels.examples import RUN_GROUPS
from gphoton_db.products.movies.image_and_movie import make_image_and_movie
from gphoton_db.products.movies.movie import Movie
from gphoton_db.products.movies.options import MovieOptions
from gphoton_db.products.photons.photon_list import write_photon_list
from gphoton_db.products.reader import ArchiveReader, observed_span_ms
from gphoton_db.products.run_options import RunOptions, StopAfter
from gphoton_db.products.sources.make_photometry import make_photometry
from gphoton_db.products.sources.photometry_options import PhotometryOptions
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
    report = LegReport(leg.leg, skipped=_why_skipped(leg, options))
    if report.skipped:
        return report
    compile_ahead(RUN_GROUPS, on_progress)
    folder = open_reader().root / products_folder(leg.eclipse)
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


def _why_skipped(leg: LegRecord, options: RunOptions) -> str | None:
    if leg.photon_t0 is None:
        return f"none of its {leg.n_photons:,} photons has a position on the detector"
    if leg.exposure < options.min_exposure:
        return f"{leg.exposure:.1f} s of exposure are less than {options.min_exposure:g} s"
    return None


def _make(
    archive: ArchiveReader,
    leg: LegRecord,
    options: RunOptions,
    report: LegReport,
    on_progress: Progress,
) -> tuple[Image, Movie | None]:
    of_image = ImageOptions(extended=options.extended, threads=options.threads)
    of_movie = _movie_options(archive, leg, options, report)
    if of_movie is None:
        return make_image(archive, leg, of_image), None
    return make_image_and_movie(archive, leg, of_image, of_movie, on_progress)


def _movie_options(
    archive: ArchiveReader, leg: LegRecord, options: RunOptions, report: LegReport
) -> MovieOptions | None:
    """Return how to make the movie; None, and a remark, where it would have no whole frame."""
    if options.depth is None:
        return None
    first_ms, last_ms = observed_span_ms(leg)
    if options.depth * 1000 > last_ms - first_ms:
        report.remarks.append(
            f"no movie: frames of {options.depth:g} s are longer than the leg, "
            f"{(last_ms - first_ms) / 1000:g} s"
        )
        return None
    other = _other_band(archive, leg, report) if options.coregister else None
    return MovieOptions(options.depth, align_to=other, threads=options.threads)


def _other_band(archive: ArchiveReader, leg: LegRecord, report: LegReport) -> Band | None:
    other = Band.FUV if leg.band == Band.NUV else Band.NUV
    found = archive.rows(
        f"SELECT photon_t0 FROM legs WHERE eclipse = {leg.eclipse} AND band = '{other}' "
        f"AND leg = {leg.leg}"
    )
    if found and found[0]["photon_t0"] is not None:
        return other
    lacks = "has no photons on the detector" if found else "is not in the archive"
    report.remarks.append(f"frames start with the first photon of {leg.band}: {other} {lacks}")
    return None


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
        PhotometryOptions(
            radii=options.radii,
            catalog=options.catalog,
            depth=movie.depth if movie is not None else None,
            extended=options.extended,
            extended_sources=options.extended_sources,
            threads=options.threads,
        ),
        image=image,
        movie=movie,
    )
    report.n_sources = len(made.sources)
    written = list(made.write(folder, options.table_format, suffix=options.suffix))
    if made.outlines is not None:
        written.append(made.write_outlines(folder))
    return written
