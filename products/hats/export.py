"""A table of the archive as a HATS collection; a second export writes what is new."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gphoton_db.products.hats.doing import Doing
from gphoton_db.products.hats.layout import Collection, partition_folder
from gphoton_db.products.hats.notes import (
    check_folder,
    read_partitions,
    read_parts,
    remove_unlisted,
    write_partitions,
    write_parts,
)
from gphoton_db.products.hats.partitions import Ints, Partitions, divide
from gphoton_db.products.hats.rows import Block
from gphoton_db.products.hats.tables import Rows
from gphoton_db.progress import Progress
from gphoton_db.system.durable import written_beside

NOTED_EVERY_S = 30.0
"""What a killed export has written up to its last notes need not be written again."""


@dataclass(frozen=True)
class Exported:
    """What is in a HATS collection now.

    Parameters
    ----------
    path : Path
        Its folder.
    n_rows, n_partitions : int
        In all.
    n_written, n_kept : int
        Blocks of rows, such as legs: written now, and those that were there.
    largest : int
        Rows of the fullest partition.
    """

    path: Path
    n_rows: int
    n_partitions: int
    n_written: int
    n_kept: int
    largest: int


def export(
    rows: Rows,
    folder: Path,
    *,
    most_rows: int,
    again: bool,
    doing: Doing,
    on_progress: Progress,
) -> Exported:
    """Write a table as a HATS collection, or what is new in it.

    Parameters
    ----------
    rows : Rows
        The table.
    folder : Path
        Of the collection: new, or that of an earlier export of the same table.
    most_rows : int
        Of a partition.
    again : bool
        Divide the sky and write all rows anew.
    doing : Doing
        Counts and writes rows.
    on_progress : callable
        Called with ``(stage, done, total)``, in blocks.

    Raises
    ------
    ProductError
        If the folder cannot be written, or holds something else.
    """
    collection = Collection(folder, rows.name, rows.kind)
    check_folder(collection)
    parts = read_parts(collection)
    partitions = read_partitions(collection)
    parts = parts.slice(0, 0) if again or partitions is None else _of_blocks(parts, rows)
    write_parts(collection, parts)
    remove_unlisted(collection, parts)
    if partitions is None or again:
        partitions = divide(*_counts(collection, rows, doing, on_progress), most_rows)
        write_partitions(collection, partitions)
    there = set(parts["block"].to_pylist())
    new = [block for block in rows.blocks if block.name not in there]
    parts = _write_all(collection, partitions, parts, new, doing, on_progress)
    return _finish(collection, parts, n_written=len(new), n_kept=len(rows.blocks) - len(new))


def _of_blocks(parts: pa.Table, rows: Rows) -> pa.Table:
    """Return the files of blocks that are as they were."""
    states = {block.name: block.state for block in rows.blocks}
    names, found = parts["block"].to_pylist(), parts["state"].to_pylist()
    kept = [states.get(name) == state for name, state in zip(names, found, strict=True)]
    return parts.filter(pa.array(kept, pa.bool_()))


def _counts(
    collection: Collection, rows: Rows, doing: Doing, on_progress: Progress
) -> tuple[Ints, Ints]:
    """Return the pixels of the highest order that have rows, and how many."""
    pixels, counts = np.empty(0, np.int64), np.empty(0, np.int64)
    for done, (more, n) in enumerate(doing.count(collection, rows.blocks), start=1):
        pixels, place = np.unique(np.concatenate([pixels, more]), return_inverse=True)
        counts = np.bincount(place, np.concatenate([counts, n]), len(pixels)).astype(np.int64)
        on_progress("counting", done, len(rows.blocks))
    return pixels, counts


def _write_all(
    collection: Collection,
    partitions: Partitions,
    parts: pa.Table,
    new: Sequence[Block],
    doing: Doing,
    on_progress: Progress,
) -> pa.Table:
    """Write blocks, noting now and then what is there, and in the end, however that comes."""
    noted = time.monotonic()
    try:
        for done, more in enumerate(doing.write(collection, partitions, new), start=1):
            parts = pa.concat_tables([parts, more])
            if time.monotonic() - noted > NOTED_EVERY_S:
                write_parts(collection, parts)
                noted = time.monotonic()
            on_progress("writing", done, len(new))
    finally:
        write_parts(collection, parts)
    return parts


def _finish(collection: Collection, parts: pa.Table, *, n_written: int, n_kept: int) -> Exported:
    """Write what tells readers of the partitions."""
    date = datetime.now(UTC).strftime("%Y-%m-%dT%H:%MUTC")
    sums = parts.group_by(["margin", "order", "pixel"]).aggregate([("rows", "sum")])
    sums = sums.sort_by([("order", "ascending"), ("pixel", "ascending")])
    table, margin = (sums.filter(pc.equal(sums["margin"], value)) for value in (False, True))
    schema = _schema(collection, parts)
    for folder, found, is_margin in zip(
        collection.tables, (table, margin), (False, True), strict=True
    ):
        _describe(collection, folder, found, schema, date, margin=is_margin)
    _write_text(collection.folder / "collection.properties", collection.properties(date))
    rows = table["rows_sum"].to_numpy()
    return Exported(
        collection.folder, int(rows.sum()), len(rows), n_written, n_kept, int(rows.max(initial=0))
    )


def _schema(collection: Collection, parts: pa.Table) -> pa.Schema:
    row = parts.filter(pc.invert(parts["margin"])).slice(0, 1).to_pylist()[0]
    folder = partition_folder(collection.tables[0], row["order"], row["pixel"])
    return pq.read_schema(folder / row["file"])


def _describe(
    collection: Collection,
    folder: Path,
    found: pa.Table,
    schema: pa.Schema,
    date: str,
    *,
    margin: bool,
) -> None:
    (folder / "dataset").mkdir(parents=True, exist_ok=True)
    with written_beside(folder / "dataset" / "_common_metadata") as temporary:
        pq.write_metadata(schema, temporary)
    lines = zip(found["order"].to_pylist(), found["pixel"].to_pylist(), strict=True)
    _write_text(
        folder / "partition_info.csv",
        "".join(["Norder,Npix\n", *(f"{order},{pixel}\n" for order, pixel in lines)]),
    )
    text = collection.table_properties(date, _shape(found), margin=margin)
    # Readers of before 2025 look for the second name.
    for name in ("hats.properties", "properties"):
        _write_text(folder / name, text)


def _shape(found: pa.Table) -> Mapping[str, str]:
    rows, order = found["rows_sum"].to_numpy(), found["order"].to_numpy()
    fraction = float((0.25 ** order.astype(float)).sum() / 12)
    return {
        "hats_nrows": str(int(rows.sum())),
        "hats_max_rows": str(int(rows.max(initial=0))),
        "hats_order": str(int(order.max(initial=0))),
        "moc_sky_fraction": f"{fraction:.7g}",
    }


def _write_text(path: Path, text: str) -> None:
    with written_beside(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
