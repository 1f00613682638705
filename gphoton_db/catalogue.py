"""The catalogue: a small DuckDB file that says which legs there are and which files hold them.

DuckDB lets one process write a file or many read it.  So nobody ever writes the file that others
read: a commit copies it, changes the copy, and moves the copy over it.  Readers keep the file
that they opened; a process that dies in between leaves the old one as it was.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock, Timeout

import gphoton_db
from gphoton_db.aspect.pointing import VisitMetadata
from gphoton_db.errors import ArchiveError
from gphoton_db.mission import Band
from gphoton_db.paths import KINDS, ArchivePaths, leg_folder
from gphoton_db.records import CalibrationFileRecord, FileRecord, IngestRecord, LegRecord
from gphoton_db.sql_text import literal, read_sql
from gphoton_db.views import ROOT_VARIABLE, define_views

logger = logging.getLogger(__name__)

SCHEMA_VERSION = 1

STORAGE_VERSION = "v1.2.0"
"""Storage format of the file: DuckDB shells from 1.2 on open it."""

LOCK_TIMEOUT_S = 300.0
"""How long a commit waits for another one, which takes a fraction of a second."""

SUPERSEDED_FOR = timedelta(hours=1)
"""How long the files of a replaced leg stay, for readers of an older catalogue."""


@dataclass(frozen=True)
class IngestedBand:
    """Everything that one successful ingest adds to the catalogue."""

    legs: tuple[LegRecord, ...]
    files: tuple[FileRecord, ...]
    calibration: tuple[CalibrationFileRecord, ...]
    visit: VisitMetadata
    ingest: IngestRecord


class Catalogue:
    """The catalogue of the archive at `paths`."""

    def __init__(self, paths: ArchivePaths) -> None:
        self.paths = paths

    def create(self) -> None:
        """Make an empty catalogue."""
        with self._next_version() as connection:
            connection.execute(read_sql("schema.sql"))
            _insert(
                connection,
                "archive_info",
                [
                    {
                        "schema_version": SCHEMA_VERSION,
                        "software_version": gphoton_db.__version__,
                        "created_at": now(),
                    }
                ],
            )

    def reader(self) -> duckdb.DuckDBPyConnection:
        """Return a new read-only connection to the catalogue as it is now.

        Raises
        ------
        ArchiveError
            If there is none, it is damaged, or another program is writing to it.
        """
        connection = duckdb.connect(":memory:")
        try:
            _attach(connection, self.paths.catalogue, "READ_ONLY")
            (version,) = connection.execute(
                "SELECT max(schema_version) FROM archive_info"
            ).fetchone() or (None,)
        except duckdb.Error as error:
            connection.close()
            raise ArchiveError(
                f"{self.paths.catalogue}: cannot be opened ({_first_line(error)}); close any "
                "DuckDB shell that is writing to it, or delete the file to have it made anew"
            ) from None
        if version != SCHEMA_VERSION:
            connection.close()
            raise ArchiveError(
                f"{self.paths.catalogue}: has schema version {version}, this gphoton-db knows "
                f"{SCHEMA_VERSION}: use the version of gphoton-db that made it, or a newer one"
            )
        connection.execute(f"SET VARIABLE {ROOT_VARIABLE} = {literal(str(self.paths.root))}")
        return connection

    def has_legs(self, eclipse: int, band: Band) -> bool:
        """Return whether any leg of a band of an eclipse is in the archive."""
        with self.reader() as connection:
            found = connection.execute(
                "SELECT count(*) FROM legs WHERE eclipse = ? AND band = ?", [eclipse, str(band)]
            ).fetchone()
        return bool(found and found[0])

    def commit(self, ingested: IngestedBand, staged: Path) -> None:
        """Add the legs of a band of an eclipse, in place of any that were there.

        Parameters
        ----------
        ingested : IngestedBand
            The new rows.
        staged : Path
            Folder with the new files, laid out as in the archive; they are moved into it.
        """
        eclipse, band = ingested.ingest.eclipse, ingested.ingest.band
        with self._locked():
            for file in ingested.files:
                _move_durably(staged / file.path, self.paths.root / file.path)
            with self._next_version() as connection:
                _supersede(connection, eclipse, band)
                for table in ("legs", "leg_files"):
                    connection.execute(
                        f"DELETE FROM {table} WHERE eclipse = ? AND band = ?", [eclipse, band]
                    )
                _insert(connection, "legs", [asdict(leg) for leg in ingested.legs])
                _insert(connection, "leg_files", [asdict(file) for file in ingested.files])
                _insert_or_replace(connection, "calibration_files", ingested.calibration)
                _insert_or_replace(connection, "eclipses", [ingested.visit])
                _insert(connection, "ingests", [asdict(ingested.ingest)])
                outdated = _take_outdated(connection)
            for path in outdated:
                (self.paths.root / path).unlink(missing_ok=True)
            self._remove_strays(eclipse, band)

    def log_failure(self, ingest: IngestRecord) -> None:
        """Add a failed ingest to the log; nothing else changes."""
        with self._locked(), self._next_version() as connection:
            _insert(connection, "ingests", [asdict(ingest)])

    def restore(self, ingested: Sequence[IngestedBand]) -> None:
        """Make the catalogue anew from what the Parquet files of the archive say of themselves."""
        with self._locked():
            self.paths.catalogue.unlink(missing_ok=True)
            self.create()
            with self._next_version() as connection:
                for band in ingested:
                    _insert(connection, "legs", [asdict(leg) for leg in band.legs])
                    _insert(connection, "leg_files", [asdict(file) for file in band.files])
                    _insert_or_replace(connection, "calibration_files", band.calibration)
                    _insert_or_replace(connection, "eclipses", [band.visit])
                    _insert(connection, "ingests", [asdict(band.ingest)])

    def refresh_root(self) -> None:
        """Make the views name the folder in which the archive is now."""
        with self._locked(), self._next_version():
            pass

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = FileLock(self.paths.lock, timeout=LOCK_TIMEOUT_S)
        try:
            lock.acquire()
        except Timeout:
            raise ArchiveError(
                f"{self.paths.lock}: another process has held it for {LOCK_TIMEOUT_S:g} s; "
                "end that process and try again"
            ) from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _next_version(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a connection to a copy of the catalogue, which takes its place in the end."""
        self._refuse_foreign_changes()
        self.paths.staging.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="catalogue-", dir=self.paths.staging))
        copy = folder / self.paths.catalogue.name
        try:
            if self.paths.catalogue.exists():
                shutil.copyfile(self.paths.catalogue, copy)
            with duckdb.connect(":memory:") as connection:
                _attach(connection, copy, f"STORAGE_VERSION {literal(STORAGE_VERSION)}")
                connection.execute("BEGIN")
                yield connection
                define_views(connection, self.paths.root)
                connection.execute("COMMIT")
                connection.execute("CHECKPOINT")
                connection.execute("USE memory")
                connection.execute("DETACH gphoton")
            _move_durably(copy, self.paths.catalogue)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _refuse_foreign_changes(self) -> None:
        """Stop where somebody's own changes would be lost, or would spoil the new file."""
        log = self.paths.catalogue.with_name(self.paths.catalogue.name + ".wal")
        if log.exists():
            raise ArchiveError(
                f"{log}: a DuckDB shell is changing, or was killed while changing, the catalogue; "
                "close it (or open and close the catalogue in it once) and try again; tables of "
                "your own belong into a database of your own, with this one attached"
            )

    def _remove_strays(self, eclipse: int, band: str) -> None:
        """Remove files of this band of the eclipse that no catalogue knows (of killed ingests)."""
        with self.reader() as connection:
            known = {
                path
                for (path,) in connection.execute(
                    "SELECT path FROM leg_files UNION SELECT path FROM superseded_files"
                ).fetchall()
            }
        for kind in KINDS:
            folder = self.paths.root / leg_folder(kind, Band(band), eclipse, 0)
            for file in folder.parent.glob("leg=*/*.parquet"):
                if file.relative_to(self.paths.root).as_posix() not in known:
                    logger.info("removing %s, left by an interrupted ingest", file)
                    file.unlink(missing_ok=True)


def now() -> datetime:
    """Return the time, UTC, as the catalogue stores it (without a zone)."""
    return datetime.now(UTC).replace(tzinfo=None)


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, options: str) -> None:
    connection.execute(f"ATTACH {literal(str(path))} AS gphoton ({options})")
    connection.execute("USE gphoton")


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: list[dict[str, Any]],
    how: str = "INSERT",
) -> None:
    for row in rows:
        places = ", ".join("?" * len(row))
        connection.execute(
            f"{how} INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values())
        )


def _insert_or_replace(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Any]
) -> None:
    _insert(connection, table, [asdict(row) for row in rows], "INSERT OR REPLACE")


def _supersede(connection: duckdb.DuckDBPyConnection, eclipse: int, band: str) -> None:
    connection.execute(
        "INSERT INTO superseded_files SELECT path, ? FROM leg_files WHERE eclipse = ? AND band = ?",
        [now(), eclipse, band],
    )


def _take_outdated(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Forget superseded files whose time is over, and return their names."""
    rows = connection.execute(
        "DELETE FROM superseded_files WHERE superseded_at < ? RETURNING path",
        [now() - SUPERSEDED_FOR],
    ).fetchall()
    return [str(path) for (path,) in rows]


def _move_durably(source: Path, target: Path) -> None:
    """Move a file into place so that it is there, whole, after a power failure too."""
    with source.open("rb") as file:
        os.fsync(file.fileno())
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
