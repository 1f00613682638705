"""Movies to FITS files: cubes, or one file a frame, written frame by frame."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from isal import igzip

from gphoton_db.products.file_names import Compression, file_in, frame_name, movie_name
from gphoton_db.products.fits.files import being_written
from gphoton_db.products.fits.header import PhotonCounts, geometry_cards, leg_header
from gphoton_db.products.fits.stream import (
    ImageExtension,
    SparsePlane,
    write_plain,
    write_primary,
    write_rice,
)
from gphoton_db.products.images.image import UNITS
from gphoton_db.products.masks.applied import mask_meta, mask_suffix
from gphoton_db.products.movies.frames import MovieFrames
from gphoton_db.progress import Progress, counter
from gphoton_db.system.durable import Move, move_durably

_GZIP_LEVEL = 2


def write_movie(
    movie: MovieFrames,
    path: Path,
    compression: Compression,
    threads: int,
    on_progress: Progress,
    move: Move = move_durably,
) -> tuple[Path, ...]:
    """Write COUNT and FLAG cubes, COVERAGE and the table FRAMES; see `Movie.write`."""
    path = file_in(
        path, movie_name(movie.leg, movie.depth, compression, mask_suffix(movie.mask)), compression
    )
    # Frames are made for COUNT, and once more where the sum of the data goes before the data.
    times = 2 if compression is Compression.RICE else 4
    tell = counter(on_progress, "writing", times * len(movie))
    every = slice(0, len(movie))
    _write_file(movie, path, compression, every, threads, tell, move, cube=True)
    return (path,)


def write_burst(
    movie: MovieFrames,
    folder: Path,
    compression: Compression,
    threads: int,
    on_progress: Progress,
    move: Move = move_durably,
) -> tuple[Path, ...]:
    """Write one file for each frame, with images instead of cubes; see `Movie.write`."""
    tell = counter(on_progress, "writing", len(movie))
    paths, mask = [], mask_suffix(movie.mask)
    for k in range(len(movie)):
        offset = (movie.times.span_ms(k)[0] - movie.times.start_ms) / 1000
        path = folder / frame_name(movie.leg, movie.depth, offset, compression, mask)
        one = slice(k, k + 1)
        _write_file(movie, path, compression, one, threads, lambda _: None, move, cube=False)
        paths.append(path)
        tell(1)
    return tuple(paths)


def _write_file(
    movie: MovieFrames,
    path: Path,
    compression: Compression,
    frames: slice,
    threads: int,
    tell: Callable[[int], None],
    move: Move,
    *,
    cube: bool,
) -> None:
    write = write_rice if compression is Compression.RICE else write_plain
    header = _header(movie, frames)
    with being_written(path, move) as temporary, _opened(temporary, compression) as file:
        write_primary(file, header)
        for image in _extensions(movie, frames, header, tell, cube=cube):
            write(file, image, threads=threads)
        file.write(_frames_table(movie, frames))


def _opened(path: Path, compression: Compression) -> Any:
    if compression is Compression.GZIP:
        return igzip.open(path, "wb", compresslevel=_GZIP_LEVEL)
    return path.open("wb")


def _header(movie: MovieFrames, frames: slice) -> fits.Header:
    """Return what is said of a file and of each of its images."""
    weights = movie.photons.within(frames.start, frames.stop)
    n_photons = sum(map(len, weights))
    counts = PhotonCounts(n_photons, n_photons - sum(map(np.count_nonzero, weights)))
    header = leg_header(movie.leg, movie.exposures[frames], counts, movie.edges)
    header.update(mask_meta(movie.mask))
    header.extend(geometry_cards(movie.geometry), strip=False)
    return header


def _extensions(
    movie: MovieFrames,
    frames: slice,
    header: fits.Header,
    tell: Callable[[int], None],
    *,
    cube: bool,
) -> list[ImageExtension]:
    flags: dict[int, SparsePlane] = {}  # of all frames: no more than there are flagged photons

    def count(number: int) -> SparsePlane:
        image = movie.photons.image(frames.start + number, frames.start + number + 1)
        flagged = np.flatnonzero(image.flag)
        flags[number] = SparsePlane(image.pixel[flagged], image.flag[flagged])
        tell(1)
        return SparsePlane(image.pixel, image.count)

    def flag(number: int) -> SparsePlane:
        tell(1)
        return flags[number]

    shape, n = movie.geometry.shape, len(movie) if cube else None
    return [
        ImageExtension(_named(header, "COUNT"), np.float32, shape, count, n),
        ImageExtension(_named(header, "FLAG"), np.uint8, shape, flag, n),
        ImageExtension.of_array(movie.coverage, _named(header, "COVERAGE")),
    ]


def _named(header: fits.Header, name: str) -> fits.Header:
    named = fits.Header([("EXTNAME", name)])
    named.extend(header, strip=False)
    if name in UNITS:
        named["BUNIT"] = UNITS[name]
    return named


def _frames_table(movie: MovieFrames, frames: slice) -> bytes:
    """Return the extension FRAMES, the exposure of each frame, as it stands in a file."""
    table = fits.BinTableHDU(movie.exposures[frames], name="FRAMES")
    primary, content = fits.PrimaryHDU(), io.BytesIO()
    fits.HDUList([primary, table]).writeto(content, checksum=True)
    return content.getvalue()[len(primary.header.tostring()) :]
