"""Read-only SQL on the archive, and its results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from gphoton_db.errors import QueryError

if TYPE_CHECKING:
    import pandas as pd
    from astropy.table import Table

Parameters = Sequence[Any] | Mapping[str, Any] | None

_READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


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
            if column.null_count and pa.types.is_primitive(column.type):
                filled = column.fill_null(_filler(column.type))
                values = filled.to_numpy(zero_copy_only=False)
                columns[name] = MaskedColumn(values, mask=column.is_null().to_numpy())
            else:
                values = column.to_numpy(zero_copy_only=False)
                # Table columns of Python objects are a nuisance: text gets numpy's own type.
                text = pa.types.is_string(column.type) and not column.null_count
                columns[name] = values.astype(np.str_) if text else values
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

    Raises
    ------
    QueryError
        If it is not one statement, does more than read, or DuckDB refuses it.
    """
    try:
        statements = connection.extract_statements(sql)
        _check(statements)
        result = connection.execute(statements[0], parameters)
        return QueryResult(result.fetch_arrow_table())
    except duckdb.Error as error:
        raise QueryError(str(error).strip()) from None


def _check(statements: list[Any]) -> None:
    if len(statements) != 1:
        raise QueryError(f"expected one SQL statement, found {len(statements)}")
    kind = statements[0].type
    if kind not in _READING:
        raise QueryError(
            f"{kind.name} statements are refused: queries on the archive only read; use the "
            "duckdb shell with a database of your own, and ATTACH the archive's catalogue to it"
        )


def _filler(kind: pa.DataType) -> Any:
    return False if pa.types.is_boolean(kind) else pa.scalar(0).cast(kind)
