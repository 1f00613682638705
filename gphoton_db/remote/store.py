"""What was fetched of the files of an archive: every part once, in bounded memory.

Names of files of an archive are never given to other content (only the pointer and a copy of the
catalogue are replaced), so that what was fetched stays true.
"""

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from gphoton_db.remote.kept import KeptTails, changed_file
from gphoton_db.remote.parts import Part, Source

TAIL = 1 << 16
"""Bytes at the end of a file that are fetched with its size: the footer, or all of a small file."""

GAP = 1 << 16
"""Two parts with no more than so many bytes between them are fetched in one."""

FURTHER = 1 << 18
"""A part follows another one that is no more than so many bytes before it."""

MANY_IN_A_ROW = 4
"""So many parts that follow one another are a sign that all of a file is read."""

MOST_AHEAD = 8 * 2**20
"""Bytes that are fetched at once of a file that is read from one end to the other."""

MOST_BYTES = 256 * 2**20
"""What is kept in memory."""


@dataclass
class _File:
    """Fetched parts of a file, by where they start; none touches another one.

    ``ended`` is where the part ended that was fetched last, ``in_a_row`` how many followed one
    another, and ``ahead`` how much was fetched at once.
    """

    size: int
    starts: list[int] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: int = -(1 << 62)
    in_a_row: int = 0
    ahead: int = 0

    def missing(self, start: int, stop: int) -> list[tuple[int, int]]:
        """Return what of a range is not here."""
        found, at = [], start
        for first, part in zip(self.starts, self.parts, strict=True):
            last = first + len(part)
            if last <= at or first >= stop:
                continue
            if first > at:
                found.append((at, first))
            at = max(at, last)
        if at < stop:
            found.append((at, stop))
        return found

    def further(self, start: int, stop: int) -> int:
        """Return where to stop fetching: further and further where one part follows another."""
        self.in_a_row = self.in_a_row + 1 if 0 <= start - self.ended <= FURTHER else 0
        if self.in_a_row >= MANY_IN_A_ROW:
            self.ahead = min(2 * max(self.ahead, stop - start), MOST_AHEAD)
            here = bisect_right(self.starts, stop)
            end = self.starts[here] if here < len(self.starts) else self.size
            stop = max(stop, min(start + self.ahead, end))
        else:
            self.ahead = 0
        self.ended = stop
        return stop

    def add(self, start: int, content: bytes) -> None:
        """Add a part, and join it with those that it touches or covers."""
        stop = start + len(content)
        touching = [
            (first, part)
            for first, part in zip(self.starts, self.parts, strict=True)
            if first <= stop and first + len(part) >= start
        ]
        others = [
            (first, part)
            for first, part in zip(self.starts, self.parts, strict=True)
            if first > stop or first + len(part) < start
        ]
        begin = min([start, *(first for first, _ in touching)])
        joined = bytearray(max([stop, *(f + len(p) for f, p in touching)]) - begin)
        for first, part in [*touching, (start, content)]:
            joined[first - begin : first - begin + len(part)] = part
        rows = sorted([*others, (begin, bytes(joined))])
        self.starts, self.parts = [row[0] for row in rows], [row[1] for row in rows]

    def content(self, start: int, stop: int) -> bytes:
        """Return a range that is here."""
        k = bisect_right(self.starts, start) - 1
        first = self.starts[k]
        return self.parts[k][start - first : stop - first]


class RangeStore:
    """Reads the files of an archive in parts.

    Parameters
    ----------
    source : Source
        Where they are.
    kept : KeptTails
        Ends of files that were fetched by earlier processes.
    """

    def __init__(self, source: Source, kept: KeptTails) -> None:
        self.source = source
        self._kept = kept
        self._files: OrderedDict[str, _File] = OrderedDict()
        self._lock = threading.Lock()

    def size(self, name: str) -> int:
        """Return the bytes of a file.

        Raises
        ------
        ArchiveError
            If it cannot be read.
        """
        return self._file(name).size

    def read(self, name: str, start: int, length: int) -> bytes:
        """Return bytes of a file, fewer at its end; raises as `size`."""
        file = self._file(name)
        stop = min(start + length, file.size)
        if stop <= start:
            return b""
        with file.lock:
            self._fetch(name, file, [(start, stop)])
            return file.content(start, stop)

    def prepare(self, name: str, ranges: Iterable[tuple[int, int]]) -> None:
        """Fetch several parts (start, length) of a file in few requests; raises as `size`."""
        file = self._file(name)
        with file.lock:
            self._fetch(name, file, [(start, start + length) for start, length in ranges])

    def _fetch(self, name: str, file: _File, ranges: Iterable[tuple[int, int]]) -> None:
        missing = sorted(part for each in ranges for part in file.missing(*each))
        joined: list[list[int]] = []
        for start, stop in missing:
            if joined and start - joined[-1][1] <= GAP:
                joined[-1][1] = max(stop, joined[-1][1])
            else:
                joined.append([start, stop])
        for start, wanted in joined:
            stop = file.further(start, wanted)
            part = self.source.part(name, start, stop - start)
            if part.size != file.size:
                self._kept.drop(name)
                raise changed_file(f"{self.source.address}/{name}", file.size, part.size)
            file.add(start, part.content)

    def _file(self, name: str) -> _File:
        with self._lock:
            file = self._files.get(name)
            if file is None:
                file = self._files[name] = self._opened(name)
                self._forget()
            self._files.move_to_end(name)
        return file

    def _opened(self, name: str) -> _File:
        part: Part | None = self._kept.read(name)
        if part is None:
            part = self.source.part(name, -TAIL, TAIL)
            self._kept.write(name, part)
        file = _File(part.size)
        file.add(part.start, part.content)
        return file

    def _forget(self) -> None:
        """Forget the files that were used least recently, if there is too much of them."""
        total = sum(len(part) for file in self._files.values() for part in file.parts)
        while total > MOST_BYTES and len(self._files) > 1:
            _, file = self._files.popitem(last=False)
            total -= sum(len(part) for part in file.parts)
