"""Rows as plain values, without Arrow, numpy and pandas."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import duckdb

from gphoton_db.query.sql_files import literal


def plain_rows(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Run a statement with values for all of its parameters, and return its rows.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the catalogue.
    sql : str
        The statement.
    values : mapping
        Of each parameter: None, a truth value, a number, a text or a time without a zone.
    """
    # Bound from Python, the first value that is not None makes DuckDB import pandas, which takes
    # longer than all else here.
    connection.execute(f"PREPARE statement AS {sql}")
    try:
        given = ", ".join(f'"{each}" := {_written(value)}' for each, value in values.items())
        cursor = connection.execute(f"EXECUTE statement({given})" if given else "EXECUTE statement")
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    finally:
        connection.execute("DEALLOCATE statement")


def text_of(value: Any) -> str:
    """Return a plain value as a person reads it in a table; see `plain.text_of`."""
    if value is None or value != value:  # NaN
        return ""
    return str(value)


def _written(value: Any) -> str:
    """Return a value as SQL has it."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, float):
        return f"CAST('{value!r}' AS DOUBLE)"  # 1.5 alone is a decimal number
    if isinstance(value, datetime):
        return f"TIMESTAMP {literal(value.isoformat(sep=' '))}"
    return literal(str(value))
