"""Files that were fetched into an archive: their number and size, and their removal."""

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from gphoton_db.errors import ArchiveError
from gphoton_db.ingest.mast.partial import LEFTOVERS, LOCK, PART, STATE
from gphoton_db.paths import ArchivePaths
from gphoton_db.system.fetched import LOG, FetchedFile, read_fetched
from gphoton_db.system.inside import remove_file

log = logging.getLogger(__name__)

CACHE_KINDS = ("raw6", "pointing", "calibration")
"""The folders of an archive that hold what was fetched.  Photons are in none of them."""


@dataclass(frozen=True)
class Files:
    """Some files, and their size in bytes."""

    paths: tuple[Path, ...]
    size: int

    @classmethod
    def of(cls, sizes: dict[Path, int]) -> "Files":
        """Return files as they are listed with their sizes."""
        return cls(tuple(sizes), sum(sizes.values()))


@dataclass(frozen=True)
class CachedKind:
    """What lies in one of the folders.

    Parameters
    ----------
    kind : str
        One of `CACHE_KINDS`.
    folder : Path
        Where it is.
    fetched : Files
        What was fetched, and can be fetched again.
    own : Files
        What somebody has put there.
    leftovers : Files
        Of downloads that broke off or are under way.
    """

    kind: str
    folder: Path
    fetched: Files
    own: Files
    leftovers: Files


def survey_cache(paths: ArchivePaths, kinds: Collection[str] = CACHE_KINDS) -> list[CachedKind]:
    """Return what lies in the folders of an archive that hold what was fetched.

    Raises
    ------
    ArchiveError
        If a folder cannot be read.
    """
    return [_survey(kind, paths.root / kind) for kind in CACHE_KINDS if kind in kinds]


def clear_cache(paths: ArchivePaths, kinds: Collection[str] = CACHE_KINDS) -> Files:
    """Remove what was fetched, and what downloads that broke off have left.

    Photons, one's own files, and downloads that are under way stay.

    Returns
    -------
    Files
        What was removed.

    Raises
    ------
    ArchiveError
        If something cannot be removed.
    """
    removed: dict[Path, int] = {}
    try:
        for found in survey_cache(paths, kinds):
            for path in found.fetched.paths:
                _remove(found.folder, path, removed)
            for target in dict.fromkeys(_target_of(path) for path in found.leftovers.paths):
                _remove_leftovers(found.folder, target, removed)
            for folder in {path.parent for path in removed if path.parent != found.folder}:
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()
    except OSError as error:
        raise ArchiveError(f"{error.filename}: cannot be removed ({error.strerror})") from None
    return Files.of(removed)


def _remove(root: Path, path: Path, removed: dict[Path, int]) -> None:
    if path.exists():
        size = path.stat().st_size
        remove_file(root, path)
        removed[path] = size


def _remove_leftovers(root: Path, target: Path, removed: dict[Path, int]) -> None:
    """Remove what a download of a file has left, unless it is under way."""
    lock_file = target.with_name(target.name + LOCK)
    lock = FileLock(lock_file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        log.info("%s: is being fetched; its parts stay", target)
        return
    try:
        for ending in (PART, STATE):
            _remove(root, target.with_name(target.name + ending), removed)
    finally:
        remove_file(root, lock_file)
        lock.release()


def _target_of(leftover: Path) -> Path:
    """Return the file that something that was left was to become."""
    ending = next(each for each in (STATE, PART, LOCK) if leftover.name.endswith(each))
    return leftover.with_name(leftover.name.removesuffix(ending))


def _survey(kind: str, folder: Path) -> CachedKind:
    fetched: dict[Path, int] = {}
    own: dict[Path, int] = {}
    leftovers: dict[Path, int] = {}
    try:
        known = read_fetched(folder)
        for path in _files_in(folder):
            size = path.lstat().st_size
            if path.name.endswith(LEFTOVERS):
                leftovers[path] = size
            elif _is_what_was_fetched(path, size, known.get(path.relative_to(folder).as_posix())):
                fetched[path] = size
            else:
                own[path] = size
    except OSError as error:
        where = error.filename or folder
        raise ArchiveError(f"{where}: cannot be read ({error.strerror})") from None
    return CachedKind(kind, folder, Files.of(fetched), Files.of(own), Files.of(leftovers))


def _is_what_was_fetched(path: Path, size: int, entry: FetchedFile | None) -> bool:
    return (
        entry is not None
        and entry.can_be_fetched_again
        and entry.size == size
        and not path.is_symlink()
    )


def _files_in(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, but for the record of what was fetched."""
    if folder.is_dir():
        for path in sorted(folder.rglob("*")):
            if (path.is_file() or path.is_symlink()) and path != folder / LOG:
                yield path
