"""Arrays parked on disk between two passes, so that memory never grows with the telemetry."""

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
    """A temporary file that arrays are appended to and read back from, by any thread.

    The file has no name: it vanishes with the process, however that ends.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=directory, buffering=0)  # noqa: SIM115
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
        """Give the file back; nothing can be read any more, but what was read stays."""
        self._file.close()

    def append(self, array: NDArray[Any]) -> Extent:
        """Write a contiguous one-dimensional array at the end; return where it lies."""
        with self._lock:
            offset = self._end
            self._end += array.nbytes
        self._write(array.view(np.uint8).data, offset)
        return Extent(offset, array.dtype, len(array))

    def overwrite(self, extent: Extent, array: NDArray[Any]) -> None:
        """Replace an array by one of the same type and length."""
        self._write(array.view(np.uint8).data, extent.offset)

    def read(self, extent: Extent) -> NDArray[Any]:
        """Return an array, read-only."""
        data = self.read_bytes(*extent.bytes_of(0, extent.length))
        return np.frombuffer(data, extent.dtype)

    def read_bytes(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset` on."""
        data = os.pread(self._file.fileno(), size, offset)
        self._check(len(data), offset, size)
        return data

    def read_places(self, places: Sequence[tuple[int, int]]) -> NDArray[np.uint8]:
        """Return the bytes of several places, each an offset and a size, one after the other."""
        joined = np.empty(sum(size for _, size in places), np.uint8)
        at = 0
        for offset, size in places:
            got = os.preadv(self._file.fileno(), [joined[at : at + size].data], offset)
            self._check(got, offset, size)
            at += size
        return joined

    @staticmethod
    def _check(got: int, offset: int, size: int) -> None:
        if got < size:
            raise OSError(f"a scratch file ends early: {got} of {size} bytes at {offset}")

    def _write(self, view: memoryview, offset: int) -> None:
        while view:
            put = os.pwrite(self._file.fileno(), view, offset)
            view, offset = view[put:], offset + put
