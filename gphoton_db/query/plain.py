"""Values of a result as text and as JSON has them: one rule for all formats that are text.

What is not known, NULL and NaN, is nothing: a blank, and null in JSON.
"""

import json
import math
from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

from gphoton_db.errors import QueryError

_INFINITE = {32: 2**31 - 1, 64: 2**63 - 1}
"""What DuckDB has for 'infinity', by the bits of dates and timestamps; negative: -infinity."""


def python_values(column: pa.Array | pa.ChunkedArray, name: str) -> list[Any]:
    """Return the values of a column as Python's.

    Raises
    ------
    QueryError
        If Python has none for one of them, such as an infinite date.
    """
    try:
        values: list[Any] = column.to_pylist()
    except (OverflowError, ValueError, pa.ArrowException) as error:
        raise QueryError(
            f"column {name}: a value of it is none that Python has ({error}): cast it to VARCHAR"
        ) from None
    return values


def plain_values(column: pa.Array | pa.ChunkedArray, name: str) -> list[Any]:
    """Return the values of a column as JSON has them; see `plain`."""
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        texts = infinite_as_text(column)
        if texts is not None:
            return texts
    return [plain(value, column.type) for value in python_values(column, name)]


def shown_values(column: pa.Array | pa.ChunkedArray, name: str) -> list[Any]:
    """Return the values of a column as `text_of` takes them."""
    kind = column.type
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        texts = infinite_as_text(column)
        if texts is not None:
            return texts
    if pa.types.is_decimal(kind):
        return [plain(value, kind) for value in column.to_pylist()]
    return python_values(column, name)


def plain(value: Any, kind: pa.DataType) -> Any:
    """Return a value as JSON has it.

    Bytes are hexadecimal, times ISO 8601; a map is an object where its keys are no structures, and
    a list of pairs otherwise.

    Parameters
    ----------
    value : object
        Python's.
    kind : pyarrow.DataType
        The column's type.
    """
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {field.name: plain(value[field.name], field.type) for field in kind}
    if pa.types.is_map(kind):
        return _plain_map(
            [(plain(key, kind.key_type), plain(each, kind.item_type)) for key, each in value]
        )
    if is_list(kind):
        return [plain(each, kind.value_type) for each in value]
    match value:
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return int(value) if kind.scale == 0 else float(value)
        case date() | time():
            return value.isoformat()
        case bytes():
            return value.hex()
    return value


def text_of(value: Any, kind: pa.DataType) -> str:
    """Return a value of a column as a person reads it in a table."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if is_nested(kind):
        return as_json(plain(value, kind))
    return value.hex() if isinstance(value, bytes) else str(value)


def as_json(value: Any) -> str:
    """Return a plain value as JSON in one line."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def infinite_as_text(column: pa.Array | pa.ChunkedArray) -> list[str | None] | None:
    """Return a column of dates or timestamps as text, if one of them is infinite; else None."""
    import pyarrow.compute as pc

    bits = column.type.bit_width
    numbers = column.cast(pa.int32() if bits == 32 else pa.int64())
    ends = pc.min_max(numbers).as_py()
    infinite = _INFINITE[bits]
    if ends["min"] is None or (-infinite < ends["min"] and ends["max"] < infinite):
        return None
    texts = column.cast(pa.string()).to_pylist()
    known = {infinite: "infinity", -infinite: "-infinity"}
    return [known.get(n, text) for n, text in zip(numbers.to_pylist(), texts, strict=True)]


def is_list(kind: pa.DataType) -> bool:
    """Return whether a type is a list, of any length or of a fixed one."""
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def is_nested(kind: pa.DataType) -> bool:
    """Return whether a type holds others."""
    return bool(is_list(kind) or pa.types.is_struct(kind) or pa.types.is_map(kind))


def _plain_map(pairs: Sequence[tuple[Any, Any]]) -> Any:
    if any(isinstance(key, dict | list) for key, _ in pairs):
        return [[key, value] for key, value in pairs]
    return {key if isinstance(key, str) else as_json(key): value for key, value in pairs}
