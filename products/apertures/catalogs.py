"""Lists of positions: from tables, and from files of them."""

import logging
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.position_columns import (
    TableColumn,
    check_angles,
    degrees_of,
    is_sentinel,
    position_columns,
)
from gphoton_db.products.apertures.targets import Targets
from gphoton_db.products.apertures.votable import check_votable
from gphoton_db.products.sky_places import LARGEST_RA, LEAST_RA, position_of
from gphoton_db.system.fits_sizes import check_fits_sizes
from gphoton_db.system.unpacked import is_packed, read_unpacked

logger = logging.getLogger(__name__)

LONGEST_REASON = 300
"""Characters of what a reader says of a damaged file."""

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


def read_positions(positions: Any) -> Targets:
    """Return the positions of a table, a data frame, a SkyCoord, or a file.

    Raises
    ------
    ProductError
        If it cannot be read, has no columns of right ascension and declination (see
        `position_columns.PAIRS`) or several of one name, or they hold what is no angle, or no
        place on the sky.
    """
    from astropy.coordinates import SkyCoord

    if isinstance(positions, Targets):
        return positions
    if isinstance(positions, SkyCoord):
        angles = (("ra", positions.icrs.ra), ("dec", positions.icrs.dec))
        return Targets.of(
            *(degrees_of(TableColumn(n, np.atleast_1d(a), str(a.unit)), n, n) for n, a in angles)
        )
    source = "the table"
    if isinstance(positions, str | Path):
        source = str(positions)
        positions = read_table(Path(positions).expanduser())
    return Targets.of(*positions_in(positions, source))


def positions_in(table: Any, source: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ra and dec of a table of positions, deg; both are NaN where there is none.

    None is what is missing, or what catalogues have in its place (`is_sentinel`).  That there are
    no rows is logged.

    Parameters
    ----------
    table : astropy Table, pandas DataFrame, or pyarrow Table
        The table.
    source : str
        What it is called in messages.

    Raises
    ------
    ProductError
        If there are no such columns, several of one name, they hold no angles, or one is no place
        on the sky.
    """
    columns = position_columns(table, source)
    ra, dec = (
        degrees_of(column, axis, source)
        for axis, column in zip(("ra", "dec"), columns, strict=True)
    )
    none = is_sentinel(ra, LEAST_RA, LARGEST_RA) | is_sentinel(dec, -90.0, 90.0)
    ra, dec = (np.where(none, np.nan, each) for each in (ra, dec))
    check_angles(ra, (LEAST_RA, LARGEST_RA), f"{source}: column {columns[0].name}")
    check_angles(dec, (-90.0, 90.0), f"{source}: column {columns[1].name}")
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
    """Return the table in a file, by its ending; before ``.gz``, if there is one.

    Raises
    ------
    ProductError
        If it is missing, damaged, or of no kind that can be read.
    """
    ending = path.suffix.lower()
    inner = Path(path.stem).suffix.lower()
    if ending == ".gz" and inner in ENDINGS:
        ending = inner
    name = ENDINGS.get(ending)
    if name is None:
        raise ProductError(
            f"{path}: is no table by its name: give a file that ends in {', '.join(ENDINGS)}"
        )
    if not path.is_file():
        raise ProductError(f"{path}: there is no such file")
    try:
        return _read(path, name)
    except Exception as error:  # noqa: BLE001  readers of damaged files raise whatever comes
        reason = " ".join(str(error).split())[:LONGEST_REASON] or type(error).__name__
        raise ProductError(f"{path}: cannot be read as {name} ({reason})") from None


def _read(path: Path, name: str) -> Any:
    """Return the table in a file; time and memory go with its size, whatever it says of itself."""
    from astropy.table import Table

    if name == "parquet":
        import pyarrow.parquet as pq

        return _valid(pq.read_table(path, partitioning=None))
    with path.open("rb") as file:
        packed = is_packed(file.read(8))
    content = read_unpacked(path) if packed or name == "votable" else b""
    if is_packed(content):
        raise ValueError("it is packed twice: unpack it")
    if name == "votable":
        check_votable(content)
    source = BytesIO(content) if content else path
    if name == "ascii.csv":
        import pyarrow.csv

        return _valid(pyarrow.csv.read_csv(source))
    if name == "fits":
        with path.open("rb") as file:
            check_fits_sizes(BytesIO(content) if content else file, len(content) or _size(path))
    return Table.read(source, format=name)


def _valid(table: pa.Table) -> pa.Table:
    """Return the table; bytes that are no text are an error here, and not where they are used."""
    table.validate(full=True)
    return table


def _size(path: Path) -> int:
    return path.stat().st_size
