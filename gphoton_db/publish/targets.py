"""Where archives are published: what a target must be able to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from gphoton_db.publish.contents import ListedFile


@dataclass(frozen=True)
class Stored:
    """The pointer as it is in a target.

    Parameters
    ----------
    content : bytes or None
        What it says; None: there is none.
    token : str or None
        What tells this state of it from others.
    """

    content: bytes | None
    token: str | None


class Target(Protocol):
    """A folder or a bucket.  Everything is put as a whole or not at all."""

    def sizes(self) -> Mapping[str, int]:
        """Return name and size of all files that are there."""

    def put(self, file: ListedFile) -> None:
        """Put a file, whose content is compared with its hash on the way."""

    def put_content(self, name: str, content: bytes) -> None:
        """Put a file of this content."""

    def pointer(self) -> Stored:
        """Return the pointer as it is now."""

    def swap_pointer(self, content: bytes, before: Stored) -> bool:
        """Put a pointer in the place of another one, if that is still there; return whether."""

    def remove(self, names: Iterable[str]) -> None:
        """Remove files."""
