"""The views over Parquet files: which files they read is part of their definition.

A view lists its files one by one, so a stray file is never read and nothing is searched for at
query time.  Names are relative; the archive's folder stands in the definition too, unless the
session has a variable ``gphoton_root``, so that a moved archive works at once.
"""

from pathlib import Path

import duckdb

from gphoton_db.paths import KINDS
from gphoton_db.sql_text import literal, read_sql

ROOT_VARIABLE = "gphoton_root"
"""DuckDB variable that overrides where the archive is."""

_HIVE = (
    "hive_partitioning = true, hive_types = {'eclipse': INTEGER, 'band': VARCHAR, 'leg': INTEGER}"
)

_FOLDER_COLUMNS = "NULL::INTEGER AS eclipse, NULL::VARCHAR AS band, NULL::INTEGER AS leg"

_EMPTY = {
    "photons": (
        "NULL::BIGINT AS t_ms, NULL::DOUBLE AS ra, NULL::DOUBLE AS dec, NULL::FLOAT AS col, "
        'NULL::FLOAT AS "row", NULL::UTINYINT AS flags, NULL::BOOLEAN AS mask, '
        "NULL::FLOAT AS response, NULL::UTINYINT AS q, NULL::UTINYINT AS ya, "
        "NULL::INTEGER AS cell"
    ),
    "ticks": ("NULL::BIGINT AS t_ms, NULL::BIGINT AS events, NULL::BIGINT AS unflagged"),
    "aspect": (
        "NULL::BIGINT AS t_ms, NULL::DOUBLE AS ra, NULL::DOUBLE AS dec, NULL::DOUBLE AS roll, "
        "NULL::BIGINT AS flags"
    ),
}


def define_views(connection: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Define the views over the files that ``leg_files`` lists now.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the catalogue, writable.
    root : Path
        The archive's folder.
    """
    for kind in KINDS:
        rows = connection.execute(
            "SELECT path FROM leg_files WHERE kind = ? ORDER BY band, eclipse, leg, part", [kind]
        ).fetchall()
        names = [str(path) for (path,) in rows]
        # Comments name $source too, and what stands for it has many lines.
        source = f"FROM {_source(kind, names, root)}"
        view = read_sql(f"views/{kind}.sql").replace("FROM $source", source)
        connection.execute(view)


def _source(kind: str, names: list[str], root: Path) -> str:
    if not names:
        return f"(SELECT {_FOLDER_COLUMNS}, {_EMPTY[kind]} WHERE false)"
    # One literal for all names: a list of a hundred thousand would be slow to parse.
    folder = f"coalesce(getvariable('{ROOT_VARIABLE}'), {literal(str(root))})"
    listed = f"string_split({literal(chr(10).join(names))}, chr(10))"
    return f"read_parquet(list_transform({listed}, lambda name: {folder} || '/' || name), {_HIVE})"
