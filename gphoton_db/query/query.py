"""Read-only SQL on the archive, and its results."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb

from gphoton_db.errors import QueryError
from gphoton_db.query.parameters import Parameters, bound_values
from gphoton_db.query.refusals import plainly_reads
from gphoton_db.query.row_stream import ArrowRows, RowStream
from gphoton_db.query.stopping import stoppable
from gphoton_db.query.types import other_types, with_other_types

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from astropy.table import Table

    from gphoton_db.query.statement import Statement

Result = TypeVar("Result")

MOST_TRIES = 4
"""Of a statement, while DuckDB does not say why it failed."""


@dataclass(frozen=True, eq=False)
class QueryResult:
    """The rows that a query returned; ask for them in the form you like."""

    table: "pa.Table"

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def stream(self) -> RowStream:
        """Return the rows as a stream."""
        table = self.table
        return RowStream(lambda: ArrowRows(table.schema, iter(table.to_batches())))

    def arrow(self) -> "pa.Table":
        """Return the rows as an Arrow table."""
        return self.table

    def df(self) -> "pd.DataFrame":
        """Return the rows as a pandas data frame.

        Raises
        ------
        QueryError
            If pandas has nothing for a value, such as an infinite date.
        """
        from gphoton_db.query.forms import pandas_frame

        return pandas_frame(self.table)

    def astropy(self) -> "Table":
        """Return the rows as an astropy table; columns with NULLs are masked.

        Dates and timestamps are numpy's, times of the day are text, and lists, structs and maps
        are objects of Python.

        Raises
        ------
        QueryError
            If there is nothing for a value.
        """
        from gphoton_db.query.forms import astropy_table

        return astropy_table(self.table)

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries.

        Raises
        ------
        QueryError
            If Python has nothing for a value, such as an infinite date.
        """
        from gphoton_db.query.plain import python_values

        names = self.table.column_names
        columns = (python_values(self.table[name], name) for name in names)
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def prepare_session(connection: duckdb.DuckDBPyConnection) -> None:
    """Make a new connection to the catalogue one for queries.

    DuckDB then says where in a statement an error is, and a query that needs an extension asks for
    it instead of fetching it from the network.  Times are UTC, so that an instant compared with
    one without a zone, or cast to one, does not depend on the machine's clock.
    """
    connection.execute("SET errors_as_json = true; SET TimeZone = 'UTC'")


def run_query(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Parameters = None,
    seconds: float | None = None,
) -> QueryResult:
    """Run one statement of a user's, which may only read.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Read-only, to the catalogue.
    sql : str
        One statement that reads: SELECT, FROM, WITH, DESCRIBE, SHOW, EXPLAIN, ...
    parameters : sequence or mapping, optional
        Values for ``?`` or ``$1``, or for ``$name``; see `bound_values`.
    seconds : float, optional
        How long it may take.

    Returns
    -------
    QueryResult
        A column's name that comes again gets ``_1``, ``_2``, ... at its end.  Decimal numbers,
        which sums of integers are too, come as int64 or float64; what Arrow has no type for
        (`types.INSTEAD`) comes as text.

    Raises
    ------
    QueryError
        If it is not one statement, does more than read, or DuckDB refuses it.
    """
    values = bound_values(parameters)
    deadline = None if seconds is None else monotonic() + seconds

    def work() -> QueryResult:
        return _result(executed(connection, sql, values).to_arrow_table())

    with checked(connection, sql):
        return uninterrupted(lambda: stoppable(connection, work, deadline), MOST_TRIES)


def uninterrupted(work: Callable[[], Result], tries: int) -> Result:
    """Do something, again while DuckDB stops it by itself, but not more than so many times."""
    for _ in range(tries - 1):
        try:
            return work()
        except duckdb.Error as error:
            if not is_interruption(error):
                raise
    return work()


def is_interruption(error: duckdb.Error) -> bool:
    """Return whether DuckDB stopped its own work and does not say why, so that it is done again.

    It does so now and then where an error in one of its threads stops another one, which is heard
    first.  Nobody else stops it so: Ctrl-C and the end of its time raise other errors.
    """
    return '"exception_type":"INTERRUPT"' in str(error)


def executed(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Any
) -> duckdb.DuckDBPyConnection:
    """Run a statement, with other types for those of its columns that Arrow has none for."""
    cursor = connection.execute(sql, values)
    described = cursor.description or []
    kinds = other_types(described)
    if not any(kinds):
        return cursor
    from gphoton_db.query.statement import read_statement

    names = [column[0] for column in described]
    return connection.execute(with_other_types(read_statement(sql).bare, names, kinds), values)


def fetch(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters = None
) -> QueryResult:
    """Run a statement of the program's own, of which nobody doubts that it only reads.

    Raises
    ------
    duckdb.Error
        If DuckDB refuses it.
    """
    return _result(connection.execute(sql, parameters).to_arrow_table())


def _result(table: "pa.Table") -> QueryResult:
    import pyarrow as pa

    columns = [numbers_of(column) for column in table.columns]
    # Not `pa.table`, which imports pandas to find out whether it is given a data frame.
    return QueryResult(pa.Table.from_arrays(columns, unique(table.column_names)))


@contextmanager
def checked(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[None]:
    """Let a user's statement in, to be run in the block, and say what is wrong with it if it is.

    Raises
    ------
    QueryError
        If it is not one statement, does more than read, or DuckDB refuses it.
    """
    try:
        if not plainly_reads(connection, sql):
            _look_closely(connection, sql)
        yield
    except duckdb.Error as error:
        from gphoton_db.query.errors import explained_error
        from gphoton_db.query.statement import read_statement

        raise QueryError(explained_error(connection, read_statement(sql), error)) from None


def _look_closely(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    from gphoton_db.query.statement import read_statement  # sqlglot takes 0.2 s to import

    _ask_duckdb(connection, read_statement(sql))


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


def unique(names: Sequence[str]) -> list[str]:
    """Return names, with ``_1``, ``_2``, ... at the end of those that come again."""
    found: list[str] = []
    for name in names:
        taken = {*names, *found}
        numbered = (f"{name}_{k}" for k in count(1))
        found.append(next(n for n in numbered if n not in taken) if name in found else name)
    return found


def numbers_of(column: "pa.ChunkedArray | pa.Array") -> "pa.ChunkedArray | pa.Array":
    """Return a column of decimal numbers as int64 or, where they do not fit, as float64."""
    import pyarrow as pa

    if not pa.types.is_decimal(column.type):
        return column
    if column.type.scale == 0:
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:
            # Beyond 64 bits; by way of text, for Arrow turns -2**127 itself into 2**127.
            return column.cast(pa.string()).cast(pa.float64())
    return column.cast(pa.float64())
