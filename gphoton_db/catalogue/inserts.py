"""Rows into the tables of the catalogue."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    import pyarrow as pa


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


def insert_records(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Any], how: str = "INSERT"
) -> None:
    """Add many records to a table at once."""
    # One by one they take half a millisecond each; with Arrow, which few commits need.
    import pyarrow as pa

    if rows:
        insert_table(connection, table, pa.Table.from_pylist([vars(row) for row in rows]), how)


def insert_table(
    connection: duckdb.DuckDBPyConnection, table: str, rows: "pa.Table", how: str = "INSERT"
) -> None:
    """Add the rows of an Arrow table to a table, by the names of its columns.

    Nothing is done with an empty one: after an insert of no rows from Arrow or Parquet, DuckDB
    (1.5.6) loses what a later insert of more than a row group (122,880 rows) adds in the same
    transaction.
    """
    if not rows.num_rows:
        return
    connection.register("new_rows", rows)
    try:
        connection.execute(f"{how} INTO {table} BY NAME FROM new_rows")
    finally:
        connection.unregister("new_rows")
