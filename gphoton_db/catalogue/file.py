"""The file behind the catalogue: how it is opened, and replaced by its next version in one step.

DuckDB lets one process write a file or many read it.  So nobody ever writes the file that others
read: a commit copies it, changes the copy, and moves the copy over it.  Shells keep the file
that they opened; a process that dies in between leaves the old one as it was.
"""

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from gphoton_db.errors import ArchiveError
from gphoton_db.paths import ArchivePaths
from gphoton_db.query.sql_files import literal
from gphoton_db.system.durable import move_durably

logger = logging.getLogger(__name__)

STORAGE_VERSION = "v1.2.0"
"""Storage format of the file: DuckDB shells from 1.2 on open it."""

LOCK_TIMEOUT_S = 300.0
"""How long a commit waits for another one, which takes a fraction of a second."""


@contextmanager
def locked(paths: ArchivePaths) -> Iterator[None]:
    """Keep other processes from committing.

    Raises
    ------
    ArchiveError
        If another process does not let go.
    """
    from filelock import FileLock, Timeout  # not for what only reads

    lock = FileLock(paths.lock, timeout=LOCK_TIMEOUT_S)
    try:
        lock.acquire()
    except Timeout:
        raise ArchiveError(
            f"{paths.lock}: another process has held it for {LOCK_TIMEOUT_S:g} s; "
            "end that process and try again"
        ) from None
    try:
        yield
    finally:
        lock.release()


def open_catalogue(path: Path) -> duckdb.DuckDBPyConnection:
    """Return a new connection to a private copy of a catalogue as it was committed last.

    DuckDB locks the files that it opens: a DuckDB shell (for writing, unless it is told
    ``-readonly``) and a program that has an archive open would keep each other out.  The copy is a
    few megabytes, and vanishes with the connection.  What a shell has changed, but not yet put
    into the file, is no part of it.

    Raises
    ------
    ArchiveError
        If the catalogue is missing or damaged.
    """
    try:
        return _read_copy(path)
    except (OSError, duckdb.Error):
        logger.debug("%s: its copy cannot be read; reading the file itself", path)
    try:
        return _read_only(path)
    except duckdb.Error as error:
        raise ArchiveError(
            f"{path}: cannot be opened ({_reason(error)}); if it is damaged, move it away, and it "
            "is made anew from the photon files"
        ) from None


def another_connection(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Return a new connection to what another one has opened."""
    another = connection.cursor()
    another.execute("USE gphoton")
    return another


@contextmanager
def next_version(paths: ArchivePaths, *, anew: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection to a copy of the catalogue, which takes its place in the end.

    Only one process at a time may do so: the one that is `locked`.

    Parameters
    ----------
    paths : ArchivePaths
        Where the archive is.
    anew : bool
        Begin with an empty file; a copy of what there is, if any, is attached as ``old``.

    Raises
    ------
    ArchiveError
        If the catalogue is being changed by somebody else, or DuckDB cannot read or write it.
    OSError
        If it cannot be copied or moved.
    """
    _refuse_foreign_changes(paths.catalogue)
    copy = paths.next_catalogue
    shutil.rmtree(copy.parent, ignore_errors=True)  # that of a process that was killed
    copy.parent.mkdir(parents=True)
    try:
        old = copy.with_name("old.duckdb") if anew else copy
        if paths.catalogue.exists():
            shutil.copyfile(paths.catalogue, old)
        with _writer(copy, old) as connection:
            yield connection
        move_durably(copy, paths.catalogue)
    except duckdb.Error as error:
        raise ArchiveError(
            f"{paths.catalogue}: its next version cannot be made ({_reason(error)}); the archive "
            "is as it was"
        ) from error
    finally:
        shutil.rmtree(copy.parent, ignore_errors=True)


@contextmanager
def _writer(copy: Path, old: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection in which a file is being changed, all of it or nothing."""
    with duckdb.connect(":memory:") as connection:
        # For tables that do not fit into memory; it goes with the copy.
        connection.execute(f"SET temp_directory = {literal(str(copy.parent / 'spilled'))}")
        if old != copy and old.exists():
            connection.execute(f"ATTACH {literal(str(old))} AS old (READ_ONLY)")
        _attach(connection, copy, f"STORAGE_VERSION {literal(STORAGE_VERSION)}")
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
        connection.execute("USE memory")
        connection.execute("DETACH gphoton")


def log_of(catalogue: Path) -> Path:
    """Return where DuckDB logs changes to a catalogue that are not in the file yet."""
    return catalogue.with_name(catalogue.name + ".wal")


def _refuse_foreign_changes(catalogue: Path) -> None:
    """Stop where somebody's own changes would be lost, or would spoil the new file."""
    log = log_of(catalogue)
    if log.exists():
        raise ArchiveError(
            f"{log}: a DuckDB shell is changing, or was killed while changing, the catalogue; "
            "close it (or open and close the catalogue in it once) and try again; tables of "
            "your own belong into a database of your own, with this one attached"
        )


def _read_copy(path: Path) -> duckdb.DuckDBPyConnection:
    # The copy has no name, so that not even a process that is killed leaves it behind.
    with path.open("rb") as file, tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(file, copy)
        copy.flush()
        return _read_only(Path(f"/dev/fd/{copy.fileno()}"))


def _read_only(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    try:
        _attach(connection, path, "READ_ONLY")
        connection.execute("FROM archive_info")
    except duckdb.Error:
        connection.close()
        raise
    return connection


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, options: str) -> None:
    connection.execute(f"ATTACH {literal(str(path))} AS gphoton ({options})")
    connection.execute("USE gphoton")


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).strip().splitlines()[0]
