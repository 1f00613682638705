"""The file behind the catalogue: how it is opened, and replaced by its next version in one step.

DuckDB lets one process write a file or many read it.  So nobody ever writes the file that others
read: a commit copies it, changes the copy, and moves the copy over it.  Shells keep the file
that they opened; a process that dies in between leaves the old one as it was.
"""

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from gphoton_db.catalogue.head import check_head
from gphoton_db.catalogue.jail import NO_LIMITS, Limits, confine, new_session
from gphoton_db.errors import ArchiveError
from gphoton_db.paths import ArchivePaths
from gphoton_db.query.sql_files import literal
from gphoton_db.system.durable import move_durably
from gphoton_db.system.inside import remove_folder

logger = logging.getLogger(__name__)

STORAGE_VERSION = "v1.2.0"
"""Storage format of the file: DuckDB shells from 1.2 on open it."""

LOCK_TIMEOUT_S = 300.0
"""How long a commit waits for another one, which takes a fraction of a second."""

MOST_FREE_BLOCKS = 16
"""Free blocks that may stay in the file: 4 MB."""

COPIED_AT_ONCE = 2**20
"""Bytes."""

Prepare = Callable[[duckdb.DuckDBPyConnection], None]
"""Gives a session what it cannot be given once it is confined."""


def not_prepared(session: duckdb.DuckDBPyConnection) -> None:
    """Give a session nothing."""


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


def open_catalogue(
    path: Path,
    folders: Sequence[Path | str],
    limits: Limits = NO_LIMITS,
    prepare: Prepare = not_prepared,
) -> duckdb.DuckDBPyConnection:
    """Return a new connection to a private copy of a catalogue as it was committed last.

    DuckDB locks the files that it opens: a DuckDB shell (for writing, unless it is told
    ``-readonly``) and a program that has an archive open would keep each other out.  The copy is a
    few megabytes, and vanishes with the connection.  What a shell has changed, but not yet put
    into the file, is no part of it.

    Parameters
    ----------
    path : Path
        The catalogue.
    folders : sequence of Path or str
        What the connection may read, for the catalogue may be a stranger's; see `jail`.
    limits : Limits
        Of a statement that it is for.
    prepare : callable
        Called with the new session, before it is confined.

    Raises
    ------
    ArchiveError
        If the catalogue is missing or damaged.
    """
    if path.exists() and not path.is_file():
        raise ArchiveError(f"{path}: is not a file: move it away, and the catalogue is made anew")
    try:
        return _read_copy(path, folders, limits, prepare)
    except (OSError, duckdb.Error):
        logger.debug("%s: its copy cannot be read; reading the file itself", path)
    try:
        return _read_only(path, folders, limits, prepare)
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
def next_version(
    paths: ArchivePaths, *, anew: bool = False, start: bytes = b"", root: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection to a copy of the catalogue, which takes its place in the end.

    Only one process at a time may do so: the one that is `locked`.

    Parameters
    ----------
    paths : ArchivePaths
        Where the archive is.
    anew : bool
        Begin with an empty file; a copy of what there is, if any, is attached as ``old``.
    start : bytes
        What the file begins with in its place: the head of an empty archive (`empty_archive`).
    root : Path, optional
        Where the files of the archive are, if `paths` is of a copy of its catalogue alone.

    Raises
    ------
    ArchiveError
        If the catalogue is being changed by somebody else, or DuckDB cannot read or write it.
    OSError
        If it cannot be copied or moved.
    """
    _refuse_foreign_changes(paths.catalogue)
    copy = paths.next_catalogue
    remove_folder(paths.root, copy.parent)  # that of a process that was killed
    copy.parent.mkdir(parents=True)
    try:
        old = copy.with_name("old.duckdb") if anew else copy
        if paths.catalogue.exists():
            shutil.copyfile(paths.catalogue, old)
        if start:
            copy.write_bytes(start)
        with _writer(copy, old, [paths.root, root or paths.root]) as connection:
            yield connection
        move_durably(copy, paths.catalogue)
    except duckdb.Error as error:
        raise ArchiveError(
            f"{paths.catalogue}: its next version cannot be made ({_reason(error)}); the archive "
            "is as it was"
        ) from error
    finally:
        remove_folder(paths.root, copy.parent)


def remove_unfinished(paths: ArchivePaths) -> None:
    """Remove the next version that a process was making when it was killed, if there is one.

    A commit does so, too, but whoever comes next may find nothing to commit.
    """
    if paths.next_catalogue.parent.exists():
        with locked(paths):
            remove_folder(paths.root, paths.next_catalogue.parent)


@contextmanager
def _writer(copy: Path, old: Path, folders: Sequence[Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection in which a file is being changed, all of it or nothing."""
    with _plain_folder(copy) as folder, new_session() as connection:
        # For tables that do not fit into memory; it goes with the copy.
        connection.execute(f"SET temp_directory = {literal(str(folder / 'spilled'))}")
        if old != copy and old.exists():
            connection.execute(f"ATTACH {literal(str(folder / old.name))} AS old (READ_ONLY)")
        _attach(connection, folder / copy.name, f"STORAGE_VERSION {literal(STORAGE_VERSION)}")
        confine(connection, folders)
        if old == copy and copy.exists():
            check_head(connection, copy)
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
        _give_back(connection)
        connection.execute("USE memory")
        connection.execute("DETACH gphoton")


def _give_back(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the file smaller where it has many free blocks, which readers would copy, too.

    A checkpoint writes all macros anew, behind the ones that it frees.  Another one, for which
    there must be something to write, puts them in front, and cuts off the end.  Room for the macros
    of before is always left: to give that back would not last, and cost each commit as much again.
    """
    ((total, free),) = connection.execute(
        "SELECT total_blocks, free_blocks FROM pragma_database_size() "
        "WHERE database_name = 'gphoton'"
    ).fetchall()
    if free > MOST_FREE_BLOCKS and 2 * free > total:
        connection.execute(
            "BEGIN; CREATE TABLE nothing (n INTEGER); DROP TABLE nothing; COMMIT; CHECKPOINT"
        )


@contextmanager
def _plain_folder(copy: Path) -> Iterator[Path]:
    """Give a folder for what is being made, which is the one it belongs into but for a reason.

    For DuckDB a question mark ends a path: there the files are made elsewhere, and copied.
    """
    folder = copy.parent
    if "?" not in str(folder.absolute()):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="gphoton-db-") as name:
        elsewhere = Path(name)
        for file in folder.iterdir():
            shutil.copyfile(file, elsewhere / file.name)
        yield elsewhere
        shutil.copyfile(elsewhere / copy.name, copy)


def identity(catalogue: Path) -> tuple[int, ...]:
    """Return what tells a version of a catalogue from all others."""
    found = catalogue.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


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


def _read_copy(
    path: Path, folders: Sequence[Path | str], limits: Limits, prepare: Prepare
) -> duckdb.DuckDBPyConnection:
    # The copy has no name, so that not even a process that is killed leaves it behind.
    with path.open("rb") as file, tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(file, copy, COPIED_AT_ONCE)
        copy.flush()
        return _read_only(Path(f"/dev/fd/{copy.fileno()}"), folders, limits, prepare)


def _read_only(
    path: Path, folders: Sequence[Path | str], limits: Limits, prepare: Prepare
) -> duckdb.DuckDBPyConnection:
    connection = new_session(limits)
    try:
        prepare(connection)
        _attach(connection, path, "READ_ONLY")
        confine(connection, folders, limits)
        check_head(connection, path)
    except (duckdb.Error, ArchiveError):
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
