"""Who counts and writes the rows of an export: threads of this process, or others."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import pyarrow as pa

from gphoton_db.products.hats.layout import Collection
from gphoton_db.products.hats.partitions import (
    HIGHEST_ORDER,
    INDEX_ORDER,
    Ints,
    Partitions,
    indices_of,
)
from gphoton_db.products.hats.rows import Block, Opened, write_block
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.system.threads import in_order


class Doing(Protocol):
    """Counts and writes the rows of blocks."""

    def count(self, collection: Collection, blocks: Sequence[Block]) -> Iterator[tuple[Ints, Ints]]:
        """Yield the pixels that have rows of a block, and how many; see `count_rows`."""

    def write(
        self, collection: Collection, partitions: Partitions, blocks: Sequence[Block]
    ) -> Iterator[pa.Table]:
        """Write the rows of blocks into a collection, and yield what `PARTS` says of each."""


@dataclass(frozen=True, eq=False)
class InThreads:
    """Has threads of this process do it.

    Parameters
    ----------
    archive : ArchiveReader
        Has the rows.
    threads : int
        Blocks at a time.
    """

    archive: ArchiveReader
    threads: int

    def count(self, collection: Collection, blocks: Sequence[Block]) -> Iterator[tuple[Ints, Ints]]:
        """Yield the pixels that have rows of a block, and how many."""
        del collection
        return in_order(count_rows, self._opened(blocks), threads=self.threads)

    def write(
        self, collection: Collection, partitions: Partitions, blocks: Sequence[Block]
    ) -> Iterator[pa.Table]:
        """Write the rows of blocks into a collection, and yield what `PARTS` says of each."""
        write = partial(write_rows, collection, partitions)
        return in_order(write, self._opened(blocks), threads=self.threads)

    def _opened(self, blocks: Iterable[Block]) -> Iterator[Opened]:
        # In the thread that iterates: a connection to the catalogue serves one.
        return (block.opened(self.archive) for block in blocks)


def count_rows(opened: Opened) -> tuple[Ints, Ints]:
    """Return the pixels of `HIGHEST_ORDER` that have rows of a block, and how many."""
    down = 2 * (INDEX_ORDER - HIGHEST_ORDER)
    found = [
        np.unique(
            indices_of(*(piece[c].to_numpy() for c in ("ra", "dec"))) >> down, return_counts=True
        )
        for piece in opened.positions()
    ]
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    pixels, counts = (np.concatenate(each) for each in zip(*found, strict=True))
    return pixels, counts


def write_rows(collection: Collection, partitions: Partitions, opened: Opened) -> pa.Table:
    """Write the rows of a block into a collection, and return what `PARTS` says of its files."""
    return write_block(collection, partitions, opened.block, opened.rows())
