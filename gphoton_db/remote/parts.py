"""Parts of files as a server sent them, and what is said where it did not."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from gphoton_db.errors import ArchiveError

Answer = TypeVar("Answer")

ATTEMPTS = 4
"""Times that a part is asked for: there may be no answer, a broken one, an error of the server."""

PAUSE_S = 0.2
"""Before the second attempt; doubled for each one after."""


@dataclass(frozen=True)
class Part:
    """Some bytes of a file.

    Parameters
    ----------
    content : bytes
        The bytes.
    start : int
        Where they are in the file.
    size : int
        Bytes of the whole file.
    """

    content: bytes
    start: int
    size: int


class Source(Protocol):
    """Where the files of an archive are; names are relative to it."""

    address: str

    def part(self, name: str, start: int, length: int) -> Part:
        """Return bytes of a file; of a negative `start`, the last ones.

        Raises
        ------
        ArchiveError
            If there is no such file, the server refuses it, or does not answer in full.
        """

    def whole(self, name: str) -> bytes:
        """Return a whole file; raises as `part`."""


class MissingFileError(ArchiveError):
    """A server has no file of a name."""


class BrokenAnswerError(Exception):
    """An answer that may be better the next time."""


def missing_file(address: str) -> MissingFileError:
    """Return the error for a file that is not there."""
    return MissingFileError(
        f"{address}: is not there (the server says so): it was removed, or not published in full; "
        "open the archive again, or publish it again"
    )


def refused(address: str, why: str) -> ArchiveError:
    """Return the error for a file that may not be read."""
    return ArchiveError(
        f"{address}: may not be read ({why}): look at the address, at your credentials and whether "
        "they have expired, and at the rights of the files"
    )


def repeated(ask: Callable[[], Answer], address: str) -> Answer:
    """Ask a server, and again where the next answer may be better.

    Parameters
    ----------
    ask : callable
        Raises `BrokenAnswerError` where that is so.
    address : str
        What is asked for.

    Raises
    ------
    ArchiveError
        If there is no usable answer in the end.
    """
    reason: object = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE_S * 2 ** (attempt - 1))
        try:
            return ask()
        except BrokenAnswerError as error:
            reason = error
    raise ArchiveError(
        f"{address}: cannot be read: after {ATTEMPTS} attempts {reason}; nothing was computed from "
        "what came; try again later"
    )


def checked_part(part: Part, start: int, length: int) -> Part:
    """Return a part, if it is what was asked for.

    Raises
    ------
    BrokenAnswerError
        If it is not.
    """
    first = max(part.size + start, 0) if start < 0 else start
    stop = part.size if start < 0 else min(start + length, part.size)
    if part.start != first or len(part.content) != stop - first:
        raise BrokenAnswerError(
            f"{len(part.content):,} bytes from {part.start:,} on came in the place of "
            f"{stop - first:,} from {first:,} on"
        )
    return part
