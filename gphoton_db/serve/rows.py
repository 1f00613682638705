"""Rows of a table as JSON has them, and a browser reads them: whole numbers to the last digit."""

from math import isfinite
from typing import Any

import pyarrow as pa

from gphoton_db.query.plain import plain_values
from gphoton_db.query.query import numbers_of

LARGEST_EXACT = 2**53
"""Browsers have doubles for numbers: larger whole ones are sent as text."""


def values_of(column: "pa.Array | pa.ChunkedArray", name: str) -> list[Any]:
    """Return the values of a column.

    Raises
    ------
    QueryError
        If Python has none for one of them.
    """
    if pa.types.is_floating(column.type):
        numbers = column.to_numpy(zero_copy_only=False)
        return [value if isfinite(value) else None for value in numbers.tolist()]
    is_whole = pa.types.is_decimal(column.type) and column.type.scale == 0
    values = plain_values(column if is_whole else numbers_of(column), name)
    if pa.types.is_string(column.type):
        return values
    return [exact(value) for value in values]


def exact(value: Any) -> Any:
    """Return a value whose whole numbers are text where a double has no place for their digits."""
    match value:
        case int():
            return value if abs(value) <= LARGEST_EXACT else str(value)
        case list():
            return [exact(each) for each in value]
        case dict():
            return {name: exact(each) for name, each in value.items()}
    return value


def as_rows(table: "pa.Table", limit: int) -> dict[str, Any]:
    """Return rows of an Arrow table, not more than some."""
    some = table.slice(0, limit)
    columns = [values_of(some[name], name) for name in some.column_names]
    return {
        "columns": some.column_names,
        "rows": [list(row) for row in zip(*columns, strict=True)],
        "truncated": len(table) > limit,
    }
