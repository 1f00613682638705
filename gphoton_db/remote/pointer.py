"""The pointer: the one small file that says which version of a published archive counts."""

import json
import re
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from gphoton_db.errors import ArchiveError

POINTER = "gphoton.json"
"""Its name, in the folder of the archive."""

PLAIN_CATALOGUE = "gphoton.duckdb"
"""Name of a copy of the catalogue, for DuckDB shells: the last file to be replaced."""

FORMAT = 1
MOST_BYTES = 1 << 20
_DIGEST = re.compile("[0-9a-f]{64}")


class BrokenPointerError(ArchiveError):
    """What is there in the place of a pointer is none; a publication replaces it."""


@dataclass(frozen=True)
class Extra:
    """A file that the catalogue does not list, under a name that no other content gets.

    Parameters
    ----------
    name : str
        Where the archive has it.
    path : str
        Where it was published.
    size_bytes : int
        Bytes.
    sha256 : str
        Of its content.
    """

    name: str
    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Pointer:
    """A version of a published archive.

    Parameters
    ----------
    catalogue : str
        Name of the catalogue's file.
    size_bytes : int
        Its bytes.
    sha256 : str
        Of its content.
    software_version : str
        Of the gphoton-db that published it.
    published_at : str
        When, ISO 8601, UTC.
    extras : tuple of Extra
        Files that the catalogue does not list.
    """

    catalogue: str
    size_bytes: int
    sha256: str
    software_version: str
    published_at: str
    extras: tuple[Extra, ...] = field(default=())

    def to_json(self) -> bytes:
        """Return the content of the file."""
        return (json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n").encode()

    @classmethod
    def from_json(cls, content: bytes, address: str) -> "Pointer":
        """Return what the file says.

        Raises
        ------
        BrokenPointerError
            If it is none.
        ArchiveError
            If it is one of a newer gphoton-db, or names what is no file of an archive.
        """
        try:
            values: dict[str, Any] = json.loads(content[:MOST_BYTES])
            if values["format"] != FORMAT:
                raise ArchiveError(
                    f"{address}: has format {values['format']}, this gphoton-db knows {FORMAT}: "
                    "use a newer version of gphoton-db"
                )
            extras = tuple(Extra(**each) for each in values["extras"])
            named = {each.name: values[each.name] for each in fields(cls)}
            if not isinstance(named["catalogue"], str):
                raise TypeError(f"{named['catalogue']!r} is no name")
            pointer = cls(**{**named, "extras": extras})
            for sha256 in (pointer.sha256, *(each.sha256 for each in extras)):
                _check_digest(sha256)
        except (ValueError, KeyError, TypeError) as error:
            raise BrokenPointerError(
                f"{address}: does not say which catalogue counts ({error!r}): publish again"
            ) from None
        _check_name(pointer.catalogue, address)
        for each in extras:
            _check_name(each.path, address)
        return pointer


def _check_digest(sha256: str) -> None:
    # It becomes the name of a folder.
    if not _DIGEST.fullmatch(sha256):
        raise ValueError(f"{sha256!r} is no SHA-256")


def _check_name(name: str, address: str) -> None:
    if name.startswith("/") or ".." in name.split("/") or not name.isprintable():
        raise ArchiveError(f"{address}: names {name!r}, which is no file of an archive")


def calibration_name(name: str, sha256: str) -> str:
    """Return where a file of calibration is published, which its content gives the name."""
    return f"calibration/{sha256[:16]}/{name}"
