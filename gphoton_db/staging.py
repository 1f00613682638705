"""Folders for the files of ingests that are under way."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def staging_folder(parent: Path, generation: str) -> Iterator[Path]:
    """Give a folder for files in the making; remove it in the end, and those of dead processes.

    Parameters
    ----------
    parent : Path
        Holds the folders of all ingests.
    generation : str
        Name of this one.
    """
    parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(parent)
    folder = parent / generation
    lock_file = parent / f"{generation}.lock"
    try:
        with FileLock(lock_file):
            folder.mkdir()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock_file.unlink(missing_ok=True)


def _remove_abandoned(parent: Path) -> None:
    for lock_file in parent.glob("*.lock"):
        lock = FileLock(lock_file, timeout=0)
        try:
            with lock:
                shutil.rmtree(lock_file.with_suffix(""), ignore_errors=True)
                lock_file.unlink(missing_ok=True)
        except Timeout:
            continue  # its process is alive
