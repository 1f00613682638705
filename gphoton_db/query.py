"""Read-only SQL on the archive, and its results."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from gphoton_db.errors import QueryError

if TYPE_CHECKING:
    import pandas as pd
    from astropy.table import Table

Parameters = Sequence[Any] | Mapping[str, Any] | None

_EXPLAIN = re.compile(r"^\s*EXPLAIN\s+(ANALYZE\s+)?", re.IGNORECASE)


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


def run_query(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters = None
) -> QueryResult:
    """Run one read-only statement.

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
    try:
        statement = _reading_statement(connection, sql)
        table = connection.execute(statement, parameters).to_arrow_table()
    except duckdb.Error as error:
        raise QueryError(str(error).strip()) from None
    named = pa.table([_number(column) for column in table.columns], _unique(table.column_names))
    return QueryResult(named)


def _reading_statement(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """Return the only statement of `sql`, which reads."""
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise QueryError(f"expected one SQL statement, found {len(statements)}")
    kind = statements[0].type
    if kind == duckdb.StatementType.EXPLAIN:
        # EXPLAIN ANALYZE runs what it explains.
        explained = _EXPLAIN.sub("", sql)
        if explained == sql:
            raise QueryError("write EXPLAIN or EXPLAIN ANALYZE right before the SELECT")
        _reading_statement(connection, explained)
    elif kind != duckdb.StatementType.SELECT:
        raise QueryError(
            f"{kind.name} statements are refused: queries on the archive only read; use the "
            "duckdb shell with a database of your own, and ATTACH the archive's catalogue to it"
        )
    return statements[0]


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
