"""What the catalogue's own files still say where the catalogue was lost, and whether it holds."""

import logging
import os
import re
from collections import defaultdict
from functools import partial
from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from gphoton_db.catalogue.inserts import insert_table, relation
from gphoton_db.catalogue.segment_files import FILE_NAME, NO_ECLIPSE, SegmentFile
from gphoton_db.catalogue.segments import list_files
from gphoton_db.paths import SEGMENTED, ArchivePaths
from gphoton_db.system.cores import usable_cores
from gphoton_db.system.inside import remove_file
from gphoton_db.system.threads import in_order

logger = logging.getLogger(__name__)

MOST_BYTES = 200_000_000
"""Of rows that are inserted together."""

_NAME = re.compile(FILE_NAME)

EclipseBand = tuple[int, str]
"""Number of an eclipse, and name of a band."""

ELSEWHERE = ("coverage", "source_files")
"""Tables that are not inserted: outlines stay in their files (`kept_coverage`), and files of
sources say themselves what they are, and in which order they came."""


def insert_kept(connection: duckdb.DuckDBPyConnection, paths: ArchivePaths) -> None:
    """Insert, and list, what the newest file of each table and block has.

    It may be of a commit that was killed before the catalogue was replaced: what it says is as
    true, for the files of legs were in place before.  Damaged files are left out, and logged.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To a catalogue whose tables are empty.
    paths : ArchivePaths
        Where the archive is.
    """
    for table in set(SEGMENTED) - set(ELSEWHERE):
        how = "INSERT" if table == "shutter_gaps" else "INSERT OR IGNORE"
        read = partial(read_kept, paths.root, table)
        files: list[SegmentFile] = []
        together: list[pa.Table] = []
        n_bytes = 0
        for file, rows in filter(
            None, in_order(read, newest_files(paths, table), threads=usable_cores())
        ):
            files.append(file)
            together.append(rows)
            n_bytes += rows.nbytes
            if n_bytes > MOST_BYTES:
                insert_table(connection, table, pa.concat_tables(together), how)
                together, n_bytes = [], 0
        list_files(connection, files)
        if together:
            insert_table(connection, table, pa.concat_tables(together), how)


def newest_files(paths: ArchivePaths, table: str) -> list[Path]:
    """Return the newest file of each block of a table."""
    newest: dict[str, Path] = {}
    for path in sorted(_files_of(paths, table), key=_commit_of):
        newest[path.name.partition("-")[0]] = path
    return list(newest.values())


def _files_of(paths: ArchivePaths, table: str) -> list[Path]:
    """Return the files of a table; those that a killed process had not completed are removed.

    Nobody writes any while a catalogue is made anew.
    """
    found = list((paths.segments / table).glob("*"))
    for path in found:
        if _NAME.fullmatch(path.name.removeprefix(".")) and path.name.startswith("."):
            logger.info("removing %s, of a process that was killed", path)
            remove_file(paths.root, path)
    return [path for path in found if _NAME.fullmatch(path.name)]


def block_of(path: Path) -> int:
    """Return the number of the block that a file is of, as its name says."""
    start = path.name.partition("-")[0]
    return int(start) if start.isdecimal() else NO_ECLIPSE


def read_kept(root: Path, table: str, path: Path) -> tuple[SegmentFile, pa.Table] | None:
    """Return what is to be listed of a file, and its rows; None, which is logged, if damaged."""
    try:
        content = path.read_bytes()
        with pq.ParquetFile(pa.BufferReader(content)) as file:
            rows = file.read(use_threads=False)
        name = path.relative_to(root).as_posix()
        digest = sha256(content).hexdigest()
        return SegmentFile(table, block_of(path), name, len(rows), len(content), digest), rows
    except (OSError, pa.ArrowException) as error:
        logger.warning("%s: left out: cannot be read (%s)", path, error)
        return None


def keep_whole(connection: duckdb.DuckDBPyConnection, root: Path) -> set[EclipseBand]:
    """Keep the legs of those bands of eclipses that hold, and return these.

    All files of their legs are there and of the right size, and no other ticks file is: that would
    be of a version that the catalogue did not know any more, or not yet.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To a catalogue with what was kept.
    root : Path
        The archive's folder.
    """
    listed: dict[EclipseBand, set[str]] = defaultdict(set)
    whole = set()
    for eclipse, band, leg, generation in connection.execute(
        "SELECT eclipse, band, leg, generation FROM legs"
    ).fetchall():
        name = f"ticks/band={band}/eclipse={eclipse}/leg={leg}/{generation}.parquet"
        listed[eclipse, band].add(name)
        whole.add((eclipse, band))
    ticks: dict[EclipseBand, set[str]] = defaultdict(set)
    for eclipse, band, kind, path, size in connection.execute(
        "SELECT eclipse, band, kind, path, size_bytes FROM leg_files"
    ).fetchall():
        if kind == "ticks":
            ticks[eclipse, band].add(path)
        if not _is_there(f"{root}/{path}", size):
            whole.discard((eclipse, band))
    on_disk = ticks_files(root) if whole else {}
    whole = {
        (eclipse, band)
        for eclipse, band in whole
        if listed[eclipse, band] == ticks[eclipse, band] == set(on_disk.get((eclipse, band), ()))
    }
    keys = pa.table({"eclipse": [e for e, _ in whole], "band": [b for _, b in whole]}, schema=_KEYS)
    with relation(connection, "whole", keys):
        for table in ("legs", "leg_files"):
            connection.execute(
                f"DELETE FROM {table} "
                "WHERE (eclipse, band) NOT IN (SELECT (eclipse, band) FROM whole)"
            )
    return whole


_KEYS = pa.schema([("eclipse", pa.int32()), ("band", pa.string())])


def _commit_of(path: Path) -> str:
    return path.name.partition("-")[2]


def _is_there(path: str, size: int) -> bool:
    try:
        return os.stat(path).st_size == size  # noqa: PTH116 - a hundred thousand of them
    except OSError:
        return False


def ticks_files(root: Path) -> dict[EclipseBand, list[str]]:
    """Return the ticks files of every band of every eclipse, by their names in the archive.

    The number of an eclipse is -1 where its folder is not called after one.
    """
    found: dict[EclipseBand, list[str]] = {}
    for band in _folders(root, "ticks", "band="):
        for eclipse in _folders(root, band, "eclipse="):
            number = eclipse.rpartition("=")[2]
            key = int(number) if number.isdecimal() else -1, band.rpartition("=")[2]
            found.setdefault(key, []).extend(
                f"{leg}/{name}"
                for leg in _folders(root, eclipse, "leg=")
                for name in sorted(os.listdir(f"{root}/{leg}"))  # noqa: PTH208 - names alone
                if name.endswith(".parquet")
            )
    return found


def _folders(root: Path, folder: str, start: str) -> list[str]:
    """Return the folders in a folder of the archive whose names start so, in order."""
    try:
        with os.scandir(f"{root}/{folder}") as entries:
            names = [each.name for each in entries if each.name.startswith(start) and each.is_dir()]
    except FileNotFoundError:
        return []
    return [f"{folder}/{name}" for name in sorted(names)]
