"""Rows into the tables of the catalogue."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import duckdb


def insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: list[dict[str, Any]],
    how: str = "INSERT",
) -> None:
    """Add rows, each by the names of its columns, to a table."""
    for row in rows:
        places = ", ".join("?" * len(row))
        connection.execute(
            f"{how} INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values())
        )


def insert_or_replace(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Any]
) -> None:
    """Add records to a table, in place of those with the same keys."""
    insert(connection, table, [asdict(row) for row in rows], "INSERT OR REPLACE")
