"""Values that people give to a query, as those that DuckDB takes."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from gphoton_db.errors import QueryError

Parameters = Sequence[Any] | Mapping[str, Any] | None

_PLAIN = (str, bool, float, bytes, bytearray, date, time, timedelta, Decimal, UUID)
"""Types of values that DuckDB takes as they are; integers it takes up to 128 bits."""


def bound_values(parameters: Parameters) -> list[Any] | dict[str, Any] | None:
    """Return the values of a query's parameters as DuckDB takes them.

    Parameters
    ----------
    parameters : sequence or mapping, optional
        Scalars and arrays of numpy and pandas, paths, and `Time` besides plain values, lists and
        dictionaries of all these.  A `Time` becomes a TIMESTAMP, UTC; what is masked, NaT or NA
        becomes NULL.

    Raises
    ------
    QueryError
        If there is no such value in SQL.  A quantity with a unit is none: SQL knows no units.
    """
    if parameters is None:
        return None
    if isinstance(parameters, Mapping):
        return {name: bound_value(value, f"${name}") for name, value in parameters.items()}
    return [bound_value(value, f"${k}") for k, value in enumerate(parameters, start=1)]


def bound_value(value: Any, name: str) -> Any:
    """Return one value as DuckDB takes it; see `bound_values`."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, int):
        if not -(2**127) <= value < 2**127:
            raise QueryError(f"parameter {name}: {value} has more than 128 bits")
        return value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): bound_value(each, name) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [bound_value(each, name) for each in value]
    return _of_a_library(value, name)


def _of_a_library(value: Any, name: str) -> Any:
    """Return the plain value of one of numpy, pandas or astropy."""
    if _is(value, "pandas", "Timestamp", "Timedelta") and value == value:
        return value
    if _is(value, "pandas.api.typing", "NAType", "NaTType"):
        return None
    if _is(value, "astropy.time", "Time"):
        return _utc(value, name)
    if _is(value, "astropy.units", "Quantity"):
        return bound_value(_number(value, name), name)
    if _is(value, "pandas", "Series", "Index"):
        value = value.to_numpy()
    if _is(value, "numpy", "ndarray", "generic"):
        return _of_numpy(value, name)
    if isinstance(value, _PLAIN):
        return value
    raise QueryError(
        f"parameter {name}: a {type(value).__name__} is no value of SQL: give a number, text, "
        "bytes, a date or time, or a list or dictionary of them"
    )


def _is(value: Any, module: str, *names: str) -> bool:
    """Return whether a value is of a library's type, without importing the library."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(value, tuple(getattr(loaded, n) for n in names))


def _number(quantity: Any, name: str) -> Any:
    if str(quantity.unit):
        raise QueryError(
            f"parameter {name}: {quantity!r} has a unit, and SQL knows none: give the number, such "
            f"as value.to_value({str(quantity.unit)!r})"
        )
    return quantity.value


def _of_numpy(value: Any, name: str) -> Any:
    if value.dtype.kind in "mM" and value.dtype != "M8[D]":
        value = value.astype(f"{value.dtype.kind}8[us]")  # what Python's own types hold
    return bound_value(value.tolist(), name)  # what is masked, or NaT, becomes None


def _utc(value: Any, name: str) -> datetime:
    """Return a Time as a TIMESTAMP: UTC, without a zone."""
    try:
        if value.isscalar:
            moment: datetime = value.utc.to_datetime(UTC).replace(tzinfo=None)
            return moment
    except ValueError as error:
        raise QueryError(f"parameter {name}: {value!r} is no TIMESTAMP: {error}") from None
    raise QueryError(f"parameter {name}: give one Time, not {len(value)}")
