"""The tables that grow with the archive: small files, one for each table and block of eclipses.

A commit reads the files of the blocks that it changes into temporary tables of the tables' names,
changes those, and writes new files for what is not as it was.  The DuckDB file only lists which
files count (``segments``), and has views of them under the tables' names: so what a commit copies
and writes does not grow with the archive, and a file that is listed never changes.
"""

import logging
import os
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from gphoton_db.catalogue.definitions import (
    ROOT_VARIABLE,
    SEGMENT_PATHS,
    sql_version,
    start_of,
    table_statements,
)
from gphoton_db.catalogue.segment_files import (
    NO_ECLIPSE,
    SegmentFile,
    block_in_sql,
    blocks_of,
    size_in_sql,
    write_segments,
)
from gphoton_db.paths import SEGMENTED, segment_file
from gphoton_db.query.documentation import comments
from gphoton_db.query.sql_files import literal, read_sql
from gphoton_db.system.inside import remove_file

logger = logging.getLogger(__name__)

_STAMP = "%Y%m%dT%H%M%S%f"

Contents = Mapping[tuple[str, int], tuple[int, int]]
"""Number of rows, and a hash of them, of each table and block that has any."""


@dataclass(frozen=True)
class Loaded:
    """What a commit took from the files: tables, and what was in their blocks.

    `commit` is its name, which is part of those of the files that it writes.
    """

    tables: tuple[str, ...]
    before: Contents
    commit: str = field(default_factory=lambda: _commit_after(""))


def make_temporary(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    """Make temporary tables, which are empty, and hide the views of their names."""
    statements = table_statements()
    for table in tables:
        start = f"CREATE TABLE IF NOT EXISTS {table} "
        connection.execute(statements[table].replace(start, f"CREATE TEMP TABLE {table} "))


def load(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    tables: Iterable[str],
    eclipses: Iterable[int | None] | None,
) -> Loaded:
    """Read what the files say of some eclipses into temporary tables.

    Whole blocks are read: rows of other eclipses are in the tables too.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the next version of the catalogue.
    root : Path
        The archive's folder.
    tables : iterable of str
        Which tables.
    eclipses : iterable of int or None, optional
        Eclipses, None for rows of no one eclipse; None: all.
    """
    tables = tuple(tables)
    wanted = None if eclipses is None else list(eclipses)
    make_temporary(connection, tables)
    if not tables:
        return Loaded(tables, {})
    listed = _listed(connection)
    known = {path for path in listed.values()} | _superseded(connection)
    empty = _empty(connection)
    for table in tables:
        of_table = {block for name, block in listed if name == table}
        blocks = of_table if wanted is None else blocks_of(table, wanted)
        _remove_strays(root, known, table, blocks)
        paths = [listed[table, block] for block in sorted(blocks & of_table)]
        # See `inserts.insert_table` for what an insert without rows does.
        names = [literal(str(root / path)) for path in paths if path not in empty]
        if names:
            connection.execute(
                f"INSERT INTO temp.{table} BY NAME FROM read_parquet([{', '.join(names)}], "
                "hive_partitioning = false, union_by_name = true)"
            )
    return Loaded(tables, contents(connection, tables), _commit_after(_newest(listed.values())))


def _commit_after(last: str) -> str:
    """Return a name for a commit, later than another one also where a clock was set back."""
    now = datetime.now(UTC)
    if last:
        before = datetime.strptime(last.partition("-")[0], _STAMP).replace(tzinfo=UTC)
        now = max(now, before + timedelta(microseconds=1))
    return f"{now:{_STAMP}}-{secrets.token_hex(3)}"


def _newest(paths: Iterable[str]) -> str:
    """Return the name of the newest commit of some files."""
    return max((_stem(path).partition("-")[2] for path in paths), default="")


def _stem(path: str) -> str:
    """Return the name of a file without its ending; of thousands at each commit."""
    return path.rpartition("/")[2].removesuffix(".parquet")


def store(connection: duckdb.DuckDBPyConnection, folder: Path, loaded: Loaded) -> list[str]:
    """Write new files for the blocks that have changed, list them, and drop the temporary tables.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the next version of the catalogue.
    folder : Path
        Where the files go: the archive's folder.
    loaded : Loaded
        What was there.

    Returns
    -------
    list of str
        Files that no longer count, relative to the archive.
    """
    if not loaded.tables:
        return []
    now, before, listed = contents(connection, loaded.tables), loaded.before, _listed(connection)
    superseded = []
    for table in loaded.tables:
        keys = {key for key in now.keys() | before.keys() if key[0] == table}
        changed = {key for key in keys if now.get(key) != before.get(key)}
        changed |= {(table, NO_ECLIPSE)} - listed.keys()
        superseded += [listed[key] for key in sorted(changed & listed.keys())]
        write = sorted(block for key, block in changed if (key, block) in now or block < 0)
        if changed:
            numbers = ", ".join(str(block) for _, block in changed)
            connection.execute(
                f"DELETE FROM segments WHERE table_name = '{table}' AND block IN ({numbers})"
            )
            list_files(connection, write_segments(connection, folder, table, write, loaded.commit))
        connection.execute(f"DROP TABLE temp.{table}")
    return superseded


def list_files(connection: duckdb.DuckDBPyConnection, files: Sequence[SegmentFile]) -> None:
    """Enter files in the table ``segments``."""
    rows = ", ".join(
        f"('{f.table}', {f.block}, {literal(f.path)}, {f.n_rows}, {f.size_bytes}, '{f.sha256}')"
        for f in files
    )
    if files:
        connection.execute(f"INSERT INTO segments VALUES {rows}")


def discard(root: Path, loaded: Loaded) -> None:
    """Remove the files of a commit that did not succeed."""
    for table in loaded.tables:
        folder = (root / segment_file(table, NO_ECLIPSE, "")).parent
        for file in folder.glob(f"*-{loaded.commit}.parquet"):
            remove_file(root, file)


def define_tables(connection: duckdb.DuckDBPyConnection, folder: str) -> None:
    """Define the views that have the tables' names over the files that are listed now.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the next version of the catalogue, without temporary tables.
    folder : str
        SQL for the folder ``catalogue``.
    """
    lines: dict[str, list[str]] = {table: [] for table in SEGMENTED}
    for (table, block), path in _listed(connection).items():
        lines[table].append(f"{block}/{_stem(path)}")
    names = " ".join(
        f"WHEN '{table}' THEN {literal(chr(10).join(lines[table]))}" for table in SEGMENTED
    )
    statement = read_sql(SEGMENT_PATHS)
    statement = statement[start_of(statement) :]
    for name, value in {
        "$names": names,
        "$size": size_in_sql(),
        "$folder": folder,
    }.items():
        statement = statement.replace(name, value)
    connection.execute(statement)
    connection.execute(next(text for text in comments() if " segment_paths IS " in text))
    (stored,) = connection.execute("SELECT sql_version FROM archive_info").fetchall()[0]
    if stored == sql_version():
        return
    for table in SEGMENTED:
        # The files have text for it.
        replaced = "REPLACE (parameters::JSON AS parameters)" if table == "products" else ""
        connection.execute(
            f"CREATE OR REPLACE VIEW {table} AS SELECT * {replaced} "
            f"FROM read_parquet(segment_paths('{table}'), hive_partitioning = false)"
        )


def folder_in_sql(root: Path) -> str:
    """Return SQL for the folder of the files of an archive, which may have moved."""
    return f"coalesce(getvariable('{ROOT_VARIABLE}'), {literal(str(root))}) || '/catalogue'"


def contents(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> Contents:
    """Return number and a hash of the rows of each block that the temporary tables have."""
    each = (
        f"SELECT '{table}', {block_in_sql(table)} AS block, count(*), sum(hash(each)) "
        f"FROM temp.{table} AS each GROUP BY block"
        for table in tables
    )
    rows = connection.execute(" UNION ALL ".join(each)).fetchall()
    return {(table, block): (n, total) for table, block, n, total in rows}


def blocks_in(connection: duckdb.DuckDBPyConnection, loaded: Loaded) -> dict[str, set[int]]:
    """Return of each temporary table the blocks that it had rows of, or has now."""
    found: dict[str, set[int]] = {table: set() for table in loaded.tables}
    for table, block in loaded.before:
        found[table].add(block)
    if not found:
        return {}
    each = (
        f"SELECT DISTINCT '{table}', {block_in_sql(table)} FROM temp.{table}"
        for table in loaded.tables
    )
    for table, block in connection.execute(" UNION ALL ".join(each)).fetchall():
        found[table].add(block)
    return found


def _listed(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, int], str]:
    """Return the file of each table and block, those of no one eclipse first."""
    rows = connection.execute(
        "SELECT table_name, block, path FROM segments ORDER BY table_name, block"
    ).fetchall()
    return {(table, block): path for table, block, path in rows}


def _empty(connection: duckdb.DuckDBPyConnection) -> set[str]:
    paths = connection.execute("SELECT path FROM segments WHERE n_rows = 0").fetchall()
    return {path for (path,) in paths}


def _superseded(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {path for (path,) in connection.execute("SELECT path FROM superseded_files").fetchall()}


def _remove_strays(root: Path, known: Collection[str], table: str, blocks: Collection[int]) -> None:
    """Remove files of commits that were killed before the catalogue listed them."""
    starts = {Path(segment_file(table, block, "")).name.partition("-")[0] for block in blocks}
    folder = Path(segment_file(table, NO_ECLIPSE, "")).parent.as_posix()
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(root / folder) as entries:
        names = [entry.name for entry in entries]
        for name in names:
            # One that was being written has a dot before its name.
            start = name.removeprefix(".").partition("-")[0]
            if start in starts and f"{folder}/{name}" not in known:
                logger.info("removing %s, of a commit that did not succeed", root / folder / name)
                remove_file(root, root / folder / name)
