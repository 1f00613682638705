"""The catalogue: a small DuckDB file that says which legs there are and which files hold them."""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import duckdb

from gphoton_db._version import __version__
from gphoton_db.catalogue.definitions import ROOT_VARIABLE
from gphoton_db.catalogue.file import another_connection, locked, next_version, open_catalogue
from gphoton_db.catalogue.ingested import insert_ingested
from gphoton_db.catalogue.inserts import insert, insert_or_replace
from gphoton_db.catalogue.made import insert_made, insert_products, move_made
from gphoton_db.errors import ArchiveError
from gphoton_db.mission import Band
from gphoton_db.paths import KINDS, ArchivePaths, leg_folder
from gphoton_db.query.sql_files import literal, read_sql
from gphoton_db.system.durable import move_durably

if TYPE_CHECKING:
    from gphoton_db.catalogue.coverage import CoverageRecord
    from gphoton_db.catalogue.records import IngestRecord, ProductRecord
    from gphoton_db.catalogue.sources import SourceFileRecord
    from gphoton_db.catalogue.staged import IngestedBand, StagedBand, StagedProducts
    from gphoton_db.catalogue.visits import KnownVisits

logger = logging.getLogger(__name__)

SCHEMA_VERSION = 4
"""Version 2 added views and macros, and the tables boresights, shutter_gaps and products; version
3 the table source_files, with the views sources and photometry; version 4 bounds in leg_files."""

SUPERSEDED_FOR = timedelta(hours=1)
"""How long the files of a replaced leg stay, for readers of an older catalogue."""


class Catalogue:
    """The catalogue of the archive at `paths`."""

    def __init__(self, paths: ArchivePaths) -> None:
        self.paths = paths
        self.incoming = paths.root  # where new files are written, laid out as in the archive

    def reader(self) -> duckdb.DuckDBPyConnection:
        """Return a new read-only connection to the catalogue as it is now.

        Raises
        ------
        ArchiveError
            If there is none, it is damaged, or of another version.
        """
        connection = open_catalogue(self.paths.catalogue)
        version = _version(connection)
        if version < SCHEMA_VERSION:
            connection.close()
            self._upgrade(version)
            connection = open_catalogue(self.paths.catalogue)
            version = _version(connection)
        if version != SCHEMA_VERSION:
            connection.close()
            raise ArchiveError(
                f"{self.paths.catalogue}: has schema version {version}, this gphoton-db knows "
                f"{SCHEMA_VERSION}: use the version of gphoton-db that made it, or a newer one"
            )
        return self._with_root(connection)

    def another_reader(self, reader: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        """Return a new connection to the same copy of the catalogue as another one."""
        return self._with_root(another_connection(reader))

    def _with_root(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        connection.execute(f"SET VARIABLE {ROOT_VARIABLE} = {literal(str(self.paths.root))}")
        return connection

    def has_legs(self, eclipse: int, band: Band) -> bool:
        """Return whether any leg of a band of an eclipse is in the archive."""
        return (eclipse, str(band)) in self.bands()

    def bands(self) -> set[tuple[int, str]]:
        """Return eclipse and band of all that is in the archive."""
        # Without a bound parameter, at the first of which DuckDB imports pandas: that takes long.
        with self.reader() as connection:
            return set(connection.execute("SELECT DISTINCT eclipse, band FROM legs").fetchall())

    def commit(
        self,
        staged: "Sequence[StagedBand]",
        failed: "Sequence[IngestRecord]" = (),
        made: "Sequence[StagedProducts]" = (),
    ) -> None:
        """Add bands of eclipses, each in place of what there was of it, all or none of them.

        Parameters
        ----------
        staged : sequence of StagedBand
            What is new; the files are moved into the archive.
        failed : sequence of IngestRecord
            Lines for the log of ingests; nothing else changes by them.
        made : sequence of StagedProducts
            Products, each in place of what there was of its name; the files are moved too.
        """
        with locked(self.paths):
            try:
                for band in staged:
                    for file in band.ingested.files:
                        move_durably(band.folder / file.path, self.paths.root / file.path)
                move_made(made, self.paths.root)
                bands = {(b.ingested.ingest.eclipse, b.ingested.ingest.band) for b in staged}
                with self._next_version(changed=bands) as connection:
                    if staged:
                        self._remove_outdated(connection)
                    for band in staged:
                        _supersede(connection, band.ingested.ingest)
                        insert_ingested(connection, band.ingested)
                    insert(connection, "ingests", [asdict(ingest) for ingest in failed])
                    _insert_superseded(connection, insert_made(connection, made))
            finally:
                self._remove_strays([band.ingested.ingest for band in staged])

    def add_products(self, products: "Sequence[ProductRecord]") -> None:
        """Enter files that were made from the archive; each takes the place of an earlier one."""
        with locked(self.paths), self._next_version() as connection:
            insert_products(connection, products)

    def add_source_file(self, record: "SourceFileRecord") -> None:
        """Enter a file with sources or photometry, which is in place, for an earlier one."""
        from gphoton_db.catalogue.sources import add_source_file

        with locked(self.paths), self._next_version() as connection:
            _insert_superseded(connection, add_source_file(connection, record))

    def replace_coverage(self, rows: "Sequence[CoverageRecord]") -> None:
        """Put the coverage of legs in the place of what there was of it."""
        with locked(self.paths), self._next_version() as connection:
            insert_or_replace(connection, "coverage", rows)

    def note_visits(
        self, visits: "KnownVisits", *, files: AbstractContextManager[None] | None = None
    ) -> None:
        """Enter visits that are known, whether ingested or not; see `visits.note_visits`.

        Parameters
        ----------
        visits : KnownVisits
            What to note.
        files : context manager, optional
            Puts the files that say so in place, once no other process can commit.
        """
        from gphoton_db.catalogue.visits import note_visits

        with locked(self.paths), files or nullcontext(), self._next_version() as connection:
            note_visits(connection, visits)

    def restore(self, find: "Callable[[], Sequence[IngestedBand]]") -> None:
        """Make the catalogue, if there is none, from what the archive's files say of themselves.

        Parameters
        ----------
        find : callable
            Returns what there is; asked when no other process can add to the archive.
        """
        # They read FITS files, which is too much to import for what only reads the catalogue.
        from gphoton_db.catalogue.coverage import add_missing
        from gphoton_db.catalogue.source_files import find_source_files
        from gphoton_db.catalogue.sources import add_source_file
        from gphoton_db.catalogue.visit_files import find_visits
        from gphoton_db.catalogue.visits import note_visits

        with locked(self.paths):
            if self.paths.catalogue.exists():
                return  # another process was faster
            found, visits = find(), find_visits(self.paths.pointing)
            with self._next_version(changed=None) as connection:
                connection.execute(read_sql("schema.sql"))
                insert(connection, "archive_info", [_archive_info()])
                for ingested in found:
                    insert_ingested(connection, ingested)
                note_visits(connection, visits)
                for record in find_source_files(self.paths.root):
                    _insert_superseded(connection, add_source_file(connection, record))
                add_missing(connection, self.paths.root)

    def _upgrade(self, version: int) -> None:
        """Bring a catalogue that an older gphoton-db made up to date."""
        from gphoton_db.catalogue.coverage import add_missing

        logger.info("%s: upgrading from schema version %d", self.paths.catalogue, version)
        try:
            with locked(self.paths), self._next_version(changed=None) as connection:
                # Every statement leaves alone what is there already.
                connection.execute(read_sql("schema.sql"))
                connection.execute(read_sql("updates/archive_info.sql"))
                connection.execute(read_sql("updates/leg_files.sql"))
                connection.execute("UPDATE archive_info SET schema_version = ?", [SCHEMA_VERSION])
                add_missing(connection, self.paths.root)
        except (ArchiveError, OSError) as error:
            raise ArchiveError(
                f"{self.paths.catalogue}: has schema version {version} and cannot be upgraded to "
                f"{SCHEMA_VERSION} ({error}): open it once where it can be written, or use the "
                "version of gphoton-db that made it"
            ) from None

    def refresh_root(self) -> None:
        """Make the views name the folder in which the archive is now."""
        with locked(self.paths), self._next_version():
            pass

    @contextmanager
    def _next_version(
        self, *, changed: Collection[tuple[int, str]] | None = ()
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a copy to change; `changed` are the bands whose legs change, None for all."""
        # With Arrow, which what only reads the catalogue does not need.
        from gphoton_db.catalogue.coverage import forget_outdated_legs
        from gphoton_db.catalogue.sources import forget_outdated
        from gphoton_db.catalogue.views import define_views, update_shutter_gaps

        with next_version(self.paths) as connection:
            yield connection
            root = literal(str(self.paths.root))  # a bound value would import pandas
            connection.execute(f"UPDATE archive_info SET root = {root}")
            _insert_superseded(connection, forget_outdated(connection))
            update_shutter_gaps(connection, self.paths.root)
            forget_outdated_legs(connection)
            define_views(connection, self.paths.root, changed)

    def _remove_outdated(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Remove and forget superseded files whose time is over."""
        rows = connection.execute(
            "DELETE FROM superseded_files WHERE superseded_at < ? RETURNING path",
            [now() - SUPERSEDED_FOR],
        ).fetchall()
        for (path,) in rows:
            (self.paths.root / path).unlink(missing_ok=True)

    def _remove_strays(self, ingests: "Sequence[IngestRecord]") -> None:
        """Remove files of these bands of eclipses that the catalogue does not know.

        They are of ingests that were killed, or of those that are failing now.
        """
        try:
            known = self._known_files() if ingests else set()
            folders = [
                self.paths.root / leg_folder(kind, Band(ingest.band), ingest.eclipse, 0)
                for ingest in ingests
                for kind in KINDS
            ]
            for folder in folders:
                for file in folder.parent.glob("leg=*/*.parquet"):
                    if file.relative_to(self.paths.root).as_posix() not in known:
                        logger.info("removing %s, of an ingest that did not succeed", file)
                        file.unlink(missing_ok=True)
        except (ArchiveError, OSError) as error:
            # They harm nobody: what the catalogue does not list is not read.
            logger.warning("files of ingests that did not succeed are left over: %s", error)

    def _known_files(self) -> set[str]:
        with self.reader() as connection:
            rows = connection.execute(
                "SELECT path FROM leg_files UNION ALL SELECT path FROM superseded_files"
            ).fetchall()
        return {str(path) for (path,) in rows}


def _version(connection: duckdb.DuckDBPyConnection) -> int:
    rows = connection.execute("SELECT max(schema_version) FROM archive_info").fetchall()
    return int(rows[0][0])


def now() -> datetime:
    """Return the time, UTC, as the catalogue stores it (without a zone)."""
    return datetime.now(UTC).replace(tzinfo=None)


def _archive_info() -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "software_version": __version__,
        "created_at": now(),
        "root": "",
        "sql_version": None,
    }


def _insert_superseded(connection: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> None:
    """Enter files that no longer count; they stay for a while."""
    rows = [{"path": path, "superseded_at": now()} for path in paths]
    insert(connection, "superseded_files", rows, "INSERT OR REPLACE")


def _supersede(connection: duckdb.DuckDBPyConnection, ingest: "IngestRecord") -> None:
    """Take what there is of a band of an eclipse out of the archive; its files stay for a while."""
    key = [ingest.eclipse, ingest.band]
    connection.execute(
        "INSERT INTO superseded_files SELECT path, ? FROM leg_files WHERE eclipse = ? AND band = ?",
        [now(), *key],
    )
    for table in ("legs", "leg_files"):
        connection.execute(f"DELETE FROM {table} WHERE eclipse = ? AND band = ?", key)
