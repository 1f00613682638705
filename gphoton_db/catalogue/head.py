"""What must hold of a catalogue's head, ``gphoton.duckdb``, before anything in it is believed.

It may be damaged, or a stranger's; so nothing of it runs before these have looked.
"""

from pathlib import Path

import duckdb

from gphoton_db.catalogue.definitions import table_statements
from gphoton_db.catalogue.merged import TABLES as MERGED_TABLES
from gphoton_db.catalogue.segment_files import FILE_NAME
from gphoton_db.catalogue.survey import TABLES as SURVEY_TABLES
from gphoton_db.catalogue.totals import TOTALS
from gphoton_db.errors import ArchiveError
from gphoton_db.paths import SEGMENTED

_SEGMENTS_SINCE = 5
"""The version of the tables since which some are files."""

_LATER = {*MERGED_TABLES, *SURVEY_TABLES}
"""Tables of the head that one of this version may lack: they are made when its views are."""

# Those of sums are made where there are none.
_OF_THE_HEAD = set(table_statements()) - set(SEGMENTED) - set(TOTALS) - _LATER

_MADE_ANEW = "move gphoton.duckdb away, and it is made anew from the photon files"


def check_head(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Check that tables are tables, for a view would run a query, and list files of their own.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To a session that is confined (`jail.confine`).
    path : Path
        The head, for messages.

    Raises
    ------
    ArchiveError
        If it does not hold.
    """
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'gphoton'"
    ).fetchall()
    found = {str(name) for (name,) in rows}
    # Older versions had other tables, of which an upgrade takes what are tables.
    first = {"archive_info"}
    needed = first if first - found or version_of(connection) < _SEGMENTS_SINCE else _OF_THE_HEAD
    if needed - found:
        raise ArchiveError(
            f"{path}: is no catalogue of gphoton-db, which has "
            f"{', '.join(sorted(needed - found))} as tables: {_MADE_ANEW}"
        )
    if needed is _OF_THE_HEAD:
        _check_later(connection, path)
        _check_segments(connection, path)


def _check_later(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    rows = connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE database_name = 'gphoton'"
    ).fetchall()
    views = _LATER & {str(name) for (name,) in rows}
    if views:
        raise ArchiveError(
            f"{path}: is no catalogue of gphoton-db, which has {', '.join(sorted(views))} as "
            f"tables: {_MADE_ANEW}"
        )


def version_of(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the version of the tables.

    Raises
    ------
    ArchiveError
        If it cannot be read.
    """
    try:
        found = connection.execute("SELECT max(schema_version) FROM archive_info").fetchall()
        return int(found[0][0])
    except (duckdb.Error, TypeError, ValueError) as error:
        raise ArchiveError(
            f"the catalogue says no version of its tables ({error}): {_MADE_ANEW}"
        ) from None


def _check_segments(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    try:
        wrong = connection.execute(
            # One pattern for all: to compile one for each file takes longer than all else here.
            "SELECT path FROM segments WHERE NOT coalesce(regexp_full_match(path, "
            f"'catalogue/[a-z_]+/{FILE_NAME}') "
            "AND starts_with(path, 'catalogue/' || table_name || '/') "
            f"AND table_name IN {SEGMENTED}, false) LIMIT 1"
        ).fetchall()
    except duckdb.Error as error:
        wrong = [(error,)]
    if wrong:
        raise ArchiveError(
            f"{path}: lists {str(wrong[0][0])!r} as a file of its own, which it is not: "
            f"{_MADE_ANEW}"
        )
