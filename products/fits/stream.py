"""Images and cubes to FITS plane by plane: a cube is never held, as an array or as bytes.

A plane comes as the pixels that are not zero, so nearly empty frames cost next to nothing.  What
is written is ordinary FITS: image extensions, plain or tile-compressed (RICE_1; a tile is a
plane, or some rows of a single image), with CHECKSUM and DATASUM.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.products.fits.checksum import added_sums, finished_header, sum_of_bytes
from gphoton_db.products.kernels.checksum import sum_of_words
from gphoton_db.products.kernels.rice import BLOCK, compress, longest_stream
from gphoton_db.system.threads import in_order

COUNT_STEP = 2.0**-10
"""RICE stores floating-point pixels as multiples of this: none is off by more than half of it, and
zeros are exact.  The weight of one photon is about 1, and good to 1 part in 4,096."""

LARGEST_INTEGER = 2**30
"""The largest multiple that is stored."""

_BITPIX = {np.float32: -32, np.int32: 32, np.uint8: 8}
_FITS_BLOCK = 2880


@dataclass(frozen=True, eq=False)
class SparsePlane:
    """An image as the pixels that are not zero.

    ``pixel`` (n,) int32: positions in the flat image, rising; ``value`` (n,): of its type.
    """

    pixel: NDArray[np.int32]
    value: NDArray[Any]


@dataclass(frozen=True, eq=False)
class ImageExtension:
    """An image, or a cube of `n_planes` images, that becomes an extension of a file.

    Parameters
    ----------
    header : astropy.io.fits.Header
        EXTNAME, WCS and whatever else is not structure.
    dtype : type
        np.float32, np.int32 or np.uint8.
    shape : tuple of int
        Rows and columns of a plane.
    plane : callable
        Makes the plane, or tile, of a number from 0 on; called on several threads, twice for each.
    n_planes : int, optional
        None for a single image, which has two axes.
    tile_rows : int, optional
        Rows of a single image that are compressed together; None: all of them.
    """

    header: fits.Header
    dtype: type[np.float32] | type[np.uint8] | type[np.int32]
    shape: tuple[int, int]
    plane: Callable[[int], SparsePlane]
    n_planes: int | None = None
    tile_rows: int | None = None

    @classmethod
    def of_array(
        cls, image: NDArray[Any], header: fits.Header, tile_rows: int | None = None
    ) -> "ImageExtension":
        """Return the extension of an image that is held as a float32, uint8 or int32 array."""
        rows, columns = image.shape
        high = tile_rows or rows

        def plane(number: int) -> SparsePlane:
            flat = image[number * high : (number + 1) * high].reshape(-1)
            pixel = np.flatnonzero(flat).astype(np.int32)
            return SparsePlane(pixel, flat[pixel])

        return cls(header, image.dtype.type, (rows, columns), plane, tile_rows=tile_rows)

    @property
    def axes(self) -> list[int]:
        """Lengths of the axes in the order of FITS: columns, rows, planes."""
        return [self.shape[1], self.shape[0], *([self.n_planes] if self.n_planes else [])]

    @property
    def numbers(self) -> range:
        """Numbers of the planes, or of the tiles of a single image."""
        return range(self.n_planes or -(-self.shape[0] // self._high))

    @property
    def tile(self) -> list[int]:
        """Lengths of the sides of a tile, in the order of `axes`."""
        return [self.shape[1], self._high, *([1] if self.n_planes else [])]

    def pixels_of(self, number: int) -> int:
        """Return the pixels of a plane or tile: the last tile may have fewer rows."""
        if self.n_planes:
            return self.plane_pixels
        return self.shape[1] * min(self._high, self.shape[0] - number * self._high)

    @property
    def plane_pixels(self) -> int:
        """Pixels of a plane."""
        return self.shape[0] * self.shape[1]

    @property
    def bitpix(self) -> int:
        """What FITS calls the type."""
        return _BITPIX[self.dtype]

    @property
    def _high(self) -> int:
        return self.tile_rows or self.shape[0]


def write_primary(file: BinaryIO, header: fits.Header) -> None:
    """Write a primary header that has no data."""
    structure = [("SIMPLE", True), ("BITPIX", 8), ("NAXIS", 0), ("EXTEND", True)]
    file.write(finished_header(_complete(structure, header), 0))


def write_plain(file: BinaryIO, image: ImageExtension, *, threads: int) -> None:
    """Write an extension without compression, also to a file that cannot be rewound.

    The data's sum stands before the data, so planes are made twice; zeros do not count in it.
    """
    data_sum = 0
    for words in in_order(lambda k: _words(image, k), image.numbers, threads=threads):
        data_sum = sum_of_words(words, data_sum)
    structure = [
        ("XTENSION", "IMAGE"),
        ("BITPIX", image.bitpix),
        ("NAXIS", len(image.axes)),
        *((f"NAXIS{i}", n) for i, n in enumerate(image.axes, 1)),
        ("PCOUNT", 0),
        ("GCOUNT", 1),
    ]
    file.write(finished_header(_complete(structure, image.header), data_sum))
    n_bytes = 0
    for data in in_order(lambda k: _dense(image, k), image.numbers, threads=threads):
        file.write(data.data)
        n_bytes += data.nbytes
    file.write(bytes(-n_bytes % _FITS_BLOCK))


def write_rice(file: BinaryIO, image: ImageExtension, *, threads: int) -> None:
    """Write a tile-compressed extension (FITS Standard 4.0, 10.1); a plane of a cube is a tile.

    Room for the header and the table is left, and filled when the compressed planes are there.
    """
    start = file.tell()
    table = np.zeros(len(image.numbers), _row_type(image))
    file.write(finished_header(_complete(_table_cards(image, table, 0), image.header), 0))
    file.write(table.tobytes())
    n_heap = data_sum = 0
    for k, plane in enumerate(
        in_order(lambda k: _compressed(image, k), image.numbers, threads=threads)
    ):
        table[k] = (plane.n_bytes, n_heap, plane.step, 0.0)[: len(table.dtype.names or ())]
        data_sum = added_sums(data_sum, plane.data_sum)
        n_heap += file.write(plane.padded.data)
    file.write(bytes(-(table.nbytes + n_heap) % _FITS_BLOCK))
    end = file.tell()
    data_sum = sum_of_bytes(table.tobytes(), data_sum)
    header = _complete(_table_cards(image, table, n_heap), image.header)
    file.seek(start)
    file.write(finished_header(header, data_sum))
    file.write(table.tobytes())
    file.seek(end)


def _complete(structure: list[tuple[str, Any]], header: fits.Header) -> fits.Header:
    complete = fits.Header(structure)
    complete.extend(header.cards, strip=False)
    return complete


def _words(image: ImageExtension, number: int) -> NDArray[np.uint32]:
    """Return what the pixels of a plane add to the sum of the 32-bit words of the data."""
    plane = image.plane(number)
    if image.dtype is not np.uint8:
        return plane.value.view(np.uint32)
    byte = (number * image.plane_pixels + plane.pixel.astype(np.int64)) % 4
    return plane.value.astype(np.uint32) << (8 * (3 - byte)).astype(np.uint32)


def _dense(image: ImageExtension, number: int) -> NDArray[Any]:
    plane = image.plane(number)
    data = np.zeros(image.plane_pixels, np.dtype(image.dtype).newbyteorder(">"))
    data[plane.pixel] = plane.value
    return data


def _row_type(image: ImageExtension) -> np.dtype[np.void]:
    """Return the type of a row of the table: length and place in the heap, scale, zero."""
    scaling = [("ZSCALE", ">f8"), ("ZZERO", ">f8")] if image.dtype is np.float32 else []
    return np.dtype([("length", ">i8"), ("place", ">i8"), *scaling])


@dataclass(frozen=True, eq=False)
class _CompressedPlane:
    """Compressed bytes of a plane, padded to whole words with their sum, and the values' step."""

    n_bytes: int
    padded: NDArray[np.uint8]
    data_sum: int
    step: float


def _compressed(image: ImageExtension, number: int) -> _CompressedPlane:
    plane = image.plane(number)
    step = COUNT_STEP if image.dtype is np.float32 else 1.0
    while len(plane.value) and plane.value.max() / step > LARGEST_INTEGER:
        step *= 2.0
    value = np.rint(plane.value / np.float32(step)).astype(np.int32)
    width = np.dtype(image.dtype).itemsize
    n_pixels = image.pixels_of(number)
    stream = np.empty(longest_stream(n_pixels, len(value), width) + 3, np.uint8)
    n = compress(plane.pixel, value, n_pixels, width, stream)
    padded = stream[: n + -n % 4]
    padded[n:] = 0
    return _CompressedPlane(n, padded, sum_of_bytes(padded.data), step)


def _table_cards(image: ImageExtension, table: NDArray[Any], n_heap: int) -> list[tuple[str, Any]]:
    """Return the cards that say what the table is, and which image is compressed in it."""
    columns = [("COMPRESSED_DATA", f"1QB({int(table['length'].max(initial=0))})")]
    columns += [(name, "1D") for name in ("ZSCALE", "ZZERO") if name in (table.dtype.names or ())]
    return [
        ("XTENSION", "BINTABLE"),
        ("BITPIX", 8),
        ("NAXIS", 2),
        ("NAXIS1", table.itemsize),
        ("NAXIS2", len(table)),
        ("PCOUNT", n_heap),
        ("GCOUNT", 1),
        ("TFIELDS", len(columns)),
        *(
            card
            for i, (name, form) in enumerate(columns, 1)
            for card in ((f"TTYPE{i}", name), (f"TFORM{i}", form))
        ),
        ("ZIMAGE", True),
        ("ZTENSION", "IMAGE"),
        ("ZBITPIX", image.bitpix),
        ("ZNAXIS", len(image.axes)),
        *((f"ZNAXIS{i}", n) for i, n in enumerate(image.axes, 1)),
        ("ZPCOUNT", 0),
        ("ZGCOUNT", 1),
        *((f"ZTILE{i}", n) for i, n in enumerate(image.tile, 1)),
        ("ZCMPTYPE", "RICE_1"),
        ("ZNAME1", "BLOCKSIZE"),
        ("ZVAL1", BLOCK),
        ("ZNAME2", "BYTEPIX"),
        ("ZVAL2", np.dtype(image.dtype).itemsize),
        *([("ZQUANTIZ", "NO_DITHER")] if image.dtype is np.float32 else []),
    ]
