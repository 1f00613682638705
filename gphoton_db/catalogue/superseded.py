"""Files that no longer count, kept for a while for readers of an older catalogue."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from gphoton_db.errors import ArchiveError
from gphoton_db.query.sql_files import literal
from gphoton_db.system.inside import inside, remove_file

logger = logging.getLogger(__name__)


def now() -> datetime:
    """Return the time, UTC, as the catalogue stores it (without a zone)."""
    return datetime.now(UTC).replace(tzinfo=None)


def insert_superseded(connection: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> None:
    """Enter files that no longer count; they stay for a while."""
    at = literal(now().isoformat(sep=" "))
    rows = ", ".join(f"({literal(path)}, TIMESTAMP {at})" for path in dict.fromkeys(paths))
    if rows:
        connection.execute(f"INSERT OR REPLACE INTO superseded_files VALUES {rows}")


def remove_outdated(connection: duckdb.DuckDBPyConnection, root: Path, before: datetime) -> None:
    """Remove and forget files of an archive that have not counted since a time (UTC).

    What is listed and is not in the archive stays where it is, which is logged.
    """
    at = literal(before.isoformat(sep=" "))
    rows = connection.execute(
        f"DELETE FROM superseded_files WHERE superseded_at < TIMESTAMP {at} RETURNING path"
    ).fetchall()
    for (path,) in rows:
        try:
            remove_file(root, inside(root, path))
        except ArchiveError as error:
            logger.warning("%s", error)
