"""Views and macros of the catalogue: what a user of SQL sees of the archive's files.

Which files they read is part of their definition (`gphoton_db.catalogue.place_index`), so a stray
file is never read and nothing is searched for at query time.  Names are relative; the archive's
folder stands in the definition too, unless the session has a variable ``gphoton_root``, so that a
moved archive works at once.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb

from gphoton_db.catalogue import survey
from gphoton_db.catalogue.definitions import in_order, sql_version, start_of
from gphoton_db.catalogue.merged import MergedIndex, make_tables, update_merged
from gphoton_db.catalogue.place_index import PlaceIndex, update_index
from gphoton_db.catalogue.read_with_key import read_with_key
from gphoton_db.catalogue.sources import stored_rows
from gphoton_db.paths import KINDS
from gphoton_db.query.documentation import comments
from gphoton_db.query.sql_files import literal
from gphoton_db.schemas import LEG, OF_LEGS, null_columns

# The band from the end of the path: folders above the archive may be called like one.
_READ_MERGED = (
    "(SELECT *, regexp_extract(filename, '.*/band=([A-Z]+)/', 1) AS band, filename "
    "FROM read_parquet(merged_paths(legs), hive_partitioning = false))"
)

_COMMENTED = re.compile(r"^COMMENT ON (?:MACRO TABLE|MACRO|VIEW|TABLE|COLUMN) (\w+)")


def define_views(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    changed: Collection[tuple[int, str]] | None = (),
) -> None:
    """Define the views and macros over the files that ``leg_files`` lists now.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the catalogue, writable.
    root : Path
        The archive's folder.
    changed : collection of (int, str) or None
        Eclipse and band of the legs that are new or gone; None where all may be, as they are taken
        to be when the views and macros are of another gphoton-db.
    """
    values = {"$root": literal(str(root))}
    (stored,) = connection.execute("SELECT sql_version FROM archive_info").fetchall()[0]
    if stored != sql_version():
        # Without legs at first: the files of all would be looked up to make a view.
        make_tables(connection)
        survey.make_tables(connection)
        connection.execute("DELETE FROM definitions")
        values |= _stored(connection, root)
        _define(connection, in_order(), values, PlaceIndex(), MergedIndex(), root)
        changed = None
    else:
        values |= _stored(connection, root)
    index = update_index(connection, changed)
    merged = update_merged(connection, changed)
    # Most say the same in every archive, and stay as they are until their text changes.
    filled = {n: text for n, text in in_order().items() if "$" in text[start_of(text) :]}
    _define(connection, filled, values, index, merged, root)
    connection.execute(f"UPDATE archive_info SET sql_version = '{sql_version()}'")


def _stored(connection: duckdb.DuckDBPyConnection, root: Path) -> dict[str, str]:
    """Return what the views of files that were made of legs read."""
    stored = stored_rows(connection, root) | survey.stored_survey(connection, root)
    return {f"$stored_{kind}": source for kind, source in stored.items()}


def _define(
    connection: duckdb.DuckDBPyConnection,
    texts: Mapping[str, str],
    values: Mapping[str, str],
    index: PlaceIndex,
    merged: MergedIndex,
    root: Path,
) -> None:
    """Create some views and macros, with what is said of them, if they say anything new."""
    values = {**values, **index.values(), **merged.values()}
    before = dict(connection.execute("SELECT name, hash FROM definitions").fetchall())
    made = {}
    for name, text in texts.items():
        kind = name.removesuffix("_of")
        if kind in KINDS:
            values["$source"] = _source(kind, index, merged, root)
        statement = _filled(text[start_of(text) :], values)
        found = hashlib.sha256(statement.encode()).hexdigest()
        # Even to define a macro DuckDB works out its lists of files, of all legs.
        if before.get(name) != found:
            connection.execute(statement)
            made[name] = found
    if made:
        for statement in comments(tables=len(texts) == len(in_order())):
            if len(texts) == len(in_order()) or _COMMENTED.findall(statement)[0] in made:
                connection.execute(statement)
        rows = ", ".join(f"({literal(name)}, '{found}')" for name, found in made.items())
        connection.execute(f"INSERT OR REPLACE INTO definitions VALUES {rows}")


def _source(kind: str, index: PlaceIndex, merged: MergedIndex, root: Path) -> str:
    """Return what the view `kind` reads: DuckDB reads no empty list of files."""
    if not index.patches:
        # The legs are looked at all the same: what is wrong with them is an error.
        columns = null_columns(LEG, OF_LEGS[kind])
        return f"(SELECT {columns}, NULL::VARCHAR AS filename FROM range(0 * len(legs)))"
    source = read_with_key(f"leg_paths(legs, '{kind}')", root)
    if kind != "photons" or not merged.any_file:
        return source
    columns = ", ".join(f'"{name}"' for name in (*LEG.names, *OF_LEGS[kind].names, "filename"))
    return f"(SELECT {columns} FROM {source} UNION ALL SELECT {columns} FROM {_READ_MERGED})"


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of their names in the statement, but not in the comment before."""
    start = start_of(text)
    return text[:start] + re.sub(r"\$\w+", lambda name: values[name[0]], text[start:])
