"""Checks of fetched files.  Each check reads the whole file, or raises."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

from isal import igzip, isal_zlib

from gphoton_db.aspect.scst import read_scst_metadata
from gphoton_db.calibration.manifest import AnyFile
from gphoton_db.calibration.readers import read_file
from gphoton_db.errors import ServiceError
from gphoton_db.ingest.raw6 import open_raw6
from gphoton_db.mission import Band

Check = Callable[[Path], object]
"""Raises a `GPhotonError` that says what is wrong with a file."""

MOST_SCST_BYTES = 500_000_000
"""Of a spacecraft-state file when it is unpacked, which is done in memory."""

_CHUNK_BYTES = 1 << 20
_GZIP_MAGIC = b"\x1f\x8b"
_FITS_BLOCK = 2880
_QUOTED_BYTES = 40
_DAMAGED = cast(type[Exception], isal_zlib.error)


def raw6_check(eclipse: int, band: Band) -> Check:
    """Return the check of a telemetry file: whole, and of this eclipse and band."""

    def check(path: Path) -> None:
        unpacked = check_gzip(path)
        with open_raw6(path, eclipse, band) as reader:
            if unpacked < reader.end_byte:
                raise ServiceError(
                    f"it is cut off: {reader.layout.n_rows:,} events need {reader.end_byte:,} "
                    f"bytes unpacked, and {unpacked:,} are there"
                )

    return check


def scst_check(eclipse: int) -> Check:
    """Return the check of a spacecraft-state file: whole, and of this eclipse."""

    def check(path: Path) -> None:
        check_gzip(path, most_bytes=MOST_SCST_BYTES)
        read_scst_metadata(path, eclipse)

    return check


def calibration_check(file: AnyFile) -> Check:
    """Return the check of a calibration file: whole FITS blocks, and of the shape it must have."""

    def check(path: Path) -> None:
        if file.name.endswith(".fits"):
            begin = _beginning(path)
            if not begin.startswith(b"SIMPLE  ="):
                raise ServiceError(f"it is no FITS file, but begins with {_quoted(begin)}")
            if path.stat().st_size % _FITS_BLOCK:
                raise ServiceError("it is cut off: it does not end with a whole FITS block")
        read_file(path.parent, replace(file, name=path.name))

    return check


def check_gzip(path: Path, *, most_bytes: int | None = None) -> int:
    """Unpack a gzip file to its end, so that its length and checksum are compared.

    Parameters
    ----------
    path : Path
        The file.
    most_bytes : int, optional
        What it may hold when it is unpacked.

    Returns
    -------
    int
        Bytes that it holds unpacked.

    Raises
    ------
    ServiceError
        If it is no gzip file, cut off or damaged, or holds more than that.
    """
    begin = _beginning(path)
    if not begin.startswith(_GZIP_MAGIC):
        raise ServiceError(f"it is no gzip file, but begins with {_quoted(begin)}")
    buffer, unpacked = bytearray(_CHUNK_BYTES), 0
    try:
        with igzip.open(path, "rb") as stream:
            while n := stream.readinto(buffer):
                unpacked += n
                if most_bytes is not None and unpacked > most_bytes:
                    raise ServiceError(f"it holds more than {most_bytes / 1e6:,.0f} MB unpacked")
    except (EOFError, OSError, _DAMAGED) as error:
        raise ServiceError(f"its gzip data are cut off or damaged ({error})") from None
    return unpacked


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_QUOTED_BYTES)


def _quoted(begin: bytes) -> str:
    return repr(" ".join(begin.decode("utf-8", "replace").split())) if begin else "nothing"
