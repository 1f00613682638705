"""Files that get their name in one step, and are there after a power failure too."""

import os
from pathlib import Path


def move_durably(source: Path, target: Path) -> None:
    """Move a file into place so that it is there, whole, after a power failure too."""
    sync_file(source)
    folder = target.parent
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    for changed in (folder, *(each.parent for each in missing)):
        sync_folder(changed)


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
