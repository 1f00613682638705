"""The list of positions that a forced photometry measures, and what is wrong with some of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.sources import ENTRIES
from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.catalogs import ENDINGS, positions_in, read_table
from gphoton_db.products.apertures.position_columns import has_column, named_column, numbers_of
from gphoton_db.products.apertures.targets import PositionFlag, Targets

DETECTED = "detected"
"""Name of the catalogue of detected sources, which no list may have."""

_NO_FILE = "catalog"

_PROBLEMS = {
    PositionFlag.NO_POSITION: "without a position",
    PositionFlag.DUPLICATE: "at the place of an earlier one",
    PositionFlag.OFF_FIELD: "outside of the field",
}


@dataclass(frozen=True)
class CatalogName:
    """Which list of positions it is.

    Parameters
    ----------
    name : str
        Of the list: its file's without ending.
    sha256 : str or None
        Of the file; None where there is none.
    """

    name: str
    sha256: str | None = None


@dataclass(frozen=True, eq=False)
class SourceCatalog:
    """Positions that a user gave, in their order.

    Parameters
    ----------
    name : str
        Of the list: its file's without ending.
    row : (n,) int64
        Rows of the list that they are, from 0.
    targets : Targets
        Where they are.
    """

    name: str
    row: NDArray[np.int64]
    targets: Targets

    def __len__(self) -> int:
        return len(self.row)


def source_catalog(catalog: Any, *, eclipse: int | None = None) -> SourceCatalog:
    """Return the positions of a list.

    Parameters
    ----------
    catalog : path, Table, DataFrame, pyarrow Table, or mapping of columns
        With columns ``ra`` and ``dec``, or what catalogues call them; with a column ``eclipse`` the
        rows of other eclipses are left out.  Files: CSV, ECSV, Parquet, FITS or VOTable.
    eclipse : int, optional
        The eclipse that they are for.

    Raises
    ------
    ProductError
        If it cannot be read, is called `DETECTED`, has no ``ra`` and ``dec``, or these are no
        angles.
    """
    name, what = _NO_FILE, "the catalogue"
    if isinstance(catalog, str | Path):
        path = Path(catalog).expanduser()
        name, what = _name_of(path), str(path)
        catalog = read_table(path)
    elif isinstance(catalog, Mapping):
        from astropy.table import Table

        catalog = Table(dict(catalog))
    ra, dec = positions_in(catalog, what)
    row = np.arange(len(ra))
    if eclipse is not None and has_column(catalog, "eclipse"):
        row = row[_eclipses(catalog, what) == eclipse]
    return SourceCatalog(name, row, Targets.of(ra[row], dec[row]))


def catalog_name(catalog: Any) -> CatalogName:
    """Return which list it is, for the archive's table of products.

    Raises
    ------
    ProductError
        If it is a file that cannot be read, or is called `DETECTED`.
    """
    if not isinstance(catalog, str | Path):
        return CatalogName(_NO_FILE)
    path = Path(catalog).expanduser()
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ProductError(f"{path}: cannot be read ({error.strerror or error})") from None
    return CatalogName(_name_of(path), digest)


def problems_of(flags: NDArray[np.integer[Any]]) -> str:
    """Return in words how many positions have which `PositionFlag`; empty where none has."""
    counts = {text: int(((flags & flag) > 0).sum()) for flag, text in _PROBLEMS.items()}
    return ", ".join(f"{n:,} {text}" for text, n in counts.items() if n)


def _name_of(path: Path) -> str:
    # Only what says the format goes: my.v1.csv and my.v2.csv are two lists.
    name = path.name
    while Path(name).suffix.lower() in ENDINGS:
        name = Path(name).stem
    if name in (DETECTED, ENTRIES):
        raise ProductError(
            f"{path}: measured under this name, it would take the place of the sources that "
            "were detected, or of catalogue entries: rename the file"
        )
    return name


def _eclipses(catalog: Any, what: str) -> NDArray[np.float64]:
    """Return the column eclipse of a list; NaN where there is none."""
    column = named_column(catalog, "eclipse", what)
    try:
        return numbers_of(column)
    except (TypeError, ValueError) as error:
        raise ProductError(
            f"{what}: column {column.name} does not hold numbers of eclipses ({error})"
        ) from None
