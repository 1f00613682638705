"""Reading and checking single calibration files."""

import lzma
import zlib
from pathlib import Path
from typing import Any

import fitsio
import numpy as np
from numpy.typing import NDArray

from gphoton_db.calibration import ranges, values
from gphoton_db.calibration.manifest import AnyFile, ImageFile, TableFile, TextFile
from gphoton_db.errors import CalibrationError
from gphoton_db.system.fits_sizes import check_fits_sizes
from gphoton_db.system.unpacked import check_unpacked_size

Header = dict[str, float]

LARGEST_ECLIPSE = 1_000_000

NO_ROWS = np.empty((0, 2))

MOST_UNPACKED_BYTES = 500_000_000
"""Of a file that is packed; the largest, walk, has 29 MB."""

_UNREADABLE = (OSError, ValueError, IndexError, MemoryError, EOFError, zlib.error, lzma.LZMAError)
"""MemoryError where a damaged header announces more than anybody has room for."""


def read_image(directory: Path, file: ImageFile) -> tuple[NDArray[np.float32], Header]:
    """Return the array (native float32) and the wanted keywords of an image file.

    Raises
    ------
    CalibrationError
        If it cannot be read, its shape, type or keywords are not those of `file`, or values are
        out of their range (`ranges`).
    """
    path = directory / file.name
    try:
        check_size(path)
        with fitsio.FITS(str(path)) as fits:
            header = fits[0].read_header()
            data = fits[0].read()
    except _UNREADABLE as error:
        raise CalibrationError(f"{path}: not a readable FITS image ({_one_line(error)})") from None
    if data is None:
        raise CalibrationError(f"{path}: its primary HDU holds no image")
    shape_fits = data.ndim == len(file.shape) and all(
        want in (None, have) for want, have in zip(file.shape, data.shape, strict=True)
    )
    if not shape_fits:
        expected = " x ".join("n" if n is None else str(n) for n in file.shape)
        found = " x ".join(map(str, data.shape))
        raise CalibrationError(f"{path}: expected an array of {expected}, found {found}")
    if data.dtype.kind != "f" or data.dtype.itemsize != 4:
        raise CalibrationError(f"{path}: expected float32 values, found {data.dtype.name}")
    image = data.astype(np.float32, copy=False)
    keywords = _keywords(path, header, file.keywords)
    _check_image(path, image, keywords, file)
    return image, keywords


def read_table(directory: Path, file: TableFile) -> tuple[dict[str, NDArray[Any]], Header]:
    """Return the columns and the bin keywords of a post-CSP table.

    Raises
    ------
    CalibrationError
        If it cannot be read, columns or keywords are missing, or values are out of their range.
    """
    path = directory / file.name
    try:
        check_size(path)
        with fitsio.FITS(str(path)) as fits:
            header = fits[0].read_header()
            rows = fits[1].read()
    except _UNREADABLE as error:
        raise CalibrationError(f"{path}: not a readable FITS table ({_one_line(error)})") from None
    missing = [c for c in file.columns if c not in (rows.dtype.names or ())]
    if missing:
        raise CalibrationError(f"{path}: lacks the columns {', '.join(missing)}")
    values.check_range(path, np.asarray(rows["ycor"], np.float64), ranges.Y_CORRECTION)
    return {c: rows[c] for c in file.columns}, _keywords(path, header, file.keywords)


def read_offsets(directory: Path, file: TextFile) -> dict[int, float]:
    """Return the coefficient (arcsec) of each eclipse in a text table.

    Raises
    ------
    CalibrationError
        If it is not a table of two numbers a line, has an eclipse twice, or a coefficient that is
        out of its range.
    """
    path = directory / file.name
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        rows = [line for line in lines if not line.startswith("|")]
        # By numpy itself: tens of thousands of lines, which to split in Python takes ten times as
        # long.  Of no line at all it would warn.
        table = np.loadtxt(rows, comments=None, ndmin=2) if any(map(str.strip, rows)) else NO_ROWS
    except (OSError, ValueError) as error:
        raise CalibrationError(f"{path}: not a table of numbers ({_one_line(error)})") from None
    if table.ndim != 2 or table.shape[1] != 2 or not len(table) or not np.isfinite(table).all():
        raise CalibrationError(f"{path}: expected lines of 'eclipse coefficient'")
    values.check_range(path, table[:, 1], ranges.OFFSETS)
    numbers, lines_each = np.unique(table[:, 0], return_counts=True)
    if (lines_each > 1).any():
        raise CalibrationError(
            f"{path}: eclipse {numbers[lines_each > 1][0]:g} has {lines_each.max()} lines, where "
            "one is expected; fetch the file again (gphoton-db calibration fetch)"
        )
    if (numbers % 1 != 0).any() or numbers[0] < 0 or numbers[-1] > LARGEST_ECLIPSE:
        raise CalibrationError(
            f"{path}: its first column must hold eclipses, and has {numbers[0]:g} to "
            f"{numbers[-1]:g}; fetch the file again (gphoton-db calibration fetch)"
        )
    return dict(zip(table[:, 0].astype(int).tolist(), table[:, 1].tolist(), strict=True))


def read_file(directory: Path, file: AnyFile) -> list[str]:
    """Read a calibration file of any kind, to see that it can be used.

    Returns
    -------
    list of str
        What is odd about it, and may be right.

    Raises
    ------
    CalibrationError
        If it cannot be read, or has not the form that `file` says.
    """
    match file:
        case ImageFile():
            return odd_image(directory / file.name, *read_image(directory, file), file)
        case TableFile():
            read_table(directory, file)
        case TextFile():
            read_offsets(directory, file)
    return []


def odd_image(path: Path, image: NDArray[np.float32], header: Header, file: ImageFile) -> list[str]:
    """Return what is odd about an image that was read, and may be right."""
    if file.values is ranges.WALK:
        return values.odd_walk(path, image)
    return values.odd_cube(path, image.shape, header) if file.values is ranges.CUBE else []


def _check_image(path: Path, image: NDArray[np.float32], header: Header, file: ImageFile) -> None:
    """Check the values of an image, each kind as it needs."""
    if file.values is ranges.CUBE:
        values.check_cube(path, image, header)
        return
    values.check_range(path, image, file.values)
    if file.values is ranges.FLAT:
        values.check_flat(path, image)
    if file.values is ranges.MASK:
        values.check_mask(path, image)


def check_size(path: Path) -> None:
    """Check what a FITS file says of its size before anything is made room for.

    Raises
    ------
    ValueError
        If it cannot be so large.
    OSError, EOFError, lzma.LZMAError, zlib.error
        If it cannot be read, or is packed and damaged.
    """
    check_unpacked_size(path, MOST_UNPACKED_BYTES)
    with path.open("rb") as file:
        check_fits_sizes(file, path.stat().st_size)


def _keywords(path: Path, header: Any, names: tuple[str, ...]) -> Header:
    missing = [name for name in names if header.get(name) is None]
    if missing:
        raise CalibrationError(f"{path}: its header lacks {', '.join(missing)}")
    try:
        keywords = {name: float(header[name]) for name in names}
    except (TypeError, ValueError):
        raise CalibrationError(
            f"{path}: its header has no number for one of {', '.join(names)}"
        ) from None
    values.check_keywords(path, keywords)
    return keywords


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
