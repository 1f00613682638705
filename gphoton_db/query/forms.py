"""Rows of a result as tables of pandas and astropy."""

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from gphoton_db.errors import QueryError

if TYPE_CHECKING:
    import pandas as pd
    from astropy.table import Table


def pandas_frame(table: pa.Table) -> "pd.DataFrame":
    """Return rows as a data frame.

    Raises
    ------
    QueryError
        If pandas has nothing for a value.
    """
    try:
        frame: pd.DataFrame = table.to_pandas()
    except (OverflowError, ValueError, pa.ArrowException) as error:
        raise QueryError(f"column {_unfit(table)}: {_reason(error)}") from None
    return frame


def astropy_table(table: pa.Table) -> "Table":
    """Return rows as a table; columns with NULLs are masked.

    Dates are datetime64, times of the day text, and nested values objects of Python.

    Raises
    ------
    QueryError
        If there is nothing for a value.
    """
    from astropy.table import Table

    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            columns[name] = _astropy_column(column)
        except (OverflowError, ValueError, pa.ArrowException) as error:
            raise QueryError(f"column {name}: {_reason(error)}") from None
    return Table(columns)


def _astropy_column(column: pa.ChunkedArray) -> Any:
    import numpy as np
    from astropy.table import MaskedColumn

    kind = column.type
    if pa.types.is_dictionary(kind) or pa.types.is_time(kind):
        column = column.cast(pa.string())
    values = _filled(column).to_numpy(zero_copy_only=False)
    if pa.types.is_string(column.type):
        # Table columns of Python objects are a nuisance: text gets numpy's own type.
        values = values.astype(np.str_)
    return MaskedColumn(values, mask=column.is_null().to_numpy()) if column.null_count else values


def _filled(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Put something harmless in the place of NULLs, so that the column keeps its type."""
    if pa.types.is_string(column.type):
        return column.fill_null("")
    if pa.types.is_boolean(column.type):
        return column.fill_null(False)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return column.fill_null(pa.scalar(0).cast(column.type))
    return column  # dates and timestamps have NaT


def _unfit(table: pa.Table) -> str:
    """Return the name of the first column that pandas does not take."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            column.to_pandas()
        except (OverflowError, ValueError, pa.ArrowException):
            return str(name)
    return "?"


def _reason(error: Exception) -> str:
    return f"a value of it does not fit ({error}): cast it to VARCHAR"
