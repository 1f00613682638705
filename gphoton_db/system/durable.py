"""Files that get their name in one step, and are there after a power failure too."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gphoton_db.system.leftovers import hidden_name, remove_abandoned

Move = Callable[[Path, Path], None]
"""Moves a finished file to its place, as `move_durably`."""


def move_durably(source: Path, target: Path, changed: set[Path] | None = None) -> None:
    """Move a file into place so that it is there, whole, after a power failure too.

    Parameters
    ----------
    source, target : Path
        Where it is, and where it is to be.
    changed : set of Path, optional
        Where many are moved: gets the folders that `sync_folders` is to be called with, once.
    """
    sync_file(source)
    folder = target.parent
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    touched = {folder, *(each.parent for each in missing)}
    if changed is None:
        sync_folders(touched)
    else:
        changed |= touched


@contextmanager
def written_beside(path: Path, move: Move = move_durably) -> Iterator[Path]:
    """Give a name beside `path` to write to; the file takes its own name when it is complete.

    Where the writing fails, nothing is left, and an older file of that name stays.

    Parameters
    ----------
    path : Path
        The file; its folder must exist.
    move : callable, optional
        Moves it to its place.

    Yields
    ------
    Path
        A new, empty file, with the permissions that the process gives to new files.

    Raises
    ------
    OSError
        If the file cannot be made or moved.
    """
    with hidden_beside(path) as temporary:
        yield temporary
        move(temporary, path)


@contextmanager
def hidden_beside(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to, which is removed in the end if it is still there.

    What killed processes left in the folder is removed as well.

    Parameters, yields and raises
    -----------------------------
    As `written_beside`.
    """
    remove_abandoned(path.parent)
    temporary = path.with_name(hidden_name(path.name))
    temporary.touch(exist_ok=False)
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def sync_folders(folders: Iterable[Path]) -> None:
    """Force the names of what is in some folders to the disk; the first takes what all take."""
    for folder in sorted(folders):
        sync_folder(folder)


def sync_file(path: Path) -> None:
    """Force the content of a file to the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Force the names of what is in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
