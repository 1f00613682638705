"""Seals of a leg's Parquet files: which file it is, and checksums of every byte that is read.

Parquet's own checksums are of pages alone, and few readers look at them: neither a page's header
nor the footer, with its bounds and places, has one.  So a file says in its footer what it is called
in the archive, and has a checksum of each column of each row group, as it lies on the disk,
and of the footer itself.  To look at it takes two reads at the end of the file.
"""

import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.errors import ArchiveError
from gphoton_db.remote.files import OpenFile, file_state, is_far, opened, shown

KEY = b"gphoton_db_seal"
"""Of the seal in the file's metadata."""

_MARK = b"gphoton-seal-1 "
_NO_CHECKSUM = b"00000000"
_MAGIC = b"PAR1"
_TAIL = 1 << 15
"""Bytes that are read at the end of a file; a longer footer takes a second read."""

_ROW_BYTES, _FEW_ROWS = 4096, 8

_CHUNK = np.dtype([("start", "<u8"), ("length", "<u4"), ("checksum", "<u4")])
_GROUP = np.dtype([("cells", "<i4", 2), ("dec", "<f8", 2)])

_ANYWHERE = (np.iinfo(np.int32).min, np.iinfo(np.int32).max), (-np.inf, np.inf)


@dataclass(frozen=True, eq=False)
class Seal:
    """What a file says of its bytes.

    Parameters
    ----------
    path : Path
        The file.
    shape : pair of int
        Row groups, and columns.
    text : bytes
        The numbers, in base64; those of a few row groups take less than all of them.
    """

    path: Path
    shape: tuple[int, int]
    text: bytes

    @cached_property
    def chunks(self) -> NDArray[Any]:
        """``start``, ``length`` (bytes) and ``checksum`` by row group and column."""
        return self._numbers(_CHUNK, 0, self.shape[0] * self.shape[1]).reshape(self.shape)

    @cached_property
    def groups(self) -> NDArray[Any]:
        """Bounds of the positions in each row group: ``cells``, and ``dec`` in deg."""
        return self._numbers(_GROUP, self.shape[0] * self.shape[1] * _CHUNK.itemsize, self.shape[0])

    def _numbers(self, kind: np.dtype[Any], start: int, count: int) -> NDArray[Any]:
        """Return some of the numbers; three bytes are four letters."""
        first, last = start // 3, -(-(start + count * kind.itemsize) // 3)
        try:
            found = b64decode(self.text[4 * first : 4 * last])
            return np.frombuffer(found, kind, count, start - 3 * first)
        except ValueError as error:
            raise damaged_file(self.path, f"its footer is not what was written ({error})") from None

    def near(self, cells: tuple[int, int], dec: tuple[float, float]) -> NDArray[np.int64]:
        """Return which row groups may have rows within some bounds."""
        meets = [
            (self.groups[name][:, 0] <= bounds[1]) & (self.groups[name][:, 1] >= bounds[0])
            for name, bounds in (("cells", cells), ("dec", dec))
        ]
        return np.flatnonzero(meets[0] & meets[1])

    def check(
        self, columns: Iterable[int] | None = None, groups: Iterable[int] | None = None
    ) -> None:
        """Compare bytes with their checksums: those of some columns and row groups, or of all.

        Raises
        ------
        ArchiveError
            If they are not what was written.
        """
        n_groups, n_columns = self.shape
        wanted = range(n_columns) if columns is None else list(columns)
        numbers = range(n_groups) if groups is None else list(groups)
        size = n_columns * _CHUNK.itemsize
        rows = (self._numbers(_CHUNK, group * size, n_columns).tolist() for group in numbers)
        looked_at = [row[column] for row in rows for column in wanted]
        with opened(self.path) as file:
            file.prepare((start, length) for start, length, _ in looked_at)
            for start, length, checksum in looked_at:
                if _checksum(file.bytes_at(start, length)) != checksum:
                    raise damaged_file(self.path, "its content is not what was written")


def empty_seal(name: str, n_groups: int, n_columns: int) -> dict[bytes, str]:
    """Return metadata for a file that is being written, which `seal` fills in.

    Parameters
    ----------
    name : str
        What the file is called, relative to the archive.
    n_groups, n_columns : int
        Row groups that it will have, and columns.
    """
    blank = np.zeros(n_groups * (n_columns * _CHUNK.itemsize + _GROUP.itemsize), np.uint8)
    return {KEY: _text(name, _NO_CHECKSUM, n_groups, n_columns, blank.tobytes()).decode()}


def seal(path: Path, name: str) -> None:
    """Fill in the seal of a file that is complete.

    Parameters
    ----------
    path : Path
        Where it is now, written with the metadata of `empty_seal`.
    name : str
        What it is called, relative to the archive.
    """
    import pyarrow.parquet as pq

    footer = pq.read_metadata(path)
    n_groups, n_columns = footer.num_row_groups, footer.num_columns
    groups = [footer.row_group(k) for k in range(n_groups)]
    chunks = np.zeros((n_groups, n_columns), _CHUNK)
    bounds = np.zeros(n_groups, _GROUP)
    with path.open("r+b", buffering=0) as file:
        for k, group in enumerate(groups):
            columns = [group.column(c) for c in range(n_columns)]
            bounds[k] = _bounds(columns)
            for c, column in enumerate(columns):
                start = column.dictionary_page_offset or column.data_page_offset
                content = os.pread(file.fileno(), column.total_compressed_size, start)
                chunks[k, c] = (start, len(content), _checksum(content))
        with opened(path) as complete:
            start, old = _footer(path, complete)
        numbers = chunks.tobytes() + bounds.tobytes()
        blank = _text(name, _NO_CHECKSUM, n_groups, n_columns, bytes(len(numbers)))
        at = old.index(blank)
        text = _text(name, _NO_CHECKSUM, n_groups, n_columns, numbers)
        new = old[:at] + text + old[at + len(blank) :]
        text = _text(name, b"%08x" % zlib.crc32(new), n_groups, n_columns, numbers)
        os.pwrite(file.fileno(), text, start + at)


def unseal(path: Path) -> None:
    """Make a file one without a seal, of the same size: a copy that is to stand for several legs.

    For archives that are made up for tests and benchmarks, whose files are links of a few.
    """
    with path.open("r+b", buffering=0) as file:
        with opened(path) as complete:
            start, footer = _footer(path, complete)
        for word in (KEY, _MARK):
            footer = footer.replace(word, word.replace(b"seal", b"none"))
        os.pwrite(file.fileno(), footer, start)


def read_seal(path: Path) -> Seal | None:
    """Return the seal of a file of an archive, if it is the file that its name says.

    A process reads that of a file once, unless the file changes.

    Returns
    -------
    Seal or None
        None for a file that an older gphoton-db wrote, which has none.

    Raises
    ------
    ArchiveError
        If the file is missing or damaged, or another one.
    """
    try:
        return _read(path, *file_state(path))
    except OSError as error:
        raise damaged_file(path, error.strerror or str(error)) from None


def seal_in(path: Path, content: bytes) -> Seal | None:
    """Return the seal of a file whose whole content was read; see `read_seal`.

    Raises
    ------
    ArchiveError
        If the file is damaged, or another one.
    """
    length = int.from_bytes(content[-8:-4], "little") + 8
    if content[-4:] != _MAGIC or content[:4] != _MAGIC or not 12 <= length + 4 <= len(content):
        raise damaged_file(path, "it is cut off, or no Parquet file")
    return _of_footer(path, content[-length:])


@lru_cache(maxsize=256)
def _read(path: Path, *_state: int) -> Seal | None:
    with opened(path) as file:
        _, footer = _footer(path, file)
    return _of_footer(path, footer)


def _of_footer(path: Path, footer: bytes) -> Seal | None:
    at = footer.find(_MARK)
    if at < 0:
        if KEY in footer:
            raise damaged_file(path, "its footer is not what was written")
        return None
    try:
        return _parsed(path, footer, at)
    except (ValueError, IndexError) as error:
        raise damaged_file(path, f"its footer is not what was written ({error})") from None


def damaged_file(path: Path, what: str) -> ArchiveError:
    """Return the error that says which file cannot be read, and what to do."""
    if is_far(path):
        return ArchiveError(
            f"{shown(path)}: cannot be read: {what}; ask whoever published it to run "
            "`gphoton-db verify --repair` and to publish it again"
        )
    return ArchiveError(
        f"{path}: cannot be read: {what}; `gphoton-db verify --repair` puts it right, or "
        "ingest its eclipse again with --force"
    )


def _parsed(path: Path, footer: bytes, at: int) -> Seal:
    fields = footer[at + len(_MARK) : at + _TAIL].split(b" ", 4)
    name, checksum, n_groups, n_columns = fields[0], fields[1], int(fields[2]), int(fields[3])
    where = at + len(_MARK) + len(name) + 1
    rest = footer[where + len(checksum) :]
    found = zlib.crc32(rest, zlib.crc32(_NO_CHECKSUM, zlib.crc32(footer[:where])))
    if checksum != b"%08x" % found:
        raise damaged_file(path, "its footer is not what was written")
    if not path.as_posix().endswith("/" + name.decode()):
        raise damaged_file(path, f"it is another file, {name.decode()}")
    start = where + len(b" ".join(fields[1:4])) + 1
    size = n_groups * (n_columns * _CHUNK.itemsize + _GROUP.itemsize)
    return Seal(path, (n_groups, n_columns), footer[start : start + -(-size // 3) * 4])


def _checksum(content: bytes) -> int:
    """Return a checksum of some bytes: of long ones by way of sums, at the speed of memory.

    A bit changes the sum of its row, and what moves within a row the bits that its columns share.
    """
    n_rows = len(content) // _ROW_BYTES
    if n_rows < _FEW_ROWS:
        return zlib.crc32(content)
    rows = np.frombuffer(content, "<u8", n_rows * _ROW_BYTES // 8).reshape(n_rows, -1)
    sums = rows.sum(axis=1, dtype=np.uint64).tobytes()
    shared = np.bitwise_xor.reduce(rows, axis=0).tobytes()
    return zlib.crc32(content[n_rows * _ROW_BYTES :], zlib.crc32(shared, zlib.crc32(sums)))


def _footer(path: Path, file: OpenFile) -> tuple[int, bytes]:
    """Return where the footer of a Parquet file starts, and the footer to the end of the file."""
    size = file.size
    tail = file.bytes_at(max(size - _TAIL, 0), _TAIL)
    if size < 12 or tail[-4:] != _MAGIC or (not is_far(path) and file.bytes_at(0, 4) != _MAGIC):
        raise damaged_file(path, "it is cut off, or no Parquet file")
    length = int.from_bytes(tail[-8:-4], "little") + 8
    if length > size - 4:
        raise damaged_file(path, "its footer is not what was written")
    if length > len(tail):
        tail = file.bytes_at(size - length, length)
    return size - length, tail[-length:]


def _text(name: str, checksum: bytes, n_groups: int, n_columns: int, numbers: bytes) -> bytes:
    head = f"{name} {checksum.decode()} {n_groups} {n_columns} "
    return _MARK + head.encode() + b64encode(numbers)


def _bounds(columns: Sequence[Any]) -> tuple[Any, Any]:
    """Return bounds of cells and declination of a row group; without them it may be anywhere."""
    found = {}
    for column in columns:
        statistics = column.statistics
        if column.path_in_schema in ("cell", "dec") and statistics and statistics.has_min_max:
            found[column.path_in_schema] = (statistics.min, statistics.max)
    return found.get("cell", _ANYWHERE[0]), found.get("dec", _ANYWHERE[1])
