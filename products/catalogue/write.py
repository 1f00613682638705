"""Catalogue entries to files: Parquet, FITS, VOTable, CSV, ECSV."""

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gphoton_db.errors import ProductError
from gphoton_db.products.catalogue.table import mask_of_schema
from gphoton_db.products.fits.files import being_written
from gphoton_db.products.fits.provenance import program_meta
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.registry import entered

if TYPE_CHECKING:
    from astropy.table import MaskedColumn, Table

FLAT = ("csv", "ecsv")
"""Formats in which the values of a list are columns of their own."""

NEEDED = ("source_id", "eclipse", "leg")
"""Columns without which a table is no catalogue."""


def write_catalogue(
    archive: ArchiveReader,
    entries: pa.Table,
    path: str | Path,
    name: str | None = None,
    view: str = "catalogue",
) -> Path:
    """Write rows of a view to a file; see `Archive.write_catalogue`.

    Parameters
    ----------
    archive, entries, path, name
        See there.
    view : str
        That the columns are described in: ``catalogue`` or ``variables``.

    Raises
    ------
    ProductError
        If there is no such format, the table has no ``source_id``, or the file cannot be written.
    """
    from gphoton_db.products.tables import format_of, write_table

    path = Path(path).expanduser()
    chosen = format_of(path, name)
    missing = [each for each in NEEDED if each not in entries.schema.names]
    if missing:
        raise ProductError(
            f"{path}: the table has no column {missing[0]}, so it is no catalogue: give what "
            f"archive.{view}(...) returns, or rows of the view {view}"
        )
    legs = {(e, n) for e, n in zip(*(entries[k].to_pylist() for k in NEEDED[1:]), strict=True)}
    parameters = {"entries": len(entries), "legs": sorted(legs)}
    with entered(archive.catalogue, kind=view, parameters=parameters) as move:
        if chosen == "parquet":
            mask = {name: str(value) for name, value in mask_of_schema(entries.schema).items()}
            described = entries.replace_schema_metadata(program_meta() | mask)
            with being_written(path, move) as temporary:
                pq.write_table(described, temporary, compression="zstd")
        else:
            table = astropy_table(entries, flat=chosen in FLAT, view=view)
            named = {"extension": "SOURCES", "hdu_class": "SOURCES"}
            write_table(table, path, chosen, **named, move=move)
    return path


def astropy_table(entries: pa.Table, *, flat: bool, view: str = "catalogue") -> "Table":
    """Return entries as a table of astropy, with units and descriptions.

    Parameters
    ----------
    entries : pyarrow.Table
        With columns of the view.
    flat : bool
        Make a column of each value of a list: ``nuv_aper_cps_1``, ...; else lists are columns of
        two dimensions, the shorter ones filled up with NaN.  Lists of words are text.
    view : str
        That columns are described in.
    """
    from astropy.table import Table

    table = Table(meta=program_meta() | mask_of_schema(entries.schema))
    for name in entries.schema.names:
        column = entries[name].combine_chunks()
        described = partial(_described, view, name)
        if not pa.types.is_list(column.type):
            table[name] = described(_masked(column))
        elif pa.types.is_string(column.type.value_type):
            words = [" ".join(each or ()) for each in column.to_pylist()]
            table[name] = described(np.array(words, np.str_))
        elif not flat:
            table[name] = described(_matrix(column))
        else:
            values = _matrix(column)
            for k in range(values.shape[1]):
                table[f"{name}_{k + 1}"] = described(values[:, k])
    return table


@cache
def _documented(name: str) -> dict[str, tuple[str, str]]:
    """Return unit and text of each column of the view."""
    from gphoton_db.query.documentation import documentation

    (view,) = (entry for entry in documentation() if entry.name == name)
    return {column.name: (column.unit, column.text) for column in view.columns}


def _described(view: str, name: str, values: Any) -> "MaskedColumn":
    from astropy.table import Column, MaskedColumn

    unit, text = _documented(view).get(name, ("", ""))
    kind = MaskedColumn if isinstance(values, np.ma.MaskedArray) else Column
    return kind(values, unit=_as_astropy(unit) or None, description=text or None)


def _as_astropy(unit: str) -> str:
    """Return a unit as astropy reads it: ``1/s/arcsec2`` is ``1 / (s arcsec2)``."""
    first, *others = unit.split("/")
    return f"{first} / ({' '.join(others)})" if others else first


def _masked(column: pa.Array) -> Any:
    """Return plain values: NaN where a number is not known, masked where a whole one is not."""
    if pa.types.is_string(column.type):
        return np.array([value or "" for value in column.to_pylist()], np.str_)
    if pa.types.is_floating(column.type):
        return column.to_numpy(zero_copy_only=False)
    known = np.asarray(column.is_valid())
    values = np.asarray(column.fill_null(False if pa.types.is_boolean(column.type) else 0))
    return values if known.all() else np.ma.array(values, mask=~known)


def _matrix(column: pa.Array) -> Any:
    """Return a column of lists as (n, longest), NaN where there is nothing."""
    lists = column.to_pylist()
    longest = max((len(each) for each in lists if each is not None), default=1)
    values = np.full((len(lists), max(longest, 1)), np.nan)
    for row, each in enumerate(lists):
        if each is not None:
            values[row, : len(each)] = [np.nan if value is None else value for value in each]
    return values
