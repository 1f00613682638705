"""Lists of positions: from tables, and from files of them."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.targets import Targets
from gphoton_db.products.sky_places import position_of

logger = logging.getLogger(__name__)

ENDINGS = {
    ".csv": "ascii.csv",
    ".ecsv": "ascii.ecsv",
    ".parquet": "parquet",
    ".vot": "votable",
    ".votable": "votable",
    ".xml": "votable",
    ".fits": "fits",
    ".fit": "fits",
    ".gz": "fits",
}
"""Ending of a file: astropy's name of the format."""

NAMES = {
    "ra": ("ra", "raj2000", "ra_j2000", "ra_icrs", "alpha_j2000"),
    "dec": ("dec", "dej2000", "dec_j2000", "de_icrs", "decj2000", "delta_j2000"),
}
"""What the columns are called, in any case; ours first."""


def read_positions(positions: Any) -> Targets:
    """Return the positions of a table, a data frame, a SkyCoord, or a file.

    Raises
    ------
    ProductError
        If it cannot be read, has no columns ra and dec, or they hold no numbers.
    """
    from astropy.coordinates import SkyCoord

    if isinstance(positions, Targets):
        return positions
    if isinstance(positions, SkyCoord):
        icrs = positions.icrs
        ra, dec = np.atleast_1d(icrs.ra.deg), np.atleast_1d(icrs.dec.deg)
        return Targets.of(ra.astype(float), dec.astype(float))
    source = "the table"
    if isinstance(positions, str | Path):
        source = str(positions)
        positions = read_table(Path(positions).expanduser())
    return Targets.of(*positions_in(positions, source))


def positions_in(table: Any, source: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ra and dec of a table of positions, deg; what is missing is NaN.

    Parameters and errors are those of `column_of`; that there are no rows is logged.
    """
    ra, dec = (column_of(table, name, source) for name in ("ra", "dec"))
    if not len(ra):
        logger.warning("%s: has no rows, so there is no position to look at", source)
    return ra, dec


def one_or_more(ra: Any, dec: Any = None) -> Targets:
    """Return one position, or those of a list."""
    from astropy.coordinates import SkyCoord

    single = isinstance(ra, str | float | int) or getattr(ra, "isscalar", False)
    if dec is not None or single:
        return Targets.of(*(np.array([angle]) for angle in position_of(ra, dec)))
    if isinstance(ra, SkyCoord | Path) or hasattr(ra, "columns"):
        return read_positions(ra)
    raise ProductError("dec is missing: give ra and dec, a SkyCoord, or a table with both")


def read_table(path: Path) -> Any:
    """Return the table in a file, by its ending.

    Raises
    ------
    ProductError
        If it is missing, damaged, or of no kind that can be read.
    """
    from astropy.table import Table

    name = ENDINGS.get(path.suffix.lower())
    if name is None:
        raise ProductError(
            f"{path}: is no table by its name: give a file that ends in {', '.join(ENDINGS)}"
        )
    if not path.is_file():
        raise ProductError(f"{path}: there is no such file")
    try:
        if name == "parquet":
            import pyarrow.parquet as pq

            return pq.read_table(path, partitioning=None)
        if name == "ascii.csv":
            import pyarrow.csv

            return pyarrow.csv.read_csv(path)
        return Table.read(path, format=name)
    except (OSError, ValueError, TypeError, IndexError, pa.ArrowException) as error:
        raise ProductError(f"{path}: cannot be read as {name} ({error})") from None


def column_of(table: Any, wanted: str, source: str) -> NDArray[np.float64]:
    """Return a column of a table of positions, deg; what is missing is NaN.

    Parameters
    ----------
    table : astropy Table, pandas DataFrame, or pyarrow Table
        The table.
    wanted : str
        ``ra`` or ``dec``.
    source : str
        What the table is called in messages.

    Raises
    ------
    ProductError
        If there is none, or it does not hold numbers.
    """
    columns = getattr(table, "column_names", None) or getattr(table, "colnames", None)
    there = [str(name) for name in (columns if columns is not None else table.columns)]
    by_name = {name.strip().lower(): name for name in reversed(there)}
    name = next((by_name[each] for each in NAMES[wanted] if each in by_name), None)
    if name is None:
        raise ProductError(
            f"{source} has no column {wanted}: its columns are {', '.join(there) or 'none'}; "
            f"call the one with degrees {wanted}"
        )
    column = table[name]
    try:
        if hasattr(column, "to_value"):
            return np.asarray(column.to_value("deg"), float)
        if isinstance(column, pa.ChunkedArray):
            return np.asarray(column.to_numpy(), float)
        return np.ma.filled(np.ma.asarray(column, float), np.nan)
    except (TypeError, ValueError) as error:
        raise ProductError(
            f"{source}: column {name} does not hold degrees as numbers ({error})"
        ) from None
