"""Memory that is free, but that allocators keep for later, back to the system."""

import ctypes
from typing import Any

import pyarrow as pa


def give_back() -> None:
    """Give what the process no longer uses back to the system.

    Between two large steps only: whoever needs memory again gets fresh pages, which cost time.
    What threads of the first have used, those of the second would not find, and the
    process would grow by as much.
    """
    pa.default_memory_pool().release_unused()
    trim = _trim()
    if trim is not None:
        trim(0)


def _trim() -> Any:
    """Return ``malloc_trim``, which only the GNU C library has."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, TypeError, AttributeError):
        return None
