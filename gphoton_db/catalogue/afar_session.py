"""Sessions whose statements read files that are afar: what went wrong there is the error.

DuckDB asks Python for parts of files.  An error of that comes out of DuckDB as one of its own, at
whichever step it happened to read, with ours in its text.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, cast

import duckdb

from gphoton_db.errors import ArchiveError

_OURS = re.compile(r"(?:ArchiveError|MissingFileError): (.*?)(?:\\n|\n|$)", re.DOTALL)


def told_plainly(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Return a connection that raises `ArchiveError` where files that are afar cannot be read."""
    return cast("duckdb.DuckDBPyConnection", _Session(connection))


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except ArchiveError:
        raise
    except Exception as error:
        # Of Arrow, too, which reads what DuckDB streams.
        found = _OURS.search(str(error))
        if found is None:
            raise
        raise ArchiveError(found[1].replace('\\"', '"')) from None


class _Batches:
    """Record batches as they come."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        with _plainly():
            return next(self._reader)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


class _Session:
    """A connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def __enter__(self) -> "_Session":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, *arguments: Any) -> "_Session":
        with _plainly():
            self._connection.execute(*arguments)
        return self

    def fetchall(self) -> list[Any]:
        with _plainly():
            return self._connection.fetchall()

    def fetchmany(self, size: int = 1) -> list[Any]:
        with _plainly():
            return self._connection.fetchmany(size)

    def to_arrow_table(self) -> Any:
        with _plainly():
            return self._connection.to_arrow_table()

    def to_arrow_reader(self, size: int) -> _Batches:
        with _plainly():
            return _Batches(self._connection.to_arrow_reader(size))
