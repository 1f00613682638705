"""Tables of the whole archive: objects and what visits saw of them, checks of astrometry, flares.

They are Parquet files in the folder ``survey``, for every commit copies the catalogue, and a survey
has millions of rows.  The table ``survey_files`` lists those that count, one of each kind.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from gphoton_db.catalogue.definitions import table_statements
from gphoton_db.catalogue.superseded import insert_superseded
from gphoton_db.query.sql_files import literal

TABLES = ("survey_files",)


@dataclass(frozen=True)
class SurveyFileRecord:
    """A file with one table of the whole archive.

    Parameters
    ----------
    kind
        One of `schemas.OF_SURVEY`.
    path
        Relative to the archive.
    parameters
        What it was made with, as JSON.
    """

    kind: str
    path: str
    parameters: str
    n_rows: int
    size_bytes: int
    sha256: str
    software_version: str
    made_at: datetime


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the list of these files, which an older gphoton-db did not know."""
    for table in TABLES:
        connection.execute(table_statements()[table])


def stored_survey(connection: duckdb.DuckDBPyConnection, root: Path) -> dict[str, str]:
    """Return what the view of each kind reads."""
    from gphoton_db.schemas import OF_SURVEY

    found = dict(connection.execute("SELECT kind, path FROM survey_files").fetchall())
    return {kind: _rows_of(kind, found.get(kind), root) for kind in OF_SURVEY}


def _rows_of(kind: str, path: str | None, root: Path) -> str:
    """Return what the view of a kind reads; DuckDB reads no empty list of files."""
    from gphoton_db.schemas import OF_SURVEY, null_columns

    # To define a view DuckDB opens its files: one that is gone would be in the way of all commits.
    if path is None or not (root / path).is_file():
        return f"(SELECT {null_columns(OF_SURVEY[kind])} LIMIT 0)"
    folder = f"coalesce(getvariable('gphoton_root'), {literal(str(root))})"
    return f"read_parquet({folder} || '/' || {literal(path)}, hive_partitioning = false)"


def replace_files(
    connection: duckdb.DuckDBPyConnection, records: Collection[SurveyFileRecord]
) -> None:
    """Enter files, each in the place of the one of its kind, which stays for a while."""
    for record in records:
        rows = connection.execute(
            f"DELETE FROM survey_files WHERE kind = {literal(record.kind)} RETURNING path"
        ).fetchall()
        insert_superseded(connection, [path for (path,) in rows])
        values = ", ".join(
            f"TIMESTAMP {literal(value.isoformat(sep=' '))}"
            if isinstance(value, datetime)
            else literal(value)
            if isinstance(value, str)
            else str(value)
            for value in asdict(record).values()
        )
        connection.execute(f"INSERT INTO survey_files VALUES ({values})")
