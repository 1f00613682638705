"""Folders that one kind of work fills, time and again, and nobody else: a hidden one says so."""

from collections.abc import Callable
from pathlib import Path

from gphoton_db.errors import ProductError

MARK = ".gphoton-db"
"""The hidden folder, which holds what the next time has to be known."""


def mark_folder(folder: Path, *, of: str, own: Callable[[str], bool]) -> Path:
    """Make a folder, or see that the same work filled it, and return its hidden folder.

    Parameters
    ----------
    folder : Path
        The folder.
    of : str
        What is in it, for messages: ``an export of photons``.
    own : callable
        Whether a name is one of those that the work gives to what is directly in the folder.

    Raises
    ------
    ProductError
        If it holds anything else: nothing of it is changed.
    """
    if folder.exists() and not folder.is_dir():
        raise ProductError(f"{folder} is a file: name a folder for {of}")
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    if there and MARK not in there:
        raise ProductError(
            f"{folder} holds other files ({', '.join(there[:3])}): name a new folder, or one that "
            "the same command made"
        )
    other = [name for name in there if not name.startswith(".") and not own(name)]
    if other:
        raise ProductError(
            f"{folder} holds {', '.join(other[:3])}, and not {of}: name a folder of its own for it"
        )
    mark = folder / MARK
    if mark.is_symlink():
        raise ProductError(f"{mark} is a link: give a folder in which gphoton-db made all")
    try:
        mark.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProductError(f"{folder} cannot be written: {error.strerror}") from None
    return mark
