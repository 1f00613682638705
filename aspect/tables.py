"""Pointing tables on disk, FITS or Parquet, into columns by name.

Columns are matched by name in any case, under the names that the mission and the releases of the
consolidated tables have given them; columns that nobody asked for are ignored.
"""

import logging
import lzma
import math
import warnings
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gphoton_db.aspect.masked_columns import read_columns, with_gaps
from gphoton_db.errors import PointingError
from gphoton_db.system.fits_cards import plain_table
from gphoton_db.system.fits_sizes import check_fits_sizes
from gphoton_db.system.unpacked import read_unpacked

if TYPE_CHECKING:
    from astropy.io import fits

log = logging.getLogger(__name__)

Columns = dict[str, NDArray[np.float64]]

ALIASES: Mapping[str, tuple[str, ...]] = {
    "time": ("t", "pktime"),
    "ra": ("ra_acs",),
    "dec": ("dec_acs",),
    "roll": ("roll_acs", "twist"),
    "flags": ("flag", "status_flag"),
    "start": ("time", "time_start", "start_time", "t_start", "tstart", "t0"),
    "leg": ("leg_number",),
    "ra0": ("ra_cent", "ra_center"),
    "dec0": ("dec_cent", "dec_center"),
    "roll0": ("twist0", "roll_cent"),
}
"""Our name of a column: what else it is called.  Ours is looked for first, then these in turn."""

MOST_BYTES = 64_000_000
"""Of a pointing file, unpacked; those of the mission have some hundred kilobytes."""

_MOST_COLUMNS = 999  # of a FITS table
_UNREADABLE = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
)


@dataclass(frozen=True, eq=False)
class FitsTable:
    """The first table (HDU 1) of a FITS file, with the primary header.

    Parameters
    ----------
    path : Path
        The file.
    header : mapping
        Primary header: keyword (upper case) to value; None where it has none.
    data : mapping
        Column name (as in the file) to array.
    """

    path: Path
    header: Mapping[str, Any]
    data: Mapping[str, NDArray[Any]]

    def number(self, keyword: str) -> float | None:
        """Return a header value as a finite number, or None when it is not there.

        A value that is no finite number counts as not there, and is logged.
        """
        value = self.header.get(keyword)
        if value is None:
            return None
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            log.warning("%s: header %s = %r is no number; ignored", self.path, keyword, value)
            return None
        return number

    def text(self, keyword: str) -> str | None:
        """Return a header value as text without blanks around it, or None when not there."""
        value = self.header.get(keyword)
        if value is None:
            return None
        return str(value).strip() or None

    def columns(self, names: Collection[str]) -> Columns:
        """Return the named columns as float64, under our names.

        Raises
        ------
        PointingError
            If one is missing or does not hold one number a row.
        """
        found = match_columns(self.data, required=names, file=self.path)
        return {ours: _as_numbers(self.data[theirs], ours, self.path) for ours, theirs in found}


def read_fits_table(path: Path) -> FitsTable:
    """Read the primary header and HDU 1 of a FITS file, gzipped or not, whole.

    Raises
    ------
    PointingError
        If the file cannot be read, is truncated or damaged, is no FITS file, or has no table as
        its HDU 1.
    """
    try:
        # The contents decide, not the name; and gzip checks length and checksum of the whole.
        content = read_unpacked(path, MOST_BYTES)
        check_fits_sizes(BytesIO(content), len(content))
        plain = plain_table(content)
        return FitsTable(path, *plain) if plain else _read_by_astropy(path, content)
    except _UNREADABLE as error:
        raise _unreadable(path, error) from error


def _read_by_astropy(path: Path, content: bytes) -> FitsTable:
    """Read a file that leaves something to judge; to load astropy takes longer than to read."""
    from astropy.io import fits
    from astropy.io.fits.card import Undefined
    from astropy.utils.exceptions import AstropyUserWarning

    with warnings.catch_warnings():
        # astropy only warns of a truncated file.
        warnings.filterwarnings("error", ".*truncated", AstropyUserWarning)
        try:
            with fits.open(BytesIO(content)) as hdus:
                header, data = _first_table(path, hdus)
        except (AstropyUserWarning, fits.VerifyError) as error:
            raise _unreadable(path, error) from error
    header = {k: None if isinstance(value, Undefined) else value for k, value in header.items()}
    return FitsTable(path, header, data)


def _unreadable(path: Path, error: Exception) -> PointingError:
    return PointingError(
        f"{path}: cannot be read as FITS ({type(error).__name__}: {error}); fetch the file again"
    )


def _first_table(
    path: Path, hdus: "fits.HDUList"
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    from astropy.io import fits

    if len(hdus) < 2 or not isinstance(hdus[1], fits.BinTableHDU | fits.TableHDU):
        raise PointingError(f"{path}: HDU 1 is no table, so this is no pointing file")
    if not 0 <= hdus[1].header.get("TFIELDS", 0) <= _MOST_COLUMNS:
        raise PointingError(f"{path}: its header is damaged (TFIELDS); fetch the file again")
    records = hdus[1].data
    data = {column.name: with_gaps(records, column) for column in hdus[1].columns}
    return dict(hdus[0].header.items()), data


def read_eclipse_rows(
    path: Path, eclipse: int | None, *, required: Collection[str], optional: Collection[str] = ()
) -> pa.Table:
    """Read one eclipse's rows of a Parquet table that holds many eclipses.

    Only the row groups that may hold the eclipse, and of them only these columns, are read.

    Parameters
    ----------
    path : Path
        The Parquet file; it has a column ``eclipse``.
    eclipse : int or None
        The eclipse; None: the rows of all.
    required, optional : collection of str
        Our names of the columns to read.

    Returns
    -------
    pyarrow.Table
        The rows in the file's order, columns under our names.

    Raises
    ------
    PointingError
        If the file is missing, damaged or no Parquet file, or a required column is missing.
    """
    try:
        found = match_columns(
            pq.read_schema(path).names,
            required=("eclipse", *required),
            optional=optional,
            file=path,
        )
        table = read_columns(
            path,
            [theirs for _, theirs in found],
            filters=None if eclipse is None else [(found[0][1], "=", eclipse)],
        )
    except (OSError, pa.ArrowException) as error:
        raise PointingError(
            f"{path}: cannot be read as Parquet ({error}); fetch the file again"
        ) from error
    table = table.rename_columns([ours for ours, _ in found])
    # A masked eclipse may have any number in the file.
    return table if eclipse is None else table.filter(table["eclipse"].is_valid())


def holds_eclipse(path: Path, eclipse: int) -> bool:
    """Return whether a Parquet table that holds many eclipses has any row of one.

    Raises
    ------
    PointingError
        If the file is missing, damaged or no Parquet file, or has no column ``eclipse``.
    """
    return bool(read_eclipse_rows(path, eclipse, required=()).num_rows)


def numeric_columns(table: pa.Table, file: Path) -> Columns:
    """Return the columns of an Arrow table as float64 (nulls as NaN).

    Raises
    ------
    PointingError
        If a column does not hold numbers.
    """
    return {
        name: _as_numbers(table.column(name).to_numpy(), name, file) for name in table.column_names
    }


def match_columns(
    available: Iterable[str],
    *,
    required: Collection[str],
    optional: Collection[str] = (),
    file: Path,
) -> list[tuple[str, str]]:
    """Return pairs of our name and the file's name: every required column and what is optional.

    Raises
    ------
    PointingError
        If required columns are missing; the message lists them and what the file has.
    """
    theirs = {name.strip().lower(): name for name in available}
    found, missing = [], []
    for ours in (*required, *optional):
        names = (ours, *ALIASES.get(ours, ()))
        name = next((theirs[n] for n in names if n in theirs), None)
        if name is not None:
            found.append((ours, name))
        elif ours in required:
            missing.append(" or ".join(names))
    if missing:
        raise PointingError(
            f"{file}: column(s) missing: {'; '.join(missing)}; it has {', '.join(theirs.values())}"
        )
    return found


def _as_numbers(column: NDArray[Any], name: str, file: Path) -> NDArray[np.float64]:
    """Return a column as native float64, one number a row."""
    try:
        numbers = np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise PointingError(f"{file}: column {name} does not hold numbers") from error
    if numbers.ndim != 1:
        raise PointingError(f"{file}: column {name} holds more than one number a row")
    return numbers
