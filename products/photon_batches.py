"""Photons of files, a row group at a time, in any number of threads and little memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gphoton_db.arrow_columns import values_of
from gphoton_db.kernels.arrays import read_only
from gphoton_db.remote.files import file_state, for_arrow
from gphoton_db.schemas import ASPECT, PHOTONS, TICKS
from gphoton_db.system.seal import damaged_file, read_seal
from gphoton_db.system.threads import in_order

Result = TypeVar("Result")

Photons = dict[str, NDArray[Any]]
"""Columns of some photons by name; unknown positions and responses are NaN, unknown masks False.
They are not to be written to."""

SCHEMAS = {"photons": PHOTONS, "ticks": TICKS, "seconds": TICKS, "aspect": ASPECT}
"""Columns of the kinds of files that legs have, in the order of the files."""

RowGroup = tuple[Path, int]
"""A file, and the number of one of its row groups."""


def row_groups(files: Iterable[Path]) -> list[RowGroup]:
    """Return the row groups of photon files, in order.

    Raises
    ------
    ArchiveError
        If a file is missing or damaged.
    """
    return [(path, k) for path in files for k in range(footer_of(path).num_row_groups)]


def footer_of(path: Path) -> pq.FileMetaData:
    """Return the footer of a file of a leg.

    A process parses that of a file once, unless the file changes, and not for each row group.

    Raises
    ------
    ArchiveError
        If the file is missing or damaged, or another one than its name says.
    """
    read_seal(path)
    return _checked(path, lambda path: _footer(path, *file_state(path)))


@lru_cache(maxsize=16)
def _footer(path: Path, *_state: int) -> pq.FileMetaData:
    return pq.read_metadata(for_arrow(path))


def stated_bounds(groups: Sequence[RowGroup], name: str) -> NDArray[np.float64]:
    """Return the smallest and the largest value of a column in row groups, as their files say.

    Returns
    -------
    (groups, 2) float64
        NaN where a file says nothing.

    Raises
    ------
    ArchiveError
        If a file is missing or damaged.
    """
    footers = {path: footer_of(path) for path in dict.fromkeys(path for path, _ in groups)}
    bounds = np.full((len(groups), 2), np.nan)
    for k, (path, number) in enumerate(groups):
        column = footers[path].schema.names.index(name)
        said = footers[path].row_group(number).column(column).statistics
        if said is not None and said.has_min_max:
            bounds[k] = said.min, said.max
    return bounds


def map_photons(
    groups: Sequence[RowGroup],
    columns: Sequence[str],
    function: Callable[[Photons], Result],
    *,
    threads: int,
) -> Iterator[Result]:
    """Read photons and apply a function to each row group's, in several threads.

    Parameters
    ----------
    groups : sequence of (Path, int)
        As `row_groups` lists them.
    columns : sequence of str
        Columns of the photon files that the function needs.
    function : callable
        Takes `Photons`; should spend its time where Python's lock is released.
    threads : int
        How many read and compute.

    Yields
    ------
    Result
        In the order of `groups`, so that what is summed up from them does not depend on threads;
        a few at a time exist.

    Raises
    ------
    ArchiveError
        If a file is missing or damaged.
    """

    def result_of(group: RowGroup) -> Result:
        return function(read_row_group(group, columns))

    return in_order(result_of, groups, threads=threads)


def photon_batches(
    groups: Sequence[RowGroup], columns: Sequence[str], *, threads: int
) -> Iterator[Photons]:
    """Yield the photons of each row group; see `map_photons`."""
    return map_photons(groups, columns, _same, threads=threads)


def read_row_group(group: RowGroup, columns: Sequence[str]) -> Photons:
    """Return columns of the photons of one row group."""
    path, number = group
    check_files([path], columns, [number])
    footer = footer_of(path)

    def read(path: Path) -> pa.Table:
        with pq.ParquetFile(for_arrow(path), metadata=footer) as file:
            table = file.read_row_group(number, columns=list(columns), use_threads=False)
        return table.select(list(columns))

    table = _checked(path, read)
    return {name: column_array(table[name]) for name in columns}


def check_files(
    paths: Iterable[Path],
    columns: Sequence[str],
    groups: Sequence[int] | None = None,
    near: tuple[tuple[int, int], tuple[float, float]] | None = None,
    schema: pa.Schema | None = None,
) -> None:
    """Compare what is read of files with the checksums in their seals, if they have any.

    Parameters
    ----------
    paths : iterable of Path
        The files, all of one kind.
    columns : sequence of str
        Those that are read.
    groups : sequence of int, optional
        Row groups that are read; None: all.
    near : (cells, dec), optional
        Bounds; only row groups that may have photons within are read.
    schema : pyarrow.Schema, optional
        Of the files; None: of the kind of files of legs that they are.

    Raises
    ------
    ArchiveError
        If a file is missing or damaged, or another one than its name says.
    """
    for path in paths:
        seal = read_seal(path)
        if seal is not None:
            of_file = SCHEMAS[path.parents[3].name] if schema is None else schema
            names = of_file.names
            wanted = seal.near(*near).tolist() if near else groups
            seal.check([names.index(name) for name in {*columns}], wanted)


def _same(photons: Photons) -> Photons:
    return photons


def column_array(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return a column of a photon file as `Photons` have it."""
    return read_only(values_of(column))


def _checked(path: Path, read: Callable[[Path], Any]) -> Any:
    try:
        return read(path)
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise damaged_file(path, str(error)) from None
