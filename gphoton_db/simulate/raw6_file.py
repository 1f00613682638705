"""Writing raw6: rows are streamed to the disk, and compressed when their number is known."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from isal import igzip
from numpy.typing import NDArray

from gphoton_db.mission import Band
from gphoton_db.simulate.bits import RawFields, pack
from gphoton_db.simulate.fits_tables import table_header

Raw6Rows = NDArray[np.void]
"""Rows of the table, as in the file."""

ROW = np.dtype([("t", ">f8"), ("phb", "u1", (6,))])
FITS_BLOCK = 2880
COMPRESSION_LEVEL = 1
COPY_BYTES = 4 << 20


def raw6_rows(time_ms: NDArray[np.int64], fields: RawFields) -> Raw6Rows:
    """Return events as rows of the table; the sixth byte of each is 0."""
    rows: NDArray[Any] = np.zeros(len(time_ms), ROW)
    rows["t"] = time_ms / 1000
    for k, phb in enumerate(pack(fields)):
        rows["phb"][:, k] = phb
    return rows


def write_raw6(path: Path, portions: Iterable[Raw6Rows], *, eclipse: int, band: Band) -> int:
    """Write a gzipped raw6 file and return its number of rows.

    The bytes depend on nothing but the rows: no time stamp, no name.  Memory does not grow with
    the number of rows; a file of them lies beside `path` meanwhile.
    """
    plain = path.with_name(path.name + ".rows")
    n_rows = 0
    try:
        with plain.open("wb") as rows_file:
            for rows in portions:
                rows_file.write(rows.tobytes())
                n_rows += len(rows)
        with (
            plain.open("rb") as rows_file,
            path.open("wb") as file,
            igzip.IGzipFile("", "wb", COMPRESSION_LEVEL, file, mtime=0) as stream,
        ):
            stream.write(_header(n_rows, eclipse, band))
            shutil.copyfileobj(rows_file, stream, COPY_BYTES)
            stream.write(bytes(-n_rows * ROW.itemsize % FITS_BLOCK))
    finally:
        plain.unlink(missing_ok=True)
    return n_rows


def _header(n_rows: int, eclipse: int, band: Band) -> bytes:
    primary = fits.PrimaryHDU()
    primary.header["BAND"] = band.header_code
    primary.header["ECLIPSE"] = eclipse
    text: str = primary.header.tostring()
    columns = (("t", "D"), *((f"phb{k}", "B") for k in range(1, 7)))
    return text.encode("ascii") + table_header(columns, n_rows, "RAW6")
