"""Arrays parked between two passes: the first of them in memory, the others on disk.

So what fits is never written and read, and memory does not grow with the telemetry.
"""

import os
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

HELD_EVENTS = 160_000_000
"""Bytes of telemetry that wait in memory, nine an event: an eclipse of 18 million."""

HELD_PHOTONS = 96_000_000
"""Bytes of photons that wait in memory, 35 each.  Writing files, when telemetry is given back
already, is what needs most memory; with these it stays under 700 MB."""


@dataclass(frozen=True)
class Extent:
    """Where an array lies in a scratch file."""

    offset: int
    dtype: np.dtype[Any]
    length: int

    def bytes_of(self, start: int, stop: int) -> tuple[int, int]:
        """Return offset and size, in bytes, of elements `start` to `stop`."""
        return self.offset + start * self.dtype.itemsize, (stop - start) * self.dtype.itemsize


class Scratch:
    """Some memory and a temporary file that arrays are appended to, by any thread, and read back.

    The file has no name: it vanishes with the process, however that ends.

    Parameters
    ----------
    directory : Path
        Where the file goes.
    held_bytes : int
        Arrays that fit into so many bytes, all together, stay in memory.  It is taken from the
        system page by page, as it is filled.
    """

    def __init__(self, directory: Path, held_bytes: int = 0) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=directory, buffering=0)  # noqa: SIM115
        self._memory = np.empty(held_bytes, np.uint8)
        self._held_end = held_bytes  # what begins here or later is in the file
        self._end = 0
        self._lock = threading.Lock()

    def __enter__(self) -> "Scratch":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give memory and file back; nothing can be read any more, but what was read stays."""
        self._file.close()
        self._memory = np.empty(0, np.uint8)

    def append(self, array: NDArray[Any]) -> Extent:
        """Write a contiguous one-dimensional array at the end; return where it lies."""
        with self._lock:
            offset = self._end
            self._end += array.nbytes
            if self._end > self._held_end:  # it and all later ones are not held
                self._held_end = min(self._held_end, offset)
        self._write(array.view(np.uint8).data, offset)
        return Extent(offset, array.dtype, len(array))

    def overwrite(self, extent: Extent, array: NDArray[Any]) -> None:
        """Replace an array by one of the same type and length."""
        self._write(array.view(np.uint8).data, extent.offset)

    def read(self, extent: Extent) -> NDArray[Any]:
        """Return an array, read-only."""
        data = self.read_bytes(*extent.bytes_of(0, extent.length))
        return np.frombuffer(data, extent.dtype)

    def read_bytes(self, offset: int, size: int) -> bytes | memoryview:
        """Return `size` bytes from `offset` on, read-only; what is held in memory is not copied."""
        if offset < self._held_end:
            held = self._memory[offset : offset + size].data.toreadonly()
            self._check(len(held), offset, size)
            return held
        data = os.pread(self._file.fileno(), size, offset)
        self._check(len(data), offset, size)
        return data

    def read_places(self, places: Sequence[tuple[int, int]]) -> NDArray[np.uint8]:
        """Return the bytes of several places, each an offset and a size, one after the other."""
        joined = np.empty(sum(size for _, size in places), np.uint8)
        at = 0
        for offset, size in places:
            if offset < self._held_end:
                joined[at : at + size] = self._memory[offset : offset + size]
            else:
                got = os.preadv(self._file.fileno(), [joined[at : at + size].data], offset)
                self._check(got, offset, size)
            at += size
        return joined

    @staticmethod
    def _check(got: int, offset: int, size: int) -> None:
        if got < size:
            raise OSError(f"a scratch file ends early: {got} of {size} bytes at {offset}")

    def _write(self, view: memoryview, offset: int) -> None:
        if offset < self._held_end:
            self._memory[offset : offset + len(view)] = view
            return
        while view:
            put = os.pwrite(self._file.fileno(), view, offset)
            view, offset = view[put:], offset + put
