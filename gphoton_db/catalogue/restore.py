"""The whole catalogue made at once: anew where it was lost, or from that of an older gphoton-db."""

import logging
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path

import duckdb

from gphoton_db._version import __version__
from gphoton_db.catalogue.coverage import add_missing
from gphoton_db.catalogue.definitions import ROOT_VARIABLE, table_statements
from gphoton_db.catalogue.empty_archive import keep_files
from gphoton_db.catalogue.file import locked, next_version
from gphoton_db.catalogue.finish import finish
from gphoton_db.catalogue.inserts import insert, insert_or_replace, insert_records
from gphoton_db.catalogue.kept import insert_kept, keep_whole
from gphoton_db.catalogue.kept_coverage import KeptCoverage
from gphoton_db.catalogue.records import CalibrationFileRecord
from gphoton_db.catalogue.segment_files import (
    NO_ECLIPSE,
    WRITERS,
    SegmentFile,
    segment_folder,
)
from gphoton_db.catalogue.segments import Contents, Loaded, contents, list_files, make_temporary
from gphoton_db.catalogue.shutter_gaps import insert_gaps
from gphoton_db.catalogue.source_files import find_source_files
from gphoton_db.catalogue.sources import add_source_file
from gphoton_db.catalogue.staged import FoundBlock, IngestedBand
from gphoton_db.catalogue.superseded import insert_superseded, now
from gphoton_db.catalogue.survey import replace_files
from gphoton_db.catalogue.survey_files import find_survey_files
from gphoton_db.catalogue.visit_files import find_visits
from gphoton_db.catalogue.visits import KnownVisits, note_metadata, note_visits
from gphoton_db.errors import ArchiveError
from gphoton_db.paths import SEGMENTED, ArchivePaths
from gphoton_db.query.sql_files import literal
from gphoton_db.system.threads import in_order

logger = logging.getLogger(__name__)

Known = Collection[tuple[int, str]]
"""Eclipses and bands of which the legs and files are known."""

Find = Callable[[Known], Iterable[FoundBlock]]
"""Gives what the files say; of what is known the legs and files are not wanted."""

LEGS_AT_ONCE = 4000
"""Legs that are inserted together."""

_TABLES = tuple(table for table in SEGMENTED if table != "coverage")
"""Those that are tables while the catalogue is made anew."""


def upgrade(connection: duckdb.DuckDBPyConnection, root: Path, folder: Path, version: int) -> None:
    """Fill an empty catalogue from one that an older gphoton-db made, which is attached as ``old``.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the next version of the catalogue.
    root : Path
        The archive's folder.
    folder : Path
        Where the catalogue is, if it is a copy.
    version : int
        Of the tables.
    """
    _make_tables(connection, root)
    there = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old'"
    ).fetchall()
    old = {str(table) for (table,) in there}
    for table in table_statements():
        if table in old:
            # Columns that an older table lacks are NULL.
            connection.execute(f"INSERT INTO {table} BY NAME FROM old.main.{table}")
            _check_whole(connection, table)
    connection.execute(f"UPDATE archive_info SET schema_version = {version}, sql_version = NULL")
    add_missing(connection, root)
    _supersede_others(connection, folder)
    finish(connection, root, folder, Loaded(SEGMENTED, {}))


def _check_whole(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Stop where DuckDB does not show rows that it took; `inserts.insert_table` says when."""
    counts = f"SELECT (SELECT count(*) FROM {table}), (SELECT count(*) FROM old.main.{table})"
    ((found, wanted),) = connection.execute(counts).fetchall()
    if found < wanted:
        raise ArchiveError(
            f"{table}: {found:,} of {wanted:,} rows were taken over; nothing changed"
        )


def upgraded(paths: ArchivePaths, old: int, version: int) -> Path:
    """Upgrade a catalogue that an older gphoton-db made, or a copy where it cannot be written.

    Parameters
    ----------
    paths : ArchivePaths
        Where the archive is.
    old, version : int
        Of its tables, and of those that it is to have.

    Returns
    -------
    Path
        The catalogue, or a copy in a folder of its own, which is the caller's to remove.

    Raises
    ------
    ArchiveError
        If not even a copy can be upgraded.
    """
    root, catalogue = paths.root, paths.catalogue
    logger.info("%s: upgrading from schema version %d", catalogue, old)
    try:
        with locked(paths), next_version(paths, anew=True) as connection:
            upgrade(connection, root, root, version)
        return catalogue
    except (ArchiveError, OSError) as error:
        why = error
    try:
        return _upgraded_copy(paths, version)
    except (ArchiveError, OSError) as error:
        raise ArchiveError(
            f"{catalogue}: has schema version {old} and cannot be upgraded to {version} "
            f"({why}; nor can a copy: {error}): open it once where it can be written, or use the "
            "version of gphoton-db that made it"
        ) from None


def _upgraded_copy(paths: ArchivePaths, version: int) -> Path:
    copy = ArchivePaths(Path(tempfile.mkdtemp(prefix="gphoton-db-")))
    try:
        shutil.copyfile(paths.catalogue, copy.catalogue)
        with next_version(copy, anew=True, root=paths.root) as connection:
            upgrade(connection, paths.root, copy.root, version)
    except BaseException:
        shutil.rmtree(copy.root, ignore_errors=True)
        raise
    return copy.catalogue


def make_anew(paths: ArchivePaths, find: Find | None, version: int) -> None:
    """Make the catalogue of an archive that has none, and keep it if there is nothing in it.

    It must be locked.  The parameters are those of `restore`; without files `find` is None.
    """
    nothing = find is None and not paths.segments.exists()
    with next_version(paths, anew=True) as connection:
        restore(connection, paths, find or (lambda known: ()), version)
    if nothing:
        keep_files(paths)


def restore(
    connection: duckdb.DuckDBPyConnection, paths: ArchivePaths, find: Find, version: int
) -> None:
    """Fill an empty catalogue from the files of an archive.

    The catalogue's own files (`segments`) are used for the legs whose Parquet files are all there,
    and no others of the same legs; what else there is is looked at.  They alone know products,
    ingests that failed, and imported coverage.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the next version of the catalogue.
    paths : ArchivePaths
        Where the archive is.
    find : callable
        Looks at the Parquet files of legs.
    version : int
        Of the tables.
    """
    root = paths.root
    _make_tables(connection, root, _TABLES)
    _begin(connection, version)
    insert_kept(connection, paths)
    kept = Loaded(_TABLES, _unchanged(connection))
    known = keep_whole(connection, root)
    n_ingests = _insert_found(connection, paths, find(known), kept.commit)
    if n_ingests:
        logger.warning(
            "%s: the catalogue was lost; made anew from the files of %d ingests", root, n_ingests
        )
    note_visits(connection, find_visits(paths.pointing))
    for record in find_source_files(root):
        insert_superseded(connection, add_source_file(connection, record))
    replace_files(connection, find_survey_files(root))
    _supersede_others(connection, root)
    finish(connection, root, root, kept)


def _insert_found(
    connection: duckdb.DuckDBPyConnection,
    paths: ArchivePaths,
    blocks: Iterable[FoundBlock],
    commit: str,
) -> int:
    """Enter what files say, block by block, and return of how many ingests."""
    coverage = KeptCoverage.of(connection, paths)
    calibration: dict[tuple[str, str], tuple[datetime, CalibrationFileRecord]] = {}
    n_ingests = 0

    def with_coverage(found: FoundBlock) -> tuple[FoundBlock, SegmentFile | None]:
        return found, coverage.file_of(commit, found)

    # The file of no eclipse is always there.
    every = chain([FoundBlock(NO_ECLIPSE, ())], blocks)
    with segment_folder(paths.root, "coverage"):
        files: dict[int, SegmentFile] = {}
        waiting: list[IngestedBand] = []
        for found, file in in_order(with_coverage, every, threads=WRITERS):
            files |= {file.block: file} if file else {}
            waiting += found.bands
            n_ingests += len(found.bands)
            if sum(len(band.legs) for band in waiting) >= LEGS_AT_ONCE:
                _insert_bands(connection, waiting, calibration)
                waiting = []
        _insert_bands(connection, waiting, calibration)
    list_files(connection, list(files.values()))
    insert_or_replace(connection, "calibration_files", [each for _, each in calibration.values()])
    return n_ingests


def _insert_bands(
    connection: duckdb.DuckDBPyConnection,
    found: Sequence[IngestedBand],
    calibration: dict[tuple[str, str], tuple[datetime, CalibrationFileRecord]],
) -> None:
    """Enter what ingests said; of calibration files collect the newest that is said of each."""
    insert_records(connection, "legs", [leg for band in found for leg in band.legs])
    insert_records(connection, "leg_files", [file for band in found for file in band.files])
    insert_records(connection, "ingests", [band.ingest for band in found], "INSERT OR IGNORE")
    insert_gaps(connection, [gap for band in found for gap in band.gaps])
    in_time = sorted(found, key=lambda band: band.ingest.started_at)
    for band in in_time:
        for file in band.calibration:
            said = band.ingest.started_at, file
            earlier = calibration.setdefault((file.calibration, file.name), said)
            if said[0] >= earlier[0]:
                calibration[file.calibration, file.name] = said
    _note_ingested(connection, in_time)


def _make_tables(
    connection: duckdb.DuckDBPyConnection, root: Path, tables: Sequence[str] = SEGMENTED
) -> None:
    connection.execute(f"SET VARIABLE {ROOT_VARIABLE} = {literal(str(root))}")
    for table, statement in table_statements().items():
        if table not in SEGMENTED:
            connection.execute(statement)
    make_temporary(connection, tables)


def _unchanged(connection: duckdb.DuckDBPyConnection) -> Contents:
    """Return what the listed files have, where the tables have all of it and nothing else."""
    sizes = connection.execute("SELECT table_name, block, n_rows FROM segments").fetchall()
    in_files = {(table, block): n_rows for table, block, n_rows in sizes}
    found = contents(connection, _TABLES)
    return {key: value for key, value in found.items() if in_files.get(key) == value[0]}


def _supersede_others(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Enter the catalogue's own files that are there and do not count."""
    listed = {path for (path,) in connection.execute("SELECT path FROM segments").fetchall()}
    files = ArchivePaths(folder).segments.glob("*/*.parquet")
    names = {file.relative_to(folder).as_posix() for file in files}
    insert_superseded(connection, sorted(names - listed))


def _begin(connection: duckdb.DuckDBPyConnection, version: int) -> None:
    """Say what the catalogue is."""
    about = {
        "schema_version": version,
        "software_version": __version__,
        "created_at": now(),
        "root": "",
        "sql_version": None,
    }
    insert(connection, "archive_info", [about])


def _note_ingested(connection: duckdb.DuckDBPyConnection, found: Sequence[IngestedBand]) -> None:
    """Enter what the ingests knew of their eclipses, in the order in which they did."""
    waiting = list(found)
    while waiting:
        first = {band.ingest.eclipse: band for band in reversed(waiting)}
        metadata = KnownVisits.of(band.visit for band in first.values()).metadata
        note_metadata(connection, metadata, by_ingest=True)
        noted = set(map(id, first.values()))
        waiting = [band for band in waiting if id(band) not in noted]
