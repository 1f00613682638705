"""Files of an archive, here or afar: the one way in which those of legs are opened.

What is afar has a folder of this machine that stands for it (`stands_for`).  The paths of its files
are below that, where nothing is: they are read from the server in parts.
"""

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from gphoton_db.remote.mounted import Mounted

_MOUNTED: "WeakValueDictionary[Path, Mounted]" = WeakValueDictionary()
"""What is afar, by the folder that stands for it, for as long as somebody has it open."""


class OpenFile(Protocol):
    """A file of which bytes are read from anywhere."""

    @property
    def size(self) -> int:
        """Bytes of the file."""

    def bytes_at(self, start: int, length: int) -> bytes:
        """Return bytes, fewer at the end of the file."""

    def prepare(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Be told of all (start, length) that will be asked for."""


@dataclass(frozen=True)
class _Local:
    size: int
    descriptor: int

    def bytes_at(self, start: int, length: int) -> bytes:
        return os.pread(self.descriptor, length, start)

    def prepare(self, ranges: Iterable[tuple[int, int]]) -> None:
        pass


@dataclass(frozen=True)
class _Afar:
    size: int
    mounted: "Mounted"
    name: str

    def bytes_at(self, start: int, length: int) -> bytes:
        return self.mounted.store.read(self.name, start, length)

    def prepare(self, ranges: Iterable[tuple[int, int]]) -> None:
        self.mounted.store.prepare(self.name, ranges)


class _Stream(io.RawIOBase):
    """A file that is afar, as Arrow reads one."""

    def __init__(self, file: _Afar) -> None:
        super().__init__()
        self._file, self._at = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self._file.size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        content = self._file.bytes_at(self._at, len(buffer))
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def stands_for(folder: Path, mounted: "Mounted") -> None:
    """Let a folder stand for what is afar, for as long as that is held by somebody."""
    _MOUNTED[folder] = mounted


def is_far(path: Path) -> bool:
    """Return whether a file, or the folder of an archive, is afar."""
    return _afar(path) is not None


def shown(path: Path) -> str:
    """Return how a file, or the folder of an archive, is called in messages."""
    found = _afar(path)
    return found[0].shown(found[1]) if found else str(path)


def file_state(path: Path) -> tuple[int, ...]:
    """Return what changes when a file does: size, and what else the system knows.

    Raises
    ------
    OSError
        If there is no such file here.
    ArchiveError
        If there is none afar.
    """
    found = _afar(path)
    if found:
        return (found[0].store.size(found[1]), 0, 0)
    state = path.stat()
    return (state.st_size, state.st_ino, state.st_mtime_ns)


@contextmanager
def opened(path: Path) -> Iterator[OpenFile]:
    """Open a file to read bytes of it; raises as `file_state`."""
    found = _afar(path)
    if found:
        mounted, name = found
        yield _Afar(mounted.store.size(name), mounted, name)
        return
    descriptor = os.open(path, os.O_RDONLY)  # a file object takes three times as long
    try:
        yield _Local(os.fstat(descriptor).st_size, descriptor)
    finally:
        os.close(descriptor)


def published_calibration(root: Path, name: str, sha256: str) -> list[Path]:
    """Return the folder with a calibration file that was published with an archive, if it was.

    Parameters
    ----------
    root : Path
        The archive's folder.
    name, sha256 : str
        Of the file.
    """
    found = _afar(root)
    file = found[0].kept_calibration(name, sha256) if found else None
    return [] if file is None else [file.parent]


def published(path: Path) -> Path | None:
    """Return where a file is that no catalogue lists, itself or as it was published; or None."""
    found = _afar(path)
    if not found:
        return path if path.exists() else None
    mounted, name = found
    named = {each.name: each.path for each in mounted.pointer.extras}
    return mounted.root / named[name] if name in named else None


def for_arrow(path: Path) -> Path | BinaryIO:
    """Return what Arrow opens of a file; raises as `file_state`."""
    found = _afar(path)
    if not found:
        return path
    mounted, name = found
    stream: Any = _Stream(_Afar(mounted.store.size(name), mounted, name))
    return stream  # type: ignore[no-any-return]


def for_duckdb(path: Path) -> str:
    """Return what DuckDB calls a file in the session of its archive."""
    found = _afar(path)
    return f"{found[0].sql_root}/{found[1]}" if found else str(path)


def _afar(path: Path) -> "tuple[Mounted, str] | None":
    """Return which archive that is afar has a file, and its name there."""
    if not _MOUNTED:
        return None
    for folder, mounted in list(_MOUNTED.items()):
        if path == folder or folder in path.parents:
            return mounted, path.relative_to(folder).as_posix()
    return None
