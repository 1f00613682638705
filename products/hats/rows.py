"""Rows of one block, such as the photons of a leg, into the files of the partitions they are in."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gphoton_db.products.hats.layout import INDEX, Collection, partition_folder
from gphoton_db.products.hats.partitions import Partitions, indices_of
from gphoton_db.products.reader import ArchiveReader

Ints = NDArray[np.int64]

MOST_OPEN = 48
"""Files that are written at a time; the one unused for longest is ended for the next."""

PARTS = pa.schema(
    [
        *(("block", pa.string()), ("state", pa.string()), ("margin", pa.bool_())),
        *(("order", pa.int64()), ("pixel", pa.int64()), ("file", pa.string())),
        ("rows", pa.int64()),
    ]
)
"""A row for each file of a block."""


Pieces = Callable[[], Iterator[pa.Table]]
"""Yields rows, a piece at a time; may be called in another thread."""


@dataclass(frozen=True, eq=False)
class Block:
    """Rows that come and go together.

    Parameters
    ----------
    name : str
        Names of its files begin with it.
    state : str
        Another one, if its rows are others.
    """

    at_hand: ClassVar[bool] = False
    """Whether its positions are known without the archive."""

    name: str
    state: str

    def opened(self, archive: ArchiveReader) -> "Opened":
        """Return what reads its rows; here the connection is used, and not when that is called."""
        raise NotImplementedError

    def with_threads(self, threads: int) -> "Block":
        """Return the same, whose rows take so many threads, if they take any."""
        del threads
        return self


@dataclass(frozen=True, eq=False)
class Opened:
    """A block that can be read.

    Parameters
    ----------
    block : Block
        Which.
    positions : callable
        Yields the ``ra`` and ``dec`` of its rows, deg.
    rows : callable
        Yields its rows, with these.
    """

    block: Block
    positions: Pieces
    rows: Pieces


def with_index(rows: pa.Table) -> tuple[pa.Table, Ints]:
    """Return rows in the order of their positions, with the column of these, and it alone."""
    ra, dec = (rows[name].to_numpy() for name in ("ra", "dec"))
    indices = indices_of(ra, dec)
    place = np.argsort(indices, kind="stable")
    indices = indices[place]
    return rows.take(pa.array(place)).add_column(0, INDEX, pa.array(indices)), indices


def write_block(
    collection: Collection, partitions: Partitions, block: Block, pieces: Iterable[pa.Table]
) -> pa.Table:
    """Write the rows of a block; its files get their names when all are complete.

    Parameters
    ----------
    collection : Collection
        Where to.
    partitions : Partitions
        How the sky is divided.
    block : Block
        Whose rows they are.
    pieces : iterable of pyarrow.Table
        Rows with ``ra`` and ``dec``, deg, none without; one at a time is in memory.

    Returns
    -------
    pyarrow.Table
        What `PARTS` says of each file.
    """
    with ExitStack() as stack:
        table, margin = (
            stack.enter_context(_Files(folder, block, partitions)) for folder in collection.tables
        )
        for piece in pieces:
            rows, indices = with_index(piece)
            own = partitions.of(indices)
            edges = np.flatnonzero(np.diff(own, prepend=-1, append=-1))
            for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
                table.add(int(own[start]), rows.slice(start, end - start))
            place, beside = partitions.beside(indices)
            for each in np.unique(beside).tolist():
                margin.add(each, rows.take(pa.array(place[beside == each])))
        table.finish()
        margin.finish()
        return pa.concat_tables([table.parts(margin=False), margin.parts(margin=True)])


def move_written(source: Collection, target: Collection, parts: pa.Table) -> None:
    """Move the files of a block, which was written elsewhere on the same disk, to their places."""
    for part in parts.to_pylist():
        place = (part["order"], part["pixel"])
        written, folder = (
            partition_folder(each.tables[part["margin"]], *place) for each in (source, target)
        )
        folder.mkdir(parents=True, exist_ok=True)
        (written / part["file"]).replace(folder / part["file"])


@dataclass(eq=False)
class _Files:
    """Files of a block in one table: written under hidden names, a few at a time."""

    table: Path
    block: Block
    partitions: Partitions
    _open: OrderedDict[int, tuple[pq.ParquetWriter, Path]] = field(default_factory=OrderedDict)
    _rows: dict[tuple[int, Path], int] = field(default_factory=dict)

    def __enter__(self) -> "_Files":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        for _partition, path in self._rows:
            _hidden(path).unlink(missing_ok=True)

    def add(self, partition: int, rows: pa.Table) -> None:
        """Write rows that are in a partition, or beside it."""
        if partition not in self._open:
            if len(self._open) >= MOST_OPEN:
                self._open.popitem(last=False)[1][0].close()
            self._open[partition] = self._begin(partition, rows.schema)
        self._open.move_to_end(partition)
        writer, path = self._open[partition]
        writer.write_table(rows)
        self._rows[partition, path] += rows.num_rows

    def _begin(self, partition: int, schema: pa.Schema) -> tuple[pq.ParquetWriter, Path]:
        order, pixel = int(self.partitions.order[partition]), int(self.partitions.pixel[partition])
        folder = partition_folder(self.table, order, pixel)
        folder.mkdir(parents=True, exist_ok=True)
        number = sum(which == partition for which, _ in self._rows)
        path = folder / f"{self.block.name}-{number}.parquet"
        self._rows[partition, path] = 0
        return pq.ParquetWriter(_hidden(path), schema, compression="zstd"), path

    def _close(self) -> None:
        for writer, _ in self._open.values():
            writer.close()
        self._open.clear()

    def finish(self) -> None:
        """Give all files their names."""
        self._close()
        for _, path in self._rows:
            _hidden(path).replace(path)

    def parts(self, *, margin: bool) -> pa.Table:
        """Return what is known of each file."""
        at = np.array([partition for partition, _ in self._rows], np.int64)
        columns = {
            "block": [self.block.name] * len(at),
            "state": [self.block.state] * len(at),
            "margin": [margin] * len(at),
            "order": self.partitions.order[at],
            "pixel": self.partitions.pixel[at],
            "file": [path.name for _, path in self._rows],
            "rows": list(self._rows.values()),
        }
        return pa.table(columns, schema=PARTS)


def _hidden(path: Path) -> Path:
    """Return the name of a file while it is written, which readers of HATS pass over."""
    return path.with_name(f".{path.name}")
