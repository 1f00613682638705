"""What the catalogue's own files still say where the catalogue was lost, and whether it holds."""

import logging
import re
from collections import defaultdict
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from gphoton_db.catalogue.inserts import insert_table
from gphoton_db.catalogue.segment_files import NO_ECLIPSE, SegmentFile, digest_of
from gphoton_db.catalogue.segments import list_files
from gphoton_db.paths import SEGMENTED, ArchivePaths
from gphoton_db.system.cores import usable_cores
from gphoton_db.system.inside import remove_file
from gphoton_db.system.threads import in_order

logger = logging.getLogger(__name__)

MOST_BYTES = 200_000_000
"""Of rows that are inserted together."""

_NAME = re.compile(r"(none|\d+)-[\w-]+\.parquet")
"""Of a file of a block; others are somebody's own."""

EclipseBand = tuple[int, str]


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
    for table in SEGMENTED:
        if table == "source_files":
            continue  # such files say themselves what they are, and in which order they came
        how = "INSERT" if table == "shutter_gaps" else "INSERT OR IGNORE"
        newest: dict[str, Path] = {}
        for path in sorted(_files_of(paths, table), key=_commit_of):
            newest[path.name.partition("-")[0]] = path
        read = partial(_read, paths.root, table)
        files: list[SegmentFile] = []
        together: list[pa.Table] = []
        n_bytes = 0
        for file, rows in filter(None, in_order(read, newest.values(), threads=usable_cores())):
            files.append(file)
            together.append(rows)
            n_bytes += rows.nbytes
            if n_bytes > MOST_BYTES:
                insert_table(connection, table, pa.concat_tables(together), how)
                together, n_bytes = [], 0
        list_files(connection, files)
        if together:
            insert_table(connection, table, pa.concat_tables(together), how)


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


def _read(root: Path, table: str, path: Path) -> tuple[SegmentFile, pa.Table] | None:
    start = path.name.partition("-")[0]
    try:
        rows = pq.read_table(path, partitioning=None)
        block = int(start) if start.isdigit() else NO_ECLIPSE
        name = path.relative_to(root).as_posix()
        return SegmentFile(
            table, block, name, len(rows), path.stat().st_size, digest_of(path)
        ), rows
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
        listed[eclipse, band].add(f"leg={leg}/{generation}.parquet")
        whole.add((eclipse, band))
    ticks: dict[EclipseBand, set[str]] = defaultdict(set)
    for eclipse, band, kind, path, size in connection.execute(
        "SELECT eclipse, band, kind, path, size_bytes FROM leg_files"
    ).fetchall():
        if kind == "ticks":
            ticks[eclipse, band].add("/".join(path.split("/")[-2:]))
        if not _is_there(root / path, size):
            whole.discard((eclipse, band))
    whole = {
        (eclipse, band)
        for eclipse, band in whole
        if listed[eclipse, band] == ticks[eclipse, band] == _on_disk(root, eclipse, band)
    }
    keys = pa.table({"eclipse": [e for e, _ in whole], "band": [b for _, b in whole]}, schema=_KEYS)
    connection.register("whole", keys)
    for table in ("legs", "leg_files"):
        connection.execute(
            f"DELETE FROM {table} WHERE (eclipse, band) NOT IN (SELECT (eclipse, band) FROM whole)"
        )
    connection.unregister("whole")
    return whole


_KEYS = pa.schema([("eclipse", pa.int32()), ("band", pa.string())])


def _commit_of(path: Path) -> str:
    return path.name.partition("-")[2]


def _is_there(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def _on_disk(root: Path, eclipse: int, band: str) -> set[str]:
    folder = root / "ticks" / f"band={band}" / f"eclipse={eclipse}"
    return {
        f"{leg.name}/{file.name}"
        for leg in folder.iterdir()
        if leg.name.startswith("leg=")
        for file in leg.iterdir()
        if file.suffix == ".parquet"
    }
