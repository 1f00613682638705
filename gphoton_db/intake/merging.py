"""The files of a merged set: photons of many legs in the order of cells, then legs, then times."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gphoton_db.errors import ArchiveError
from gphoton_db.ingest.files import describe
from gphoton_db.ingest.leg_files import table_encodings, write_table
from gphoton_db.ingest.photons import PART_PHOTONS, ROW_GROUP_PHOTONS, parquet_settings
from gphoton_db.query.sql_files import literal
from gphoton_db.schemas import MERGED, MERGED_TABLES
from gphoton_db.system.seal import empty_seal, read_seal, seal

SORTED_PHOTONS = 4 * PART_PHOTONS
"""How many are sorted at a time, in about a gigabyte."""

MEMORY_LIMIT = "2GB"

_TILE_BITS = 4
"""Photons are counted, and cut into files, by tiles of 16 cells, 1.7 arcmin wide."""


@dataclass(frozen=True)
class MergedFile:
    """A file of a set: its name below the folder, rows, size, hash, and bounds of its photons."""

    part: int
    name: str
    n_rows: int
    size_bytes: int
    sha256: str
    bounds: dict[str, Any]


@dataclass(frozen=True)
class MergedTable:
    """A file of a set with what is not photons: kind, name below the folder, rows, size, hash."""

    kind: str
    name: str
    n_rows: int
    size_bytes: int
    sha256: str


def write_merged(
    files: Sequence[Path], folder: Path, name: str, band: str, threads: int
) -> Iterator[MergedFile]:
    """Write the photons with a position of some legs into files of their own.

    Parameters
    ----------
    files : sequence of Path
        Photon files of the legs, in the order of eclipse, leg and part.
    folder : Path
        Where files go, laid out as in the archive.
    name, band : str
        Of the set.
    threads : int
        How many sort.

    Yields
    ------
    MergedFile
        What was written.

    Raises
    ------
    ArchiveError
        If a file cannot be read or is damaged, or DuckDB has no room to sort.
    """
    settings: dict[str, Any] = {
        "temp_directory": str(folder / "spilled"),
        "memory_limit": MEMORY_LIMIT,
        "threads": threads,
    }
    source = _rows_of(files)
    _check(files)
    part = 0
    try:
        with duckdb.connect(":memory:", config=settings) as session:
            for first, last in _ranges(session, source):
                photons = session.execute(
                    f"SELECT {', '.join(MERGED.names)} FROM {source} WHERE cell BETWEEN {first} "
                    # Within a leg, and a cell, as in its own files.
                    f"AND {last} ORDER BY cell, file_index, file_row_number"
                ).to_arrow_table()
                for start in range(0, len(photons), PART_PHOTONS):
                    path = folder / f"merged/band={band}/{name}-{part}.parquet"
                    yield _write(photons.slice(start, PART_PHOTONS), path, folder, part)
                    part += 1
    except duckdb.Error as error:
        raise _not_merged(files, error) from None


def write_merged_table(
    kind: str, files: Sequence[Path], folder: Path, name: str, band: str
) -> MergedTable:
    """Write all rows of the files of a kind that some legs have into one file.

    Parameters
    ----------
    kind : str
        One of `schemas.MERGED_TABLES`.
    files : sequence of Path
        Of the legs, in the order of eclipse and leg, at least one.
    folder, name, band
        As for `write_merged`.

    Raises
    ------
    ArchiveError
        If a file cannot be read or is damaged.
    """
    schema = MERGED_TABLES[kind]
    _check(files)
    try:
        with duckdb.connect(":memory:", config={"threads": 1}) as session:
            rows = session.execute(
                f"SELECT {', '.join(schema.names)} FROM {_rows_of(files)} "
                "ORDER BY file_index, file_row_number"
            ).to_arrow_table()
    except duckdb.Error as error:
        raise _not_merged(files, error) from None
    path = folder / f"merged/band={band}/{name}-{kind}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    inside = path.relative_to(folder).as_posix()
    written = write_table(rows.cast(schema), path, inside, table_encodings(schema), {})
    return MergedTable(kind, inside, len(rows), written.size, written.sha256)


def _rows_of(files: Sequence[Path]) -> str:
    """Return SQL for the rows of files of legs, with eclipse, leg, and where they come from."""
    return (
        # From the end of the path: folders above the archive may be called like those of a leg.
        "(SELECT *, file_index, regexp_extract(filename, '.*/eclipse=([0-9]+)/leg=', 1)::INTEGER "
        "AS eclipse, regexp_extract(filename, '.*/leg=([0-9]+)/', 1)::INTEGER AS leg "
        f"FROM read_parquet([{', '.join(literal(str(file)) for file in files)}], "
        "hive_partitioning = false, file_row_number = true))"
    )


def _check(files: Sequence[Path]) -> None:
    for file in files:
        written = read_seal(file)
        if written is not None:
            written.check()


def _not_merged(files: Sequence[Path], error: duckdb.Error) -> ArchiveError:
    why = str(error).strip().splitlines()[0]
    return ArchiveError(f"{files[0].parent}: files cannot be merged ({why})")


def _ranges(session: duckdb.DuckDBPyConnection, source: str) -> Iterator[tuple[int, int]]:
    """Yield the first and last cell of parts of the sky with about as many photons each."""
    tiles = session.execute(
        f"SELECT cell >> {_TILE_BITS} AS tile, count(*) FROM {source} WHERE cell >= 0 "
        "GROUP BY tile ORDER BY tile"
    ).fetchall()
    first, last, total = None, 0, 0
    for tile, n in tiles:
        if first is not None and total + n > SORTED_PHOTONS:
            yield first, last
            first, total = None, 0
        first = tile << _TILE_BITS if first is None else first
        last, total = ((tile + 1) << _TILE_BITS) - 1, total + n
    if first is not None:
        yield first, last


def _write(photons: pa.Table, path: Path, folder: Path, part: int) -> MergedFile:
    path.parent.mkdir(parents=True, exist_ok=True)
    settings = parquet_settings()
    legs = MERGED.names[:2]
    settings["use_dictionary"] = [*settings["use_dictionary"], *legs]
    settings["compression"] = {**settings["compression"], **dict.fromkeys(legs, "zstd")}
    name = path.relative_to(folder).as_posix()
    n_groups = -(-len(photons) // ROW_GROUP_PHOTONS)
    with pq.ParquetWriter(path, MERGED, **settings) as writer:
        writer.write_table(photons.cast(MERGED), row_group_size=ROW_GROUP_PHOTONS)
        writer.add_key_value_metadata(empty_seal(name, n_groups, len(MERGED)))
    seal(path, name)
    written = describe(path)
    bounds: dict[str, Any] = {}
    for column in ("cell", "ra", "dec"):
        found = pc.min_max(photons[column]).as_py()
        bounds |= {f"{column}_{end}": found[end] for end in ("min", "max")}
    return MergedFile(part, name, len(photons), written.size, written.sha256, bounds)
