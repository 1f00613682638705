"""A connection to the catalogue that is always to its newest version, and reads of legs by it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.file import identity
from gphoton_db.catalogue.jail import NO_LIMITS, Limits
from gphoton_db.catalogue.reads import QueryReads, report_reads
from gphoton_db.errors import ArchiveError
from gphoton_db.paths import ArchivePaths
from gphoton_db.query.parameters import Parameters
from gphoton_db.query.query import QueryResult, prepare_session, run_query
from gphoton_db.query.row_stream import RowStream
from gphoton_db.query.stopping import goes_on
from gphoton_db.query.streamed import streamed_query
from gphoton_db.remote.address import only_read

if TYPE_CHECKING:
    from gphoton_db.catalogue.records import LegRecord


class CatalogueSession:
    """Reads of one process from a catalogue, which every commit replaces by another file.

    Parameters
    ----------
    catalogue : Catalogue
        The catalogue.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._opened: tuple[int, ...] | None = None

    def connection(self) -> duckdb.DuckDBPyConnection:
        """Return a read-only connection to the catalogue as it is now.

        Raises
        ------
        ArchiveError
            If there is no catalogue, or it cannot be used.
        """
        path = self.catalogue.paths.catalogue
        try:
            version = identity(path)
        except FileNotFoundError:
            raise no_archive(self.catalogue.paths) from None
        except OSError as error:
            raise ArchiveError(f"{path}: {error.strerror}") from None
        if self._connection is None or version != self._opened:
            self.close()
            self._connection = self.catalogue.reader()
            prepare_session(self._connection)
            self._opened = version
        return self._connection

    def reads(
        self, sql: str, parameters: Parameters = None, limits: Limits = NO_LIMITS
    ) -> QueryReads:
        """Run a user's statement, and report what it read; see `report_reads`."""
        self.connection()  # says so if there is no archive
        # Its log is the connection's, which no other query should fill.
        with self._own_connection(limits) as connection:
            return report_reads(connection, sql, parameters)

    def query(
        self, sql: str, parameters: Parameters = None, limits: Limits = NO_LIMITS
    ) -> QueryResult:
        """Run a user's statement, and return its rows."""
        connection = self.connection()  # says so if there is no archive
        if not limits.own_session:
            return run_query(connection, sql, parameters, limits.seconds)
        with self._own_connection(limits) as connection:
            return run_query(connection, sql, parameters, limits.seconds)

    @contextmanager
    def stream(
        self, sql: str, parameters: Parameters = None, limits: Limits = NO_LIMITS
    ) -> Iterator[RowStream]:
        """Run a user's statement on a connection of its own, and give its rows as they come."""
        self.connection()
        own = self._own_connection(limits) if limits.own_session else self._second_connection()
        with (
            own as connection,
            streamed_query(connection, sql, parameters, limits.seconds) as stream,
        ):
            yield stream

    def close(self) -> None:
        """Close the connection; the next read opens another one."""
        if self._connection is not None:
            _close(self._connection)
            self._connection = None

    @contextmanager
    def _second_connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give another connection to the file that is open: to open it again takes longer."""
        connection = self.catalogue.another_reader(self.connection())
        try:
            prepare_session(connection)
            yield connection
        finally:
            _close(connection)

    @contextmanager
    def _own_connection(self, limits: Limits = NO_LIMITS) -> Iterator[duckdb.DuckDBPyConnection]:
        connection = self.catalogue.reader(limits)
        try:
            prepare_session(connection)
            yield connection
        finally:
            _close(connection)


def _close(connection: duckdb.DuckDBPyConnection) -> None:
    """Close a connection, unless that would wait for work that was to be stopped."""
    if not goes_on():
        connection.close()


def check_writable(catalogue: Catalogue) -> None:
    """Raise `ArchiveError` if the archive is afar, and only read."""
    if catalogue.address is not None:
        raise only_read(catalogue.address)


def no_archive(paths: ArchivePaths) -> ArchiveError:
    """Return the error that says where an archive was looked for, and how one is made."""
    return ArchiveError(
        f"there is no archive in {paths.root}: give the folder of one (--archive, "
        "GPHOTON_DB_ARCHIVE or the settings file; the path of Archive), or make one: "
        "gphoton-db ingest, gphoton-db demo, or Archive(path, create=True)"
    )


def _unreadable(error: duckdb.Error) -> ArchiveError:
    """Return the error for what DuckDB says of the catalogue's own files."""
    reason = str(error).strip().splitlines()[0]
    return ArchiveError(
        f"the catalogue cannot be read ({reason}): `gphoton-db verify` says which file is damaged, "
        "and with --repair makes it anew; of an archive that is read from afar do so where it is, "
        "and publish it again"
    )


@contextmanager
def reading_catalogue() -> Iterator[None]:
    """Say which file is damaged where DuckDB cannot read one of the catalogue's own.

    For statements of the package: whatever DuckDB says of these, but that there is too little
    memory, or that it was stopped, is the fault of files that are gone, damaged, or of others.

    Raises
    ------
    ArchiveError
        In the place of DuckDB's own error.
    """
    try:
        yield
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error as error:
        raise _unreadable(error) from None


def list_legs(
    connection: duckdb.DuckDBPyConnection, eclipse: int | None = None
) -> "list[LegRecord]":
    """Return the legs of an archive, or of one eclipse, by eclipse, band and leg."""
    from gphoton_db.catalogue.records import leg_of

    # Without a bound parameter: at the first one DuckDB imports pandas.
    source = "legs" if eclipse is None else f"rows_of('legs', [{int(eclipse)}])"
    with reading_catalogue():
        cursor = connection.execute(f"SELECT * FROM {source} ORDER BY eclipse, band, leg")
        names = [column[0] for column in cursor.description or ()]
        return [leg_of(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
