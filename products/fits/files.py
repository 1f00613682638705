"""Images to FITS files and back: RICE, gzip or plain, with checksums, moved into place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import fitsio
import numpy as np
from astropy.io import fits
from isal import igzip
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.products.file_names import Compression
from gphoton_db.products.fits.stream import (
    COUNT_STEP,
    LARGEST_INTEGER,
    ImageExtension,
    SparsePlane,
    write_primary,
    write_rice,
)
from gphoton_db.system.cores import usable_cores
from gphoton_db.system.durable import Move, move_durably, written_beside

TILE_ROWS = 64
"""Rows of an image that RICE compresses together."""

_LARGEST_BYTE = 127
"""Of an image of bytes that is compressed here."""

_LONGEST_NUMBER = 20
"""Characters of a number in a header that astropy writes."""

_MEMORY_FILE = "mem://"
_GZIP_LEVEL = 2


@dataclass(frozen=True, eq=False)
class NamedImage:
    """An image that becomes an extension: its EXTNAME, pixels, and header (structure apart).

    RICE stores floating-point pixels as multiples of `step`.
    """

    name: str
    pixels: NDArray[Any]
    header: fits.Header
    step: float = COUNT_STEP


@contextmanager
def not_entered(*how: object) -> Iterator[Move]:
    """Give what moves finished files to their places, and enter them nowhere."""
    yield move_durably


@contextmanager
def being_written(path: Path, move: Move = move_durably) -> Iterator[Path]:
    """Give a name beside `path` to write to; the file takes its own name when it is complete.

    Products of an archive are moved there by what `registry.entered` gives.

    Raises
    ------
    ProductError
        If it cannot be written; nothing is left then, and an older file of that name stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_beside(path, move) as temporary:
            yield temporary
    except OSError as error:
        raise ProductError(f"{path}: cannot be written ({error.strerror or error})") from None


def write_images(
    path: Path,
    primary: fits.Header,
    images: Iterable[NamedImage],
    compression: Compression,
    move: Move = move_durably,
) -> None:
    """Write images to a FITS file, one extension each after an empty primary.

    Parameters
    ----------
    path : Path
        Where to; a file there is replaced.
    primary : astropy.io.fits.Header
        Of the primary.
    images : iterable of NamedImage
        Float images may hold NaN; each is taken when the one before it is done.
    compression : Compression
        RICE: floats within half of `COUNT_STEP`, integers exact; the others are exact.
    move : callable, optional
        As for `being_written`.

    Raises
    ------
    ProductError
        If it cannot be written; nothing is left then.
    """
    if compression is Compression.RICE:
        with being_written(path, move) as temporary, temporary.open("wb") as file:
            _write_compressed(file, primary, images)
        return
    content = _encoded(primary, images, {})
    if compression is Compression.GZIP:
        content = igzip.compress(content, compresslevel=_GZIP_LEVEL)
    with being_written(path, move) as temporary:
        temporary.write_bytes(content)


def read_images(path: Path) -> tuple[fits.Header, list[NamedImage]]:
    """Return the primary header and the images of a FITS file.

    Raises
    ------
    ProductError
        If it cannot be read, or holds no image.
    """
    try:
        with fits.open(path, memmap=False) as hdus:
            images = [
                NamedImage(hdu.name, _native(hdu.data), hdu.header)
                for hdu in hdus[1:]
                if hdu.data is not None
            ]
            primary = hdus[0].header
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ProductError(f"{path}: cannot be read as a FITS file ({error})") from None
    return primary, images


def read_planes(
    path: Path, names: Sequence[str], kind: str
) -> tuple[fits.Header, dict[str, NamedImage]]:
    """Return the primary header and, by name, the images of a file that must have some.

    Parameters
    ----------
    path : Path
        The file.
    names : sequence of str
        The images that it must have.
    kind : str
        What it is then, such as ``a map``.

    Raises
    ------
    ProductError
        If it cannot be read, or lacks one of them.
    """
    primary, images = read_images(path)
    planes = {image.name: image for image in images}
    missing = [name for name in names if name not in planes]
    if missing:
        raise ProductError(f"{path}: is not {kind} of gphoton-db: lacks {missing[0]}")
    return primary, planes


def _write_compressed(file: BinaryIO, primary: fits.Header, images: Iterable[NamedImage]) -> None:
    """Write images with RICE: on all cores where our own can, or else by cfitsio.

    That keeps Python's lock while it compresses, and so all other threads wait for it.
    """
    write_primary(file, _with_digits(primary))
    for image in images:
        if _is_simple(image):
            write_rice(file, _extension(image), threads=usable_cores())
        else:
            file.write(_encoded(fits.Header(), [image], _rice(image.pixels, image.step))[2880:])


def _is_simple(image: NamedImage) -> bool:
    """Return whether the RICE of cubes compresses an image as cfitsio would."""
    pixels = image.pixels
    most = {"f4": LARGEST_INTEGER * COUNT_STEP, "i4": LARGEST_INTEGER, "u1": _LARGEST_BYTE}
    kind = pixels.dtype.str[1:]
    if pixels.ndim != 2 or kind not in most or image.step != COUNT_STEP:
        return False
    return bool(pixels.min() >= 0 and pixels.max() <= most[kind])  # False of NaN


def _extension(image: NamedImage) -> ImageExtension:
    header = fits.Header([("EXTNAME", image.name)])
    header.extend(_with_digits(image.header), strip=False)
    extension = ImageExtension.of_array(image.pixels, header, TILE_ROWS)
    if image.pixels.dtype.kind != "f":
        return extension

    def tile(number: int) -> SparsePlane:
        return _rounded(image.pixels[number * TILE_ROWS : (number + 1) * TILE_ROWS].reshape(-1))

    return replace(extension, plane=tile)


def _with_digits(header: fits.Header) -> fits.Header:
    """Return a header whose longest numbers have 15 digits, as those of cfitsio.

    astropy cuts them: the side of a pixel would be another one than in files without compression.
    """
    cards = []
    for card in header.cards:
        number = f"{card.value:.15G}" if isinstance(card.value, float) else ""
        if len(number) > _LONGEST_NUMBER and len(card.keyword) <= 8:
            comment = f" / {card.comment}" if card.comment else ""
            card = fits.Card.fromstring(f"{card.keyword:8}= {number}{comment}"[:80])
        cards.append(card)
    return fits.Header(cards)


def _rounded(values: NDArray[np.float32]) -> SparsePlane:
    """Return pixels of a tile as the multiples of `COUNT_STEP` that cfitsio makes of them.

    It rounds halves up, but those of the least pixel, from which it counts, down.
    """
    steps = values.astype(np.float64) / COUNT_STEP
    least = steps.min()
    multiples = np.floor(steps + 0.5)
    if least % 1.0:
        multiples[steps == least] = np.ceil(least - 0.5)
    pixel = np.flatnonzero(multiples).astype(np.int32)
    return SparsePlane(pixel, (multiples[pixel] * COUNT_STEP).astype(np.float32))


def _encoded(
    primary: fits.Header, images: Iterable[NamedImage], options: Mapping[str, Any]
) -> bytes:
    # In memory: cfitsio does not say why it could not write a file, the system does.
    with fitsio.FITS(_MEMORY_FILE, "rw", clobber=True) as file:
        file.write(None, header=_records(primary))
        for image in images:
            file.write(image.pixels, extname=image.name, header=_records(image.header), **options)
        for hdu in file:
            hdu.write_checksum()
        content: bytes = file.read_raw()
    return content


def _rice(pixels: NDArray[Any], step: float) -> dict[str, Any]:
    tile = (min(TILE_ROWS, pixels.shape[0]), pixels.shape[1])
    quantised = pixels.dtype.kind == "f"
    return {
        "compress": "rice",
        "tile_dims": tile,
        # A negative level is a step, a positive one would be a fraction of the noise.
        **({"qlevel": -step, "qmethod": None} if quantised else {}),
    }


def _records(header: fits.Header) -> list[dict[str, Any]]:
    return [
        {"name": card.keyword, "value": card.value, "comment": card.comment}
        for card in header.cards
    ]


def _native(pixels: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("="))
