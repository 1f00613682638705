"""Sessions whose statements read files that are afar: what went wrong there is the error.

DuckDB asks Python for parts of files.  An error of that comes out of DuckDB as one of its own, at
whichever step it happened to read, with ours in its text.  DuckDB's own errors name files as it
calls them, where users know an address.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any, cast

import duckdb

from gphoton_db.errors import ArchiveError
from gphoton_db.remote.mounted import Mounted

_OURS = re.compile(r"(?:ArchiveError|MissingFileError): (.*?)(?:\\n|\n|$)", re.DOTALL)


def told_plainly(
    connection: duckdb.DuckDBPyConnection, mounted: Mounted
) -> duckdb.DuckDBPyConnection:
    """Return a connection that raises `ArchiveError` where files that are afar cannot be read."""
    return cast("duckdb.DuckDBPyConnection", _Session(connection, mounted))


@contextmanager
def _plainly(mounted: Mounted) -> Iterator[None]:
    try:
        yield
    except ArchiveError:
        raise
    except Exception as error:
        # Of Arrow, too, which reads what DuckDB streams.
        text = str(error).replace(mounted.sql_root, mounted.address)
        found = _OURS.search(text)
        if found is not None:
            raise ArchiveError(found[1].replace('\\"', '"')) from None
        if text == str(error):
            raise
        raise type(error)(text) from None


class _Batches:
    """Record batches as they come."""

    def __init__(self, reader: Any, mounted: Mounted) -> None:
        self._reader = reader
        self._plainly = partial(_plainly, mounted)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        with self._plainly():
            return next(self._reader)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


class _Session:
    """A connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, mounted: Mounted) -> None:
        self._connection, self._mounted = connection, mounted
        self._plainly = partial(_plainly, mounted)

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
        with self._plainly():
            self._connection.execute(*arguments)
        return self

    def fetchall(self) -> list[Any]:
        with self._plainly():
            return self._connection.fetchall()

    def fetchmany(self, size: int = 1) -> list[Any]:
        with self._plainly():
            return self._connection.fetchmany(size)

    def to_arrow_table(self) -> Any:
        with self._plainly():
            return self._connection.to_arrow_table()

    def to_arrow_reader(self, size: int) -> _Batches:
        with self._plainly():
            return _Batches(self._connection.to_arrow_reader(size), self._mounted)
