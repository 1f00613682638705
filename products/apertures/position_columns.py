"""Columns of positions in tables of any kind: which they are, and what their values say.

Names are those that catalogues use, units are converted, and what a format marks as missing is
missing: masks (in Parquet, astropy's columns ``ra.mask``), NULL, NaN, empty text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.products.sky_places import degrees_in_words

PAIRS = (
    *(("ra", "dec"), ("ra_icrs", "dec_icrs"), ("ra_icrs", "de_icrs"), ("_ra.icrs", "_de.icrs")),
    *(("raicrs", "deicrs"), ("raj2000", "dej2000"), ("raj2000", "decj2000")),
    *(("ra_j2000", "dec_j2000"), ("_raj2000", "_dej2000"), ("alpha_j2000", "delta_j2000")),
    *(("ra_deg", "dec_deg"), ("radeg", "dedeg"), ("radeg", "decdeg"), ("ra", "de")),
    *(("ra", "decl"), ("_ra", "_de"), ("right_ascension", "declination"), ("s_ra", "s_dec")),
    *(("ra_epoch2000", "dec_epoch2000"), ("ramean", "decmean")),
    *(("alpha_j2000_merged", "delta_j2000_merged"), ("alphawin_j2000", "deltawin_j2000")),
)
"""What right ascension and declination are called, in any case; the first pair counts."""

MISSING_TEXT = ("", "--", "nan", "null", "none", "n/a")
"""Text, in any case, that stands for no value."""

FAR = 999.0
NINES = np.array([99.0, 99.9, 99.99, 99.999, 99.9999, 99.99999, 99.999999])
"""What catalogues write where a number is not known: 999 and more, either way, and these."""

Degrees = NDArray[np.float64]

_SEXAGESIMAL = {
    "h:m:s": "hourangle",
    "hms": "hourangle",
    "hh:mm:ss": "hourangle",
    "d:m:s": "deg",
    "dms": "deg",
    "dd:mm:ss": "deg",
    "degrees": "deg",
    "radians": "rad",
}
"""What is no unit for astropy, and what it means: VizieR's units of sexagesimal text, plurals."""


@dataclass(frozen=True, eq=False)
class TableColumn:
    """A column of a table of any kind.

    Parameters
    ----------
    name : str
        As the table has it.
    values : array, Column, Quantity, Series or ChunkedArray
        What it holds.
    unit : str
        As the table has it; empty where it has none.
    mask : (n,) bool, optional
        What another column of the table says is missing.
    """

    name: str
    values: Any
    unit: str
    mask: NDArray[np.bool_] | None = None


def column_names(table: Any) -> list[str]:
    """Return the names of the columns of an astropy, pandas or pyarrow table, in order."""
    names = getattr(table, "column_names", None) or getattr(table, "colnames", None)
    return [str(name) for name in (names if names is not None else table.columns)]


def has_column(table: Any, wanted: str) -> bool:
    """Return whether a table has a column that is called so, in any case."""
    return wanted in {name.strip().lower() for name in column_names(table)}


def position_columns(table: Any, source: str) -> tuple[TableColumn, TableColumn]:
    """Return the columns of right ascension and declination.

    Raises
    ------
    ProductError
        If there is none, or there are several of the same name.
    """
    there = {name.strip().lower() for name in column_names(table)}
    pair = next((pair for pair in PAIRS if there.issuperset(pair)), None)
    if pair is None:
        from astropy.coordinates import SkyCoord

        columns = getattr(table, "columns", {})
        sky = [c for c in getattr(columns, "values", list)() if isinstance(c, SkyCoord)]
        if len(sky) == 1:
            ra, dec = sky[0].icrs.ra, sky[0].icrs.dec
            return TableColumn("ra", ra, str(ra.unit)), TableColumn("dec", dec, str(dec.unit))
        # Names of two pairs, or of none.
        found = [next((p[k] for p in PAIRS if p[k] in there), "") for k in (0, 1)]
        for name, wanted in zip(found, ("ra", "dec"), strict=True):
            if not name:
                raise ProductError(
                    f"{source} has no column {wanted}: its columns are "
                    f"{', '.join(column_names(table)) or 'none'}; call the one with degrees "
                    f"{wanted}"
                )
        pair = found[0], found[1]
    ra, dec = (named_column(table, name, source) for name in pair)
    return ra, dec


def named_column(table: Any, wanted: str, source: str) -> TableColumn:
    """Return the column that is called so, in any case.

    Raises
    ------
    ProductError
        If there is not exactly one.
    """
    names = column_names(table)
    numbers = [k for k, name in enumerate(names) if name.strip().lower() == wanted]
    if len(numbers) != 1:
        raise ProductError(
            f"{source} has {len(numbers)} columns that are called {wanted}: "
            "rename or leave out those that are not meant"
        )
    name = names[numbers[0]]
    if isinstance(table, pa.Table):
        mask = None
        if names.count(f"{name}.mask") == 1:
            mask = np.asarray(table[f"{name}.mask"].to_numpy(), bool)
        return TableColumn(name, table.column(numbers[0]), _astropy_unit(table, name), mask)
    # A data frame may have two columns of a name, which only their numbers tell apart.
    frame = hasattr(table, "iloc") and not hasattr(table, "colnames")
    values = table.iloc[:, numbers[0]] if frame else table[name]
    return TableColumn(name, values, str(getattr(values, "unit", None) or ""))


def numbers_of(column: TableColumn) -> NDArray[np.float64]:
    """Return the values of a column of numbers as they are; what is missing is NaN.

    Raises
    ------
    ValueError, TypeError
        If they are no numbers.
    """
    values, missing = plain_values(column)
    return np.where(missing, np.nan, np.asarray(np.where(missing, 0, values), float))


def plain_values(column: TableColumn) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return the values of a column without unit, and which of them are missing."""
    values = column.values
    if isinstance(values, pa.ChunkedArray):
        array, missing = values.to_numpy(), np.asarray(values.is_null().to_numpy(), bool)
    elif hasattr(values, "isna"):
        missing = np.asarray(values.isna(), bool)
        numeric = values.dtype.kind in "fiu"
        array = values.to_numpy(float, na_value=np.nan) if numeric else np.asarray(values, object)
    else:
        bare = getattr(values, "unmasked", values)
        array = np.asarray(np.ma.getdata(getattr(bare, "value", bare)))
        missing = np.broadcast_to(np.asarray(getattr(values, "mask", False), bool), array.shape)
    if column.mask is not None:
        missing = missing | column.mask
    return np.asarray(array), missing


def degrees_of(column: TableColumn, axis: str, source: str) -> NDArray[np.float64]:
    """Return the values of a column as angles, deg; what is missing is NaN.

    Parameters
    ----------
    column : TableColumn
        Of numbers, in its unit (deg without one), or of text, that may be sexagesimal: without a
        unit right ascension is in hours then.
    axis : str
        ``ra`` or ``dec``.
    source : str
        What the table is called in messages.

    Raises
    ------
    ProductError
        If its unit is no angle, or it holds something else.
    """
    from astropy.units import Unit

    unit = _angle(column, source)
    values = plain_values(column)[0]
    if values.ndim != 1:
        raise ProductError(
            f"{source}: column {column.name} has several values in each row: give a column with one"
        )
    if values.dtype.kind in "OSU":
        return _degrees_of_text(column, unit, axis, source)
    try:
        numbers = numbers_of(column)
    except (TypeError, ValueError) as error:
        raise ProductError(
            f"{source}: column {column.name} does not hold degrees as numbers ({error})"
        ) from None
    return numbers if unit in ("", "deg") else np.asarray(Unit(unit).to("deg", numbers), float)


def _angle(column: TableColumn, source: str) -> str:
    """Return the unit of a column as astropy writes it; empty where it has none."""
    from astropy.units import Unit, UnitBase

    text = column.unit.strip(" '\"[]")
    text = _SEXAGESIMAL.get(text.lower(), text)
    try:
        unit = Unit(text)
    except ValueError:
        unit = None
    if not isinstance(unit, UnitBase) or not (text == "" or unit.is_equivalent("deg")):
        raise ProductError(
            f"{source}: column {column.name} is in {text}, which is no angle: give it in deg, rad, "
            "arcsec or hourangle, or without a unit in degrees"
        )
    return text and str(unit)


def is_sentinel(values: Degrees, least: float, largest: float) -> NDArray[np.bool_]:
    """Return which values say that there is none: NaN, or a number that no angle has.

    Such a number is beyond the range of its angle, and infinite, 999 or more either way, or
    written in nines (99, -99.9, 99.9999), as catalogues have where nothing is known.
    """
    size = np.abs(values)
    nines = np.isin(np.round(size, 6), NINES)
    with np.errstate(invalid="ignore"):
        beyond = (values < least) | (values > largest)
        return np.asarray(np.isnan(values) | (beyond & ((size >= FAR) | nines)))


def check_angles(values: Degrees, limits: tuple[float, float], column: str) -> None:
    """Refuse angles beyond limits, deg, which are slips; NaN is none.

    Raises
    ------
    ProductError
        If there is one; it names the first: `column`, its row and what it is.
    """
    least, largest = limits
    with np.errstate(invalid="ignore"):
        wrong = np.flatnonzero((values < least) | (values > largest))
    if not len(wrong):
        return
    more = f", and {len(wrong) - 1:,} more like it" if len(wrong) > 1 else ""
    raise ProductError(
        f"{column}, row {wrong[0]} (from 0): {values[wrong[0]]:.10g} deg is outside of "
        f"{least:g} to {largest:g}{more}: correct it, or leave it empty where there is no position"
    )


def _degrees_of_text(column: TableColumn, unit: str, axis: str, source: str) -> NDArray[np.float64]:
    values, missing = plain_values(column)
    degrees = np.full(len(values), np.nan)
    for row in np.flatnonzero(~missing).tolist():
        value = values[row]
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        if text.strip().lower() in MISSING_TEXT:
            continue
        try:
            degrees[row] = degrees_in_words(text, axis, unit)
        except ProductError:
            raise ProductError(
                f"{source}: column {column.name}, row {row}: {text!r} is no angle, so the column "
                "does not hold degrees, or sexagesimal text"
            ) from None
    return degrees


def _astropy_unit(table: pa.Table, name: str) -> str:
    """Return the unit that astropy noted in a Parquet file."""
    text = (table.schema.metadata or {}).get(b"table_meta_yaml")
    if text is None:
        return ""
    from astropy.table.meta import get_header_from_yaml

    try:
        described: Sequence[Any] = get_header_from_yaml(text.decode().split("\n"))["datatype"]
    except (ValueError, KeyError):
        return ""
    return next((str(d["unit"]) for d in described if d["name"] == name and "unit" in d), "")
