"""The archive: one folder with photons, and the object that opens it."""

import logging
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import duckdb

from gphoton_db.archive_calibration import ArchiveCalibration
from gphoton_db.archive_ingest import ArchiveIngest
from gphoton_db.archive_lightcurves import ArchiveLightCurves
from gphoton_db.archive_maps import ArchiveMaps
from gphoton_db.archive_products import ArchiveProducts
from gphoton_db.archive_run import ArchiveRun
from gphoton_db.archive_sources import ArchiveSources
from gphoton_db.archive_visits import ArchiveVisits
from gphoton_db.catalogue.catalogue import Catalogue, IngestedBand
from gphoton_db.catalogue.reads import QueryReads, report_reads
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.catalogue.status import (
    ANY_LEG,
    NEWEST,
    ArchiveStatus,
    LegFilter,
    archive_status,
)
from gphoton_db.catalogue.views import sql_version
from gphoton_db.errors import ArchiveError
from gphoton_db.intake.manifest import scan_archive
from gphoton_db.paths import ArchivePaths
from gphoton_db.query.named import load_query
from gphoton_db.query.query import Parameters, QueryResult, fetch, prepare_session, run_query

if TYPE_CHECKING:
    from gphoton_db.products.reader import ArchiveReader

logger = logging.getLogger(__name__)


class Archive(
    ArchiveProducts,
    ArchiveMaps,
    ArchiveLightCurves,
    ArchiveSources,
    ArchiveVisits,
    ArchiveCalibration,
    ArchiveRun,
    ArchiveIngest,
):
    """A photon archive on disk.

    Opening one that does not exist makes it; so does opening a folder of photon files whose
    catalogue was lost, which is made anew from the files.  Opening one that was moved makes its
    views name the new place, where it can be written.

    Parameters
    ----------
    path : str or Path
        Its folder.
    queries : str or Path, optional
        Folder with named queries of your own.

    Raises
    ------
    ArchiveError
        If it cannot be made, or its catalogue is damaged.

    Examples
    --------
    >>> with Archive("gphoton-archive") as archive:  # doctest: +SKIP
    ...     archive.ingest(23456, "NUV", raw6="e23456-nd-raw6.fits.gz", pointing="e23456/")
    ...     archive.query("SELECT count(*) FROM photons WHERE eclipse = ?", [23456]).df()
    """

    def __init__(self, path: str | Path, *, queries: str | Path | None = None) -> None:
        self.paths = ArchivePaths(Path(path).expanduser().resolve())
        self._queries = Path(queries).expanduser() if queries else None
        self._catalogue = Catalogue(self.paths)
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._opened: tuple[int, int] | None = None
        try:
            self._make_or_restore()
        except OSError as error:
            raise ArchiveError(
                f"{self.paths.root}: cannot be made or read ({error.strerror or error})"
            ) from None

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Archive({str(self.paths.root)!r})"

    def close(self) -> None:
        """Close the connection to the catalogue; the next query opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def query(self, sql: str, parameters: Parameters = None) -> QueryResult:
        """Run one read-only SQL statement.

        Parameters
        ----------
        sql : str
            The statement, with ``?`` or ``$name`` where values go.
        parameters : sequence or mapping, optional
            The values.

        Raises
        ------
        QueryError
            If it is not a single statement that reads, or DuckDB refuses it.
        """
        return run_query(self._reader(), sql, parameters)

    def named_query(self, name: str, /, **parameters: Any) -> QueryResult:
        """Run a named query, of the package or of the folder of your own.

        Parameters
        ----------
        name : str
            Its name; ``gphoton-db query`` lists them all.
        **parameters
            Values of its parameters, in the units that it declares.

        Raises
        ------
        QueryError
            If there is no such query, its file cannot be used, or a value does not fit.
        """
        query = load_query(name, self._queries)
        return self.query(query.sql, query.values(parameters) or None)

    def reads(self, sql: str, parameters: Parameters = None) -> QueryReads:
        """Run a statement, like `query`, and return which files and row groups it read.

        Raises
        ------
        QueryError
            If it is not a single statement that reads, or DuckDB refuses it.
        """
        # Its log is the connection's, which no other query should fill.
        with self._catalogue.reader() as connection:
            prepare_session(connection)
            return report_reads(connection, sql, parameters)

    def legs(self, eclipse: int | None = None) -> list[LegRecord]:
        """Return the legs of the archive, or of one eclipse, by eclipse, band and leg."""
        rows = fetch(
            self._reader(),
            "SELECT * FROM legs WHERE $eclipse IS NULL OR eclipse = $eclipse "
            "ORDER BY eclipse, band, leg",
            {"eclipse": eclipse},
        ).rows()
        return [LegRecord(**row) for row in rows]

    def status(
        self, wanted: LegFilter = ANY_LEG, *, newest: bool = True, limit: int | None = NEWEST
    ) -> ArchiveStatus:
        """Return what is in the archive, summed up, and the newest legs; see `archive_status`."""
        return archive_status(self._reader(), wanted, newest=newest, limit=limit)

    def _product_reader(self) -> "ArchiveReader":
        from gphoton_db.products.reader import ArchiveReader

        return ArchiveReader(self._catalogue, self._reader())

    def _reader(self) -> duckdb.DuckDBPyConnection:
        """Return a connection to the catalogue as it is now."""
        try:
            state = self.paths.catalogue.stat()
        except OSError as error:
            raise ArchiveError(f"{self.paths.catalogue}: {error.strerror}") from None
        version = (state.st_ino, state.st_mtime_ns)
        if self._connection is None or version != self._opened:
            self.close()
            self._connection = self._catalogue.reader()
            prepare_session(self._connection)
            self._opened = version
        return self._connection

    def _make_or_restore(self) -> None:
        if self.paths.catalogue.exists():
            self._settle()
            return
        self.paths.root.mkdir(parents=True, exist_ok=True)
        self._catalogue.restore(self._find_ingested)

    def _find_ingested(self) -> list[IngestedBand]:
        found = scan_archive(self.paths.root)
        if found:
            logger.warning(
                "%s: the catalogue was lost; made anew from the files of %d ingests",
                self.paths.root,
                len(found),
            )
        return found

    def _settle(self) -> None:
        """Make the views those of this gphoton-db, and of the folder in which the archive is now.

        That is, where it can be written.  Our own sessions name the folder in a variable; this is
        for the bare DuckDB shell.
        """
        (stored,) = fetch(self._reader(), "SELECT root, sql_version FROM archive_info").rows()
        if stored == {"root": str(self.paths.root), "sql_version": sql_version()}:
            return
        try:
            self._catalogue.refresh_root()
            logger.info("%s: moved here from %s", self.paths.root, stored["root"])
        except (ArchiveError, OSError) as error:
            logger.info("%s: was moved, and stays as it is (%s)", self.paths.root, error)
