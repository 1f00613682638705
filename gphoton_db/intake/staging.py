"""Folders for the files of ingests and imports under way, for example one for each band.

Whoever holds the lock of a folder is the only one who ingests that band; the folder of a process
that died has no holder, and is removed by whoever comes next.
"""

import logging
import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from gphoton_db.catalogue.superseded import now
from gphoton_db.errors import ArchiveError
from gphoton_db.mission import Band
from gphoton_db.system.inside import checked_inside, remove_file, remove_folder

logger = logging.getLogger(__name__)

LONGEST_WAIT_S = 3600.0
"""How long another process that works on the same is waited for: telemetry may come slowly."""


_OF_A_BAND = re.compile(r"e\d{5,}-[A-Z]+")
"""What folders for ingests are called."""


class StagingFolder:
    """An empty folder that is ours until it is released.

    Parameters
    ----------
    path : Path
        The folder; its lock lies beside it.
    lock : FileLock
        Held.
    """

    def __init__(self, path: Path, lock: FileLock) -> None:
        self.path = path
        self._lock = lock
        # A process that died while it had this name may have left some.
        remove_folder(path.parent.parent, path)
        path.mkdir()
        who = f"process {os.getpid()} on {platform.node()}"
        _holder_file(path).write_text(f"{who}, which began at {now():%Y-%m-%d %H:%M:%S} UTC")

    def release(self) -> None:
        """Remove the folder and what is in it, and let others have its name."""
        remove_folder(self.path.parent.parent, self.path)
        remove_file(self.path.parent.parent, _holder_file(self.path))
        # While it is held: whoever waits for a lock sees that its file is gone, and makes another.
        remove_file(self.path.parent.parent, _lock_of(self.path))
        self._lock.release()


def staging_path(parent: Path, eclipse: int, band: Band) -> Path:
    """Return where the folder for an ingest of a band of an eclipse is, or would be."""
    return parent / _name(eclipse, band)


def claim_staging(parent: Path, eclipse: int, band: Band) -> StagingFolder | None:
    """Return the folder for an ingest of a band of an eclipse; None while somebody else has it.

    Parameters
    ----------
    parent : Path
        Holds the folders of all ingests.
    eclipse, band
        What is to be ingested.
    """
    return _claim(parent, _name(eclipse, band), timeout=0)


@contextmanager
def staging_folder(parent: Path, eclipse: int, band: Band) -> Iterator[Path]:
    """Give the folder for an ingest, when nobody else has it; remove it in the end.

    Parameters
    ----------
    parent, eclipse, band
        As for `claim_staging`.
    """
    with folder_named(parent, _name(eclipse, band), f"eclipse {eclipse} {band}") as folder:
        yield folder


@contextmanager
def folder_named(
    parent: Path, name: str, what: str, *, longest_wait: float = LONGEST_WAIT_S
) -> Iterator[Path]:
    """Give the folder of a name, when nobody else has it; remove it in the end.

    Parameters
    ----------
    parent : Path
        Holds the folders of all ingests.
    name : str
        Of the folder.
    what : str
        What is worked on, for messages.
    longest_wait : float
        How long somebody else is waited for, s.

    Raises
    ------
    ArchiveError
        If somebody else still has it then.
    """
    remove_abandoned(parent)
    folder = _claim(parent, name, timeout=0)
    if folder is None:
        say_who_is_waited_for(parent / name, what)
        folder = _claim(parent, name, timeout=longest_wait)
    if folder is None:
        raise held_too_long(parent / name, what, longest_wait)
    try:
        yield folder.path
    finally:
        folder.release()


def remove_abandoned(parent: Path) -> None:
    """Remove the folders of processes that died, also of bands where the lock is gone as well.

    Raises
    ------
    ArchiveError
        If the folder `parent`, which is directly in an archive, is a link that leads out of it.
    """
    checked_inside(parent.parent, parent)
    folders = {lock_file.with_suffix("") for lock_file in parent.glob("*.lock")}
    folders |= {path for path in parent.glob("e*") if _OF_A_BAND.fullmatch(path.name)}
    for folder in sorted(folders):
        lock = FileLock(_lock_of(folder), timeout=0)
        # It is not abandoned if its process is alive, nor if it was released just now.
        with suppress(Timeout, FileNotFoundError), lock:
            remove_folder(parent.parent, folder)
            remove_file(parent.parent, _holder_file(folder))
            remove_file(parent.parent, _lock_of(folder))


def _name(eclipse: int, band: Band) -> str:
    return f"e{eclipse:05d}-{band}"


def _claim(parent: Path, name: str, *, timeout: float) -> StagingFolder | None:
    checked_inside(parent.parent, parent)
    parent.mkdir(parents=True, exist_ok=True)
    path = parent / name
    lock = FileLock(_lock_of(path), timeout=timeout)
    try:
        lock.acquire()
    except Timeout:
        return None
    try:
        return StagingFolder(path, lock)
    except BaseException:
        lock.release()
        raise


def holder_of(folder: Path) -> str:
    """Return who has a folder, in words."""
    try:
        said = _holder_file(folder).read_text()
    except OSError:
        said = ""
    return said if said.isprintable() and said else "another process"


def say_who_is_waited_for(folder: Path, what: str) -> None:
    """Log who has the folder that is needed to work on something."""
    logger.warning("%s: waits for %s", what, holder_of(folder))


def held_too_long(folder: Path, what: str, seconds: float) -> ArchiveError:
    """Return the error that says who has had a folder for so long."""
    return ArchiveError(
        f"{what}: {holder_of(folder)} did not end within {seconds:,.0f} s: end it if it hangs, or "
        "try again later"
    )


def _holder_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.holder")


def _lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")
