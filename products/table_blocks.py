"""Tables to files block by block, where the format can: memory holds one block."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gphoton_db.products.fits.files import being_written
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.registry import entered
from gphoton_db.products.tables import encode_table, parameters_of, write_registered, write_table

if TYPE_CHECKING:
    from astropy.table import QTable


def _write_csv(blocks: "Iterator[QTable]", path: Path) -> None:
    with path.open("wb") as file:
        for number, block in enumerate(blocks):
            names, _, rows = encode_table(block, "csv").partition(b"\n")
            file.write(rows if number else names + b"\n" + rows)


def write_parquet_blocks(
    blocks: "Iterator[QTable]", path: Path, notes: Mapping[bytes, bytes] | None = None
) -> None:
    """Write each block as tables are written, and add that to the file as row groups.

    Parameters
    ----------
    blocks : iterator of QTable
        At least one.
    path : Path
        The file.
    notes : mapping, optional
        Goes into the file's metadata, beside what astropy has there.
    """
    import pyarrow.parquet as pq

    part = path.with_name(path.name + ".block")
    writer = None
    try:
        for block in blocks:
            rows = pq.read_table(write_table(block, part, "parquet", extension="", hdu_class=""))
            if notes:
                rows = rows.replace_schema_metadata({**(rows.schema.metadata or {}), **notes})
            if writer is None:
                writer = pq.ParquetWriter(path, rows.schema)
            writer.write_table(rows)
            # The next block is made while the names last.
            del block, rows
    finally:
        part.unlink(missing_ok=True)
        if writer is not None:
            writer.close()


IN_BLOCKS: dict[str, Callable[["Iterator[QTable]", Path], None]] = {
    "csv": _write_csv,
    "parquet": write_parquet_blocks,
}
"""What writes the blocks of a table to a file of a format, as its whole would be written."""


def write_registered_blocks(
    archive: ArchiveReader,
    path: Path,
    chosen: str,
    *,
    whole: Callable[[], "QTable"],
    blocks: Callable[[], "Iterator[QTable]"],
    kind: str,
    meta: Mapping[str, Any],
) -> None:
    """Write a table and enter the file into the archive's products, in blocks if it can be.

    Parameters
    ----------
    archive : ArchiveReader
        Whose product it is.
    path : Path
        The file, which is replaced.
    chosen : str
        Its format, one of `tables.FORMATS`.
    whole, blocks : callable
        Return the table, and its blocks; one of them is called.
    kind : str
        Of the product.
    meta : mapping
        Of the table.
    """
    if chosen not in IN_BLOCKS:
        write_registered(archive, whole(), path, chosen)
        return
    parameters = parameters_of(meta)
    with (
        entered(archive.catalogue, kind=kind, parameters=parameters) as move,
        being_written(path, move) as temporary,
    ):
        IN_BLOCKS[chosen](blocks(), temporary)
