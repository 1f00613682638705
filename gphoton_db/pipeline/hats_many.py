"""Exports to HATS whose rows are counted and written by several processes, here or on a cluster."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from gphoton_db.errors import ProductError
from gphoton_db.intake.many.choose import Cluster, executor_for
from gphoton_db.intake.many.executor import Executor
from gphoton_db.intake.many.messages import Result
from gphoton_db.intake.options import LOCAL
from gphoton_db.intake.staging import folder_named
from gphoton_db.pipeline.independent import LONGEST_WAIT_S, outcomes, reading_jobs
from gphoton_db.products.hats.make import export_table
from gphoton_db.products.hats.options import HatsOptions
from gphoton_db.products.lightcurves.options import MeasurementChoices
from gphoton_db.products.reader import ArchiveReader

if TYPE_CHECKING:
    from gphoton_db.products.hats.export import Exported
    from gphoton_db.products.hats.layout import Collection
    from gphoton_db.products.hats.partitions import Ints, Partitions
    from gphoton_db.products.hats.rows import Block, Opened, Pieces
    from gphoton_db.products.hats.tables import Rows


def export_hats(
    archive: ArchiveReader,
    table: str,
    folder: str | Path,
    options: HatsOptions,
    positions: Any = None,
    curves: MeasurementChoices | None = None,
    *,
    jobs: int | None = None,
    cluster: Cluster | None = None,
) -> "Exported":
    """Export a table of the archive; see `Archive.export_hats`.

    Raises
    ------
    ProductError
        As `export_table`; with several processes: in the end, after the other legs.
    ClusterError
        If the cluster gives no answer.
    """
    others = jobs is not None or (cluster is not None and cluster != LOCAL)
    doing = partial(ByProcesses, archive, jobs, cluster) if others else None
    return export_table(archive, table, folder, options, positions, curves, doing)


@dataclass(frozen=True, eq=False)
class ByProcesses:
    """Has other processes count and write rows; see `products.hats.doing.Doing`.

    Parameters
    ----------
    archive : ArchiveReader
        Has the rows.
    jobs, cluster
        As for `Archive.ingest_many`.
    rows : Rows
        Which they are.
    """

    archive: ArchiveReader
    jobs: int | None
    cluster: Cluster | None
    rows: "Rows"

    def count(
        self, collection: "Collection", blocks: "Sequence[Block]"
    ) -> "Iterator[tuple[Ints, Ints]]":
        """Yield the pixels that have rows of a block, and how many."""
        from gphoton_db.products.hats.doing import InThreads

        if all(block.at_hand for block in blocks):
            return InThreads(self.archive, 1).count(collection, blocks)
        return (result.report for result in self._results(collection, count_apart, blocks))

    def write(
        self, collection: "Collection", partitions: "Partitions", blocks: "Sequence[Block]"
    ) -> Iterator[pa.Table]:
        """Have rows written elsewhere, and move the files of each block to their places."""
        from gphoton_db.products.hats.rows import move_written

        del partitions  # which each process reads where the export has noted them
        write = partial(write_apart, collection=collection)
        for result in self._results(collection, write, blocks):
            written = replace(collection, folder=result.staged.folder)
            move_written(written, collection, result.report)
            yield result.report

    def _results(
        self, collection: "Collection", make: Callable[..., Any], blocks: "Sequence[Block]"
    ) -> Iterator[Result]:
        """Have something made of blocks, and yield what is, and raise what could not be."""
        if not blocks:
            return
        failed: list[str] = []
        parent, what = collection.notes / "staging", str(collection.folder)
        with folder_named(parent, "export", what, longest_wait=LONGEST_WAIT_S) as staging:
            executor: Executor[str] = executor_for(
                self.cluster, jobs=self.jobs, threads=None, n_jobs=len(blocks)
            )
            jobs = reading_jobs(executor, self.archive, blocks, make, staging, self.rows.name)
            tell = self.archive.on_progress
            for outcome in outcomes(executor, self.rows.groups, jobs, tell):
                if outcome.result is not None:
                    yield outcome.result
                else:
                    failed.append(f"{outcome.key}: {outcome.reason}")
        if failed:
            raise ProductError(
                f"{what}: {len(failed):,} of {len(blocks):,} parts could not be exported; the "
                f"first: {failed[0]} (the same command tries those again)"
            )


def count_apart(block: "Block", archive: ArchiveReader, folder: Path) -> "tuple[Ints, Ints]":
    """Count the rows of a block, in another process; no file is made."""
    from gphoton_db.products.hats.doing import count_rows

    del folder
    return count_rows(_told(archive, block.opened(archive)))


def write_apart(
    block: "Block", archive: ArchiveReader, folder: Path, collection: "Collection"
) -> pa.Table:
    """Write the rows of a block into a folder, laid out as the collection, in another process."""
    from gphoton_db.products.hats.doing import write_rows
    from gphoton_db.products.hats.notes import read_partitions

    partitions = read_partitions(collection)
    if partitions is None:
        raise ProductError(f"{collection.folder}: somebody removed what it notes meanwhile")
    opened = _told(archive, block.opened(archive))
    return write_rows(replace(collection, folder=folder), partitions, opened)


def _told(archive: ArchiveReader, opened: "Opened") -> "Opened":
    """Return the same, which tells of each piece that it reads."""

    def told(pieces: "Pieces") -> Iterator[pa.Table]:
        for number, piece in enumerate(pieces()):
            archive.on_progress("reading", number, number + 1)
            yield piece

    return replace(
        opened, positions=partial(told, opened.positions), rows=partial(told, opened.rows)
    )
