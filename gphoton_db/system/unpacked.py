"""Small files read whole: unpacked as far as is sensible, and no further."""

import bz2
import gzip
import io
import lzma
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

LEAST_LIMIT_BYTES = 64_000_000
"""What any small file may have when it is unpacked."""

MOST_TIMES = 100
"""How many times its size a file may have when it is unpacked; tables reach 20."""

_CHUNK_BYTES = 1 << 20

_OPENERS: dict[bytes, Callable[[BinaryIO], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
}
"""First bytes of a packed file: what opens it."""


def unpacking_limit(size: int) -> int:
    """Return how many bytes a packed file of a size may come to."""
    return max(LEAST_LIMIT_BYTES, MOST_TIMES * size)


def is_packed(beginning: bytes) -> bool:
    """Return whether a file that begins so is packed: gzip, bzip2 or xz."""
    return beginning.startswith(tuple(_OPENERS))


def read_unpacked(path: Path, most_bytes: int | None = None) -> bytes:
    """Return the content of a file, unpacked where it is packed (the content decides).

    Parameters
    ----------
    path : Path
        The file.
    most_bytes : int, optional
        What it may have; by default `unpacking_limit` of a packed file, and anything of others.

    Raises
    ------
    ValueError
        If it has more.
    OSError, EOFError, lzma.LZMAError, zlib.error
        If it cannot be read, or is damaged.
    """
    with path.open("rb") as file:
        opener = _opener(file)
        limit = most_bytes
        if opener is not None and limit is None:
            limit = unpacking_limit(path.stat().st_size)
        content = io.BytesIO()
        for chunk, n_bytes in _chunks(opener(file) if opener else file):
            if limit is not None and n_bytes > limit:
                raise ValueError(f"it has more than {limit / 1e6:.0f} MB, which is no such file")
            content.write(chunk)
        return content.getvalue()


def check_unpacked_size(path: Path, most_bytes: int) -> None:
    """Check that a file which may be packed has no more than so many bytes.

    Raises
    ------
    ValueError
        If it has more.
    OSError, EOFError, lzma.LZMAError, zlib.error
        If it cannot be read, or is damaged.
    """
    with path.open("rb") as file:
        opener = _opener(file)
        if opener is None:
            return
        for _, n_bytes in _chunks(opener(file)):
            if n_bytes > most_bytes:
                raise ValueError(f"it unpacks to more than {most_bytes / 1e6:.0f} MB")


def _chunks(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield the parts of a file, and how many bytes came with and before each."""
    n_bytes = 0
    while chunk := stream.read(_CHUNK_BYTES):
        n_bytes += len(chunk)
        yield chunk, n_bytes


def _opener(file: BinaryIO) -> Callable[[BinaryIO], Any] | None:
    """Return what opens the rest of a file, which is at its beginning; None: it is not packed."""
    beginning = file.read(8)
    file.seek(0)
    return next((o for magic, o in _OPENERS.items() if beginning.startswith(magic)), None)
