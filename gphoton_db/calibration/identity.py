"""Names of calibration sets, and the mark in the files of synthetic ones.

A set is named by its content.  Where any of its files is marked as made up, the name begins with
``synthetic-``: whoever sees the name of the set, in SQL, in ``status`` or in a FITS header, sees
that too.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

SYNTHETIC_KEYWORD = ("CALSET", "synthetic")
"""Keyword of the primary header, and its value, of every made-up FITS file."""

SYNTHETIC_CARD = "CALSET  = 'synthetic'"
"""The keyword as it stands in the file; a text table has it in its first line."""

_PREFIX = "synthetic-"
_FIRST_BYTES = 2880
"""One block of a FITS header."""
_SHORT = 8
"""Hexadecimal digits that tell sets apart for a person."""


def beginning(path: Path) -> str:
    """Return as much of a file as holds the mark of a made-up one.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        return file.read(_FIRST_BYTES).decode("latin-1")


def is_marked_synthetic(path: Path) -> bool:
    """Return whether a calibration file says that its values are made up.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    return SYNTHETIC_CARD in beginning(path)


def identifier_of(files: Iterable[tuple[str, str]], *, synthetic: bool) -> str:
    """Return the name of a set of files.

    Parameters
    ----------
    files : iterable of (name, SHA-256)
        The files of the set, in any order.
    synthetic : bool
        Whether any of them is made up.

    Returns
    -------
    str
        The SHA-256 over names and contents, after ``synthetic-`` if the set is.
    """
    lines = sorted(f"{sha256}  {name}\n" for name, sha256 in files)
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    return f"{_PREFIX if synthetic else ''}{digest}"


def is_synthetic(identifier: str) -> bool:
    """Return whether a set's name says that its values are made up."""
    return identifier.startswith(_PREFIX)


def short_identifier(identifier: str) -> str:
    """Return a set's name for a person to read: ``1f0c9a3e`` or ``synthetic-1f0c9a3e``."""
    prefix = _PREFIX if is_synthetic(identifier) else ""
    return identifier[: len(prefix) + _SHORT]
