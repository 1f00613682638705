"""Read-only SQL on the archive, and its results."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from gphoton_db.errors import QueryError

if TYPE_CHECKING:
    import pandas as pd
    from astropy.table import Table

    from gphoton_db.query.statement import Statement

Parameters = Sequence[Any] | Mapping[str, Any] | None


@dataclass(frozen=True, eq=False)
class QueryResult:
    """The rows that a query returned; ask for them in the form you like."""

    table: pa.Table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def arrow(self) -> pa.Table:
        """Return the rows as an Arrow table."""
        return self.table

    def df(self) -> "pd.DataFrame":
        """Return the rows as a pandas data frame."""
        frame: pd.DataFrame = self.table.to_pandas()
        return frame

    def astropy(self) -> "Table":
        """Return the rows as an astropy table; columns with NULLs are masked."""
        import numpy as np
        from astropy.table import MaskedColumn, Table

        columns = {}
        for name, column in zip(self.table.column_names, self.table.columns, strict=True):
            values = _filled(column).to_numpy(zero_copy_only=False)
            if pa.types.is_string(column.type):
                # Table columns of Python objects are a nuisance: text gets numpy's own type.
                values = values.astype(np.str_)
            missing = column.is_null().to_numpy()
            columns[name] = MaskedColumn(values, mask=missing) if column.null_count else values
        return Table(columns)

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries."""
        listed: list[dict[str, Any]] = self.table.to_pylist()
        return listed


def prepare_session(connection: duckdb.DuckDBPyConnection) -> None:
    """Make a new connection to the catalogue one for queries.

    DuckDB then says where in a statement an error is, and a query that needs an extension asks for
    it instead of fetching it from the network.  Times are UTC, so that an instant compared with
    one without a zone, or cast to one, does not depend on the machine's clock.
    """
    connection.execute(
        "SET errors_as_json = true; SET autoinstall_known_extensions = false; SET TimeZone = 'UTC'"
    )


def run_query(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters = None
) -> QueryResult:
    """Run one statement of a user's, which may only read.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Read-only, to the catalogue.
    sql : str
        One statement that reads: SELECT, FROM, WITH, DESCRIBE, SHOW, EXPLAIN, ...
    parameters : sequence or mapping, optional
        Values for ``?`` or ``$1``, or for ``$name``.

    Returns
    -------
    QueryResult
        A column's name that comes again gets ``_1``, ``_2``, ... at its end.  Decimal numbers,
        which sums of integers are too, come as int64 or float64.

    Raises
    ------
    QueryError
        If it is not one statement, does more than read, or DuckDB refuses it.
    """
    with checked(connection, sql):
        return fetch(connection, sql, parameters)


def fetch(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters = None
) -> QueryResult:
    """Run a statement of the program's own, of which nobody doubts that it only reads.

    Raises
    ------
    duckdb.Error
        If DuckDB refuses it.
    """
    table = connection.execute(sql, parameters).to_arrow_table()
    named = pa.table([_number(column) for column in table.columns], _unique(table.column_names))
    return QueryResult(named)


@contextmanager
def checked(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[None]:
    """Let a user's statement in, to be run in the block, and say what is wrong with it if it is.

    Raises
    ------
    QueryError
        If it is not one statement, does more than read, or DuckDB refuses it.
    """
    from gphoton_db.query.errors import explained_error
    from gphoton_db.query.statement import read_statement  # sqlglot takes 0.2 s to import

    statement = read_statement(sql)
    try:
        _ask_duckdb(connection, statement)
        yield
    except duckdb.Error as error:
        raise QueryError(explained_error(connection, statement, error)) from None


def _ask_duckdb(connection: duckdb.DuckDBPyConnection, statement: "Statement") -> None:
    """Let DuckDB say too whether it is one statement that reads."""
    from gphoton_db.query.statement import refuse

    found = connection.extract_statements(statement.sql)
    if statement.is_explained and len(found) > 1:
        raise QueryError("EXPLAIN of a PIVOT needs its columns in words: ON column IN (value, ...)")
    if found and found[0].type == duckdb.StatementType.EXPLAIN:
        # EXPLAIN ANALYZE runs what it explains.
        if not statement.is_explained:
            raise QueryError("what EXPLAIN explains here cannot be checked; run it without EXPLAIN")
        found = connection.extract_statements(statement.sql[statement.start :])
    if statement.pivots:
        # DuckDB makes a temporary type of the columns of a PIVOT first, by a statement of no text.
        found = [each for each in found[:-1] if each.query] + found[-1:]
    if len(found) != 1:
        raise QueryError(f"expected one SQL statement, found {len(found)}")
    if found[0].type != duckdb.StatementType.SELECT:
        raise refuse(statement, found[0].type.name)


def _unique(names: Sequence[str]) -> list[str]:
    unique: list[str] = []
    for name in names:
        taken = {*names, *unique}
        numbered = (f"{name}_{k}" for k in count(1))
        unique.append(next(n for n in numbered if n not in taken) if name in unique else name)
    return unique


def _number(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_decimal(column.type):
        return column
    if column.type.scale == 0:
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:
            pass  # beyond 64 bits
    return column.cast(pa.float64())


def _filled(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Put something harmless in the place of NULLs, so that the column keeps its type."""
    if pa.types.is_string(column.type):
        return column.fill_null("")
    if pa.types.is_boolean(column.type):
        return column.fill_null(False)
    if pa.types.is_primitive(column.type):
        return column.fill_null(pa.scalar(0).cast(column.type))
    return column
