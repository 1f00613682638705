"""Addresses in the place of an archive's folder: ``https://...``, ``http://...`` and ``s3://...``."""

import re
from pathlib import Path

from gphoton_db.errors import ArchiveError

_ADDRESS = re.compile(r"(https?|s3):/+(.*)", re.IGNORECASE | re.DOTALL)
_OTHER = re.compile(r"([a-z][a-z0-9+.-]+):/+.*", re.IGNORECASE | re.DOTALL)
_USABLE = re.compile(r"[^\s\x00-\x20\x7f?#@\\]+")


def is_address(place: str | Path) -> bool:
    """Return whether a place is an address, and no folder.

    Raises
    ------
    ArchiveError
        If it is an address of another kind, such as ``ftp://...``: a folder of this name would be
        nobody's.
    """
    if _ADDRESS.fullmatch(str(place)):
        return True
    other = _OTHER.fullmatch(str(place))
    if other:
        raise ArchiveError(
            f"{place}: files are read from https://, http:// and s3:// and not from {other[1]}://; "
            f"a folder that is called so is ./{place}"
        )
    return False


def only_read(address: str) -> ArchiveError:
    """Return the error for what would change an archive that is afar."""
    return ArchiveError(
        f"{address}: an archive that is read from afar cannot be changed: do this where it is, and "
        "publish it again"
    )


def address_of(place: str | Path) -> str:
    """Return an address as it is asked for; as a path, one has lost a slash.

    Raises
    ------
    ArchiveError
        If no files can be below it.
    """
    found = _ADDRESS.fullmatch(str(place))
    rest = found[2].rstrip("/") if found else ""
    if not found or not _USABLE.fullmatch(rest):
        asked = f"{found[1]}://{found[2]}" if found else str(place)
        raise ArchiveError(
            f"{asked!r} is not an address of an archive: give https://host/folder or "
            "s3://bucket/folder, without user, query or blanks"
        )
    return f"{found[1].lower()}://{rest}"
