"""Reading and checking single calibration files."""

from pathlib import Path
from typing import Any

import fitsio
import numpy as np
from numpy.typing import NDArray

from gphoton_db.calibration.manifest import AnyFile, ImageFile, TableFile, TextFile
from gphoton_db.errors import CalibrationError

Header = dict[str, float]

_UNREADABLE = (OSError, ValueError, IndexError, MemoryError)
"""The last one where a damaged header announces more than anybody has room for."""


def read_image(directory: Path, file: ImageFile) -> tuple[NDArray[np.float32], Header]:
    """Return the array (native float32) and the wanted keywords of an image file.

    Raises
    ------
    CalibrationError
        If it cannot be read, or its shape, type or keywords are not those of `file`.
    """
    path = directory / file.name
    try:
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
    return data.astype(np.float32, copy=False), _keywords(path, header, file.keywords)


def read_table(directory: Path, file: TableFile) -> tuple[dict[str, NDArray[Any]], Header]:
    """Return the columns and the bin keywords of a post-CSP table.

    Raises
    ------
    CalibrationError
        If it cannot be read, or columns or keywords are missing.
    """
    path = directory / file.name
    try:
        with fitsio.FITS(str(path)) as fits:
            header = fits[0].read_header()
            rows = fits[1].read()
    except _UNREADABLE as error:
        raise CalibrationError(f"{path}: not a readable FITS table ({_one_line(error)})") from None
    missing = [c for c in file.columns if c not in (rows.dtype.names or ())]
    if missing:
        raise CalibrationError(f"{path}: lacks the columns {', '.join(missing)}")
    return {c: rows[c] for c in file.columns}, _keywords(path, header, file.keywords)


def read_offsets(directory: Path, file: TextFile) -> dict[int, float]:
    """Return the coefficient (arcsec) of each eclipse in a text table.

    Raises
    ------
    CalibrationError
        If it is not a table of two numbers a line.
    """
    path = directory / file.name
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        rows = [line.split() for line in lines if line.strip() and not line.startswith("|")]
        table = np.array(rows, np.float64)
    except (OSError, ValueError) as error:
        raise CalibrationError(f"{path}: not a table of numbers ({_one_line(error)})") from None
    if table.ndim != 2 or table.shape[1] != 2 or not len(table) or not np.isfinite(table).all():
        raise CalibrationError(f"{path}: expected lines of 'eclipse coefficient'")
    return dict(zip(table[:, 0].astype(int).tolist(), table[:, 1].tolist(), strict=True))


def read_file(directory: Path, file: AnyFile) -> None:
    """Read a calibration file of any kind, to see that it can be used.

    Raises
    ------
    CalibrationError
        If it cannot be read, or has not the form that `file` says.
    """
    match file:
        case ImageFile():
            read_image(directory, file)
        case TableFile():
            read_table(directory, file)
        case TextFile():
            read_offsets(directory, file)


def _keywords(path: Path, header: Any, names: tuple[str, ...]) -> Header:
    missing = [name for name in names if header.get(name) is None]
    if missing:
        raise CalibrationError(f"{path}: its header lacks {', '.join(missing)}")
    try:
        return {name: float(header[name]) for name in names}
    except (TypeError, ValueError):
        raise CalibrationError(
            f"{path}: its header has no number for one of {', '.join(names)}"
        ) from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
