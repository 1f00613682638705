"""Rows into the tables of the catalogue."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import duckdb

from gphoton_db.system.without_pandas import without_datasets

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_AT_ONCE = 100


def insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: list[dict[str, Any]],
    how: str = "INSERT",
) -> None:
    """Add rows, by the names of the columns of the first, to a table."""
    # A statement takes some milliseconds, whether it adds one row or many.
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[start : start + _ROWS_AT_ONCE]
        places = f"({', '.join('?' * len(some[0]))})"
        connection.execute(
            f"{how} INTO {table} ({', '.join(some[0])}) VALUES {', '.join([places] * len(some))}",
            [row[column] for row in some for column in some[0]],
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
    with relation(connection, "new_rows", rows):
        connection.execute(f"{how} INTO {table} BY NAME FROM new_rows")


@contextmanager
def relation(connection: duckdb.DuckDBPyConnection, name: str, rows: "pa.Table") -> Iterator[None]:
    """Let statements name an Arrow table while this is entered."""
    with without_datasets():
        connection.register(name, rows)
        try:
            yield
        finally:
            connection.unregister(name)
