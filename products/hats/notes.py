"""What an export keeps for the next one: how the sky is divided, and whose rows are in which file.

The notes name every file of the export, so that what a killed one left is told from the rest.
"""

from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gphoton_db.errors import ProductError
from gphoton_db.products.hats.layout import Collection, partition_folder
from gphoton_db.products.hats.partitions import Partitions
from gphoton_db.products.hats.rows import PARTS
from gphoton_db.products.marked_folders import mark_folder
from gphoton_db.system.durable import written_beside


def check_folder(collection: Collection) -> None:
    """Make the folder of an export, or see that there is one of the same table in it.

    Raises
    ------
    ProductError
        If it holds anything else: nothing of it is changed.
    """
    names = {"collection.properties", collection.name, collection.margin_name}
    mark_folder(collection.folder, of=f"an export of {collection.name}", own=names.__contains__)


def read_partitions(collection: Collection) -> Partitions | None:
    """Return how the sky is divided, if it is."""
    table = _read(collection.notes / "partitions.parquet")
    if table is None:
        return None
    return Partitions(table["order"].to_numpy(), table["pixel"].to_numpy())


def write_partitions(collection: Collection, partitions: Partitions) -> None:
    """Note how the sky is divided."""
    table = pa.table({"order": partitions.order, "pixel": partitions.pixel})
    _write(table, collection.notes / "partitions.parquet")


def read_parts(collection: Collection) -> pa.Table:
    """Return what `PARTS` says of each file."""
    table = _read(collection.notes / "parts.parquet")
    return PARTS.empty_table() if table is None else table.cast(PARTS)


def write_parts(collection: Collection, parts: pa.Table) -> None:
    """Note what `PARTS` says of each file."""
    _write(parts, collection.notes / "parts.parquet")


def remove_unlisted(collection: Collection, parts: pa.Table) -> None:
    """Remove the files of rows that the notes do not name, and folders without a file.

    Raises
    ------
    ProductError
        If a folder is a link.
    """
    _check_links(collection)
    for margin, table in enumerate(collection.tables):
        listed = {
            partition_folder(table, row["order"], row["pixel"]) / row["file"]
            for row in parts.filter(pc.equal(parts["margin"], bool(margin))).to_pylist()
        }
        for folder in table.glob("dataset/Norder=*/Dir=*/Npix=*"):
            for path in folder.glob("*.parquet"):
                if path not in listed:
                    path.unlink()
            if not any(folder.iterdir()):
                folder.rmdir()


def _check_links(collection: Collection) -> None:
    """Refuse a collection with a link in it, behind which files would be written and removed."""
    levels = ("dataset", "dataset/Norder=*", "dataset/Norder=*/Dir=*", "dataset/Norder=*/Dir=*/*")
    folders = chain(
        (collection.notes, *collection.tables),
        *(table.glob(level) for table in collection.tables for level in levels),
    )
    for folder in folders:
        if folder.is_symlink():
            raise ProductError(f"{folder} is a link: give a folder in which an export made all")


def _read(path: Path) -> pa.Table | None:
    if not path.exists():
        return None
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise ProductError(
            f"{path} cannot be read ({error}): remove the folder {path.parents[1]}, and export anew"
        ) from None


def _write(table: pa.Table, path: Path) -> None:
    with written_beside(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
