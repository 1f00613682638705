"""The catalogue's own files: which block of eclipses a row is in, and how a block is written."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from gphoton_db.mission import ECLIPSES_PER_BLOCK
from gphoton_db.paths import segment_file
from gphoton_db.system.durable import sync_file, sync_folder
from gphoton_db.system.inside import checked_inside
from gphoton_db.system.threads import in_order

if TYPE_CHECKING:
    import pyarrow as pa

NO_ECLIPSE = -1
"""The block of rows of no one eclipse.  Its file is always there, so that no table has no file."""

ECLIPSES_PER_COVERAGE_BLOCK = 16
"""A row of coverage has 26 kB, that of a leg a quarter of one."""

BLOCKS_AT_A_TIME = 64
"""Blocks that are in memory together while many are written; of coverage some hundred megabytes."""

WRITERS = 4
"""Threads that write files: most of the time they wait for the disk."""

FILE_NAME = r"(none|[0-9]+)-[0-9A-Za-z-]+\.parquet"
"""What the file of a block is called, as a regular expression; others are somebody's own."""

_SIZES: Mapping[str, int] = {"coverage": ECLIPSES_PER_COVERAGE_BLOCK}

ORDER: Mapping[str, str] = {
    "legs": "eclipse, band, leg",
    "leg_files": "eclipse, band, leg, kind, part",
    "shutter_gaps": "eclipse, band, leg, t1_ms",
    "coverage": "eclipse, band, leg",
    "source_files": "eclipse, band, leg, path",
    "ingests": "started_at, eclipse, band, generation",
    "products": "made_at, path",
}
"""Of the rows in a file."""


@dataclass(frozen=True)
class SegmentFile:
    """A file of the catalogue, as the table ``segments`` has it."""

    table: str
    block: int
    path: str
    n_rows: int
    size_bytes: int
    sha256: str


def blocks_of(table: str, eclipses: Iterable[int | None]) -> set[int]:
    """Return the blocks that rows of some eclipses are in; None is that of no one eclipse."""
    size = _SIZES.get(table, ECLIPSES_PER_BLOCK)
    return {NO_ECLIPSE if eclipse is None else int(eclipse) // size for eclipse in eclipses}


def block_in_sql(table: str) -> str:
    """Return SQL for the block of a row."""
    return f"coalesce(eclipse // {_SIZES.get(table, ECLIPSES_PER_BLOCK)}, {NO_ECLIPSE})"


def size_in_sql() -> str:
    """Return SQL for the number of eclipses in a block of the table ``name``."""
    sizes = " ".join(f"WHEN '{table}' THEN {size}" for table, size in _SIZES.items())
    return f"CASE name {sizes} ELSE {ECLIPSES_PER_BLOCK} END"


def write_segments(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    table: str,
    blocks: Sequence[int],
    commit: str,
) -> list[SegmentFile]:
    """Write the rows of some blocks of a temporary table, each into a file, onto the disk.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        With the temporary table.
    folder : Path
        The archive's folder.
    table : str
        Name of the table.
    blocks : sequence of int
        Which blocks.
    commit : str
        Part of the files' names.
    """
    if not blocks:
        return []
    write = partial(write_segment, folder, table, commit)
    with segment_folder(folder, table):
        return list(in_order(write, _rows(connection, table, blocks), threads=WRITERS))


@contextmanager
def segment_folder(folder: Path, table: str) -> Iterator[None]:
    """Make the folder of a table's files if it is not there; what it gets is on the disk after."""
    place = (folder / segment_file(table, NO_ECLIPSE, "")).parent
    checked_inside(folder, place)
    new = [each for each in (place.parent, place) if not each.exists()]
    place.mkdir(parents=True, exist_ok=True)
    yield
    for changed in (place, *(each.parent for each in new)):
        sync_folder(changed)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rows(
    connection: duckdb.DuckDBPyConnection, table: str, blocks: Sequence[int]
) -> Iterator[tuple[int, "pa.Table"]]:
    for start in range(0, len(blocks), BLOCKS_AT_A_TIME):
        part = blocks[start : start + BLOCKS_AT_A_TIME]
        numbers = ", ".join(map(str, part))
        rows = connection.execute(
            f"SELECT *, {block_in_sql(table)} AS block FROM temp.{table} "
            f"WHERE block IN ({numbers}) ORDER BY block, {ORDER[table]}"
        ).to_arrow_table()
        of_rows, rows = rows["block"].to_numpy(), rows.drop_columns("block")
        for block in part:
            first, last = of_rows.searchsorted(block), of_rows.searchsorted(block, "right")
            yield block, rows.slice(first, last - first)


def write_segment(
    folder: Path, table: str, commit: str, part: tuple[int, "pa.Table"]
) -> SegmentFile:
    """Write the number and the rows, in order, of a block into a file, onto the disk.

    Parameters
    ----------
    folder, table, commit
        As for `write_segments`.
    part : tuple of int and pyarrow.Table
        The block.
    """
    import pyarrow.parquet as pq

    block, rows = part
    name = segment_file(table, block, commit)
    path = folder / name
    beside = path.with_name(f".{path.name}")
    pq.write_table(rows, beside, compression="zstd", store_schema=False)
    sync_file(beside)
    beside.replace(path)
    return SegmentFile(table, block, name, len(rows), path.stat().st_size, digest_of(path))
