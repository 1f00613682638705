"""Rows of a statement of a user's, given while it runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb

from gphoton_db.query.parameters import Parameters, bound_values
from gphoton_db.query.query import (
    MOST_TRIES,
    checked,
    executed,
    is_interruption,
    uninterrupted,
    unique,
)
from gphoton_db.query.row_stream import NUMBERS, PLAIN, ArrowRows, PlainRows, RowStream
from gphoton_db.query.stopping import stoppable

if TYPE_CHECKING:
    import pyarrow as pa

Result = TypeVar("Result")

BATCH_ROWS = 100_000
"""Rows of a stream that are in memory at a time."""

FEW_ROWS = 2048
"""So many rows at the most come sooner without Arrow, whose import takes `ARROW_S`."""

ARROW_S = 0.2


@contextmanager
def streamed_query(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Parameters = None,
    seconds: float | None = None,
) -> Iterator[RowStream]:
    """Run one statement of a user's, and give its rows while it runs; see `query.run_query`.

    Nothing else may be asked of the connection in the meantime.  Within `seconds` all rows must
    have been read.

    Raises
    ------
    QueryError
        As `query.run_query` does; from the stream, too.
    """
    values = bound_values(parameters)
    with checked(connection, sql):
        deadline = None if seconds is None else monotonic() + seconds
        running = _Running(connection, sql, values, deadline)
        try:
            yield RowStream(running.arrow, running.plain)
        except duckdb.Error as error:
            if is_interruption(error):
                uninterrupted(running.read_again, MOST_TRIES - 1)
            raise


class _Running:
    """A statement that has begun."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        sql: str,
        values: Any,
        deadline: float | None,
    ) -> None:
        self._connection = connection
        self._sql = sql
        self._values = values
        self._deadline = deadline
        self._start = perf_counter()
        self._cursor = self._execute()
        self._begun = False

    def arrow(self) -> ArrowRows:
        """Return its rows as Arrow has them; if some were read before, it runs again."""
        import pyarrow as pa

        if self._begun:
            self._cursor = self._execute()
        self._begun = True
        reader = self._do(lambda: self._cursor.to_arrow_reader(BATCH_ROWS))
        names = unique(reader.schema.names)
        schema = pa.schema([pa.field(n, f.type) for n, f in zip(names, reader.schema, strict=True)])
        return ArrowRows(schema, _batches(self._do, reader, schema))

    def plain(self) -> PlainRows | None:
        """Return its rows; None where there are other types, or it soon gave more than a few."""
        described = self._cursor.description or []
        kinds = [column[1].id for column in described]
        if self._begun or not all(kind in PLAIN for kind in kinds):
            return None
        self._begun = True
        first = self._fetch()
        if len(first) == FEW_ROWS and perf_counter() - self._start < ARROW_S:
            return None
        names = unique([column[0] for column in described])
        numeric = [kind in NUMBERS for kind in kinds]
        return PlainRows(names, numeric, chain([first], iter(self._fetch, [])))

    def read_again(self) -> None:
        """Read all rows of a statement that failed, which raises the error that it failed with."""
        for _ in self.arrow().batches:
            pass

    def _execute(self) -> duckdb.DuckDBPyConnection:
        return self._do(lambda: executed(self._connection, self._sql, self._values))

    def _fetch(self) -> list[tuple[Any, ...]]:
        return self._do(lambda: self._cursor.fetchmany(FEW_ROWS))

    def _do(self, work: "Callable[[], Result]") -> "Result":
        return stoppable(self._connection, work, self._deadline)


def _batches(
    do: "Callable[[Callable[[], Any]], Any]", reader: "pa.RecordBatchReader", schema: "pa.Schema"
) -> "Iterator[pa.RecordBatch]":
    import pyarrow as pa

    while True:
        try:
            batch = do(lambda: next(reader, None))
        except (OSError, pa.ArrowException) as error:
            raise duckdb.Error(str(error)) from None  # Arrow's words for an error of DuckDB
        if batch is None:
            return
        yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)
