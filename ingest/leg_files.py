"""The small files of a leg: its ticks, the same by the second, and its aspect.

The ticks file is also the leg's manifest: its metadata holds everything that the catalogue says of
the leg, so that a lost catalogue can be made anew from the Parquet files alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Aspect
from gphoton_db.errors import ArchiveError
from gphoton_db.exposure import Ticks
from gphoton_db.ingest.files import WrittenFile, describe
from gphoton_db.schemas import ASPECT, OUTLINES_KEY, TICKS
from gphoton_db.system.seal import damaged_file, empty_seal, read_seal, seal, seal_in

MANIFEST_KEY = b"gphoton_db"
"""Key of the manifest in the metadata of a ticks file; its value is JSON."""

ROW_GROUP_ROWS = 61_440
"""Half of DuckDB's own: the five minutes of ticks in it are a unit of parallel reading."""


def write_ticks(
    ticks: Ticks, path: Path, name: str, manifest: str, outlines: str | None = None
) -> WrittenFile:
    """Write the ticks of a leg, with its manifest, and the outlines of what it saw, if known.

    `name` is the archive's.
    """
    table = _table((ticks.t_ms, ticks.events, ticks.unflagged), TICKS)
    metadata = {MANIFEST_KEY: manifest}
    if outlines is not None:
        metadata[OUTLINES_KEY] = outlines
    return write_table(table, path, name, table_encodings(TICKS), metadata)


def write_seconds(seconds: Ticks, path: Path, name: str) -> WrittenFile:
    """Write the ticks of a leg by the second (`Ticks.by_second`): a hundredth of them."""
    table = _table((seconds.t_ms, seconds.events, seconds.unflagged), TICKS)
    return write_table(table, path, name, table_encodings(TICKS), {})


def write_aspect(aspect: Aspect, path: Path, name: str) -> WrittenFile:
    """Write the aspect that a leg was reduced with, unrounded."""
    table = _table((aspect.time_ms, aspect.ra, aspect.dec, aspect.roll, aspect.flags), ASPECT)
    return write_table(table, path, name, table_encodings(ASPECT), {})


def table_encodings(schema: pa.Schema) -> dict[str, str]:
    """Return how columns are encoded: angles, which are float64, and whole numbers."""
    return {
        field.name: "BYTE_STREAM_SPLIT" if field.type == pa.float64() else "DELTA_BINARY_PACKED"
        for field in schema
    }


def write_table(
    table: pa.Table, path: Path, name: str, encodings: dict[str, str], metadata: dict[bytes, str]
) -> WrittenFile:
    """Write a table as the small files of a leg are written, with its seal.

    Parameters
    ----------
    table : pyarrow.Table
        What to write.
    path, name : Path and str
        Where it goes, and what it is called in the archive.
    encodings : dict
        As `table_encodings` returns them.
    metadata : dict
        Of the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(
        path,
        table.schema,
        compression="zstd",
        use_dictionary=False,
        column_encoding=encodings,
        store_schema=False,
        write_page_checksum=True,
    ) as writer:
        writer.write_table(table, row_group_size=ROW_GROUP_ROWS)
        n_groups = max(-(-len(table) // ROW_GROUP_ROWS), 1)
        sealed = empty_seal(name, n_groups, table.num_columns)
        writer.add_key_value_metadata({**metadata, **sealed})
    seal(path, name)
    return describe(path)


def read_manifest(path: Path) -> tuple[str, int]:
    """Return the manifest of a ticks file, and the number of its rows.

    Raises
    ------
    ArchiveError
        If the file cannot be read or holds none.
    """
    read_seal(path)
    try:
        footer = pq.read_metadata(path)
    except (OSError, pa.ArrowException) as error:
        raise ArchiveError(f"{path}: cannot be read ({error})") from None
    metadata = footer.metadata or {}
    if MANIFEST_KEY not in metadata:
        raise ArchiveError(f"{path}: is not a ticks file of gphoton-db")
    return metadata[MANIFEST_KEY].decode(), footer.num_rows


@dataclass(frozen=True, eq=False)
class TicksFile:
    """What a ticks file says, all of it from one look at it.

    Parameters
    ----------
    manifest : str
        What the catalogue says of the leg, as JSON.
    outlines : bytes or None
        Of what the leg saw, as the file has them.
    n_rows, size_bytes, sha256
        Of the file.
    t_ms, unflagged : array (n_rows,)
        Its columns: GALEX time in ms, and the number of photons without a flag.
    """

    manifest: str
    outlines: bytes | None
    n_rows: int
    size_bytes: int
    sha256: str
    t_ms: NDArray[Any]
    unflagged: NDArray[Any]


def read_ticks_file(path: Path) -> TicksFile:
    """Return what a ticks file says.

    Raises
    ------
    ArchiveError
        If the file cannot be read or holds no manifest.
    """
    try:
        content = path.read_bytes()
        seal_in(path, content)
        with pq.ParquetFile(pa.BufferReader(content)) as file:
            footer = file.metadata
            metadata = footer.metadata or {}
            if MANIFEST_KEY not in metadata:
                raise ArchiveError(f"{path}: is not a ticks file of gphoton-db")
            ticks = file.read(["t_ms", "unflagged"], use_threads=False)
        return TicksFile(
            metadata[MANIFEST_KEY].decode(),
            metadata.get(OUTLINES_KEY),
            footer.num_rows,
            len(content),
            hashlib.sha256(content).hexdigest(),
            ticks["t_ms"].to_numpy(),
            ticks["unflagged"].to_numpy(),
        )
    except (OSError, KeyError, UnicodeDecodeError, pa.ArrowException) as error:
        raise damaged_file(path, str(error)) from None


def _table(columns: Sequence[NDArray[Any]], schema: pa.Schema) -> pa.Table:
    arrays = [pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
