"""Publishing: files first, then the catalogue under a new name, then the pointer to it.

Whoever reads sees the version before or the new one: no file that a version consists of is ever
replaced, and which version counts is said by one small file, which is replaced in one step, and
only if nobody else replaced it meanwhile.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gphoton_db._version import __version__
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.session import check_writable
from gphoton_db.errors import ArchiveError
from gphoton_db.paths import FILE_KINDS, SURVEY
from gphoton_db.progress import Progress, no_progress, one_by_one
from gphoton_db.publish.choose import target_of
from gphoton_db.publish.contents import (
    LEG_APERTURE,
    ListedFile,
    calibration_files,
    extra_files,
    files_of,
)
from gphoton_db.publish.targets import Stored, Target
from gphoton_db.remote.pointer import PLAIN_CATALOGUE, BrokenPointerError, Extra, Pointer
from gphoton_db.schemas import OF_SOURCES

_KINDS = (*FILE_KINDS, *OF_SOURCES, SURVEY, "merged", "catalogue")
_OURS = re.compile(
    rf"(?:{'|'.join(map(re.escape, _KINDS))})/.+\.parquet|calibration/[0-9a-f]{{16}}/[^/]+"
    rf"|gphoton-[0-9a-f]{{16}}\.duckdb|{re.escape(LEG_APERTURE.removesuffix('.parquet'))}-[^/]+"
)
"""What names of files that `prune` may remove look like: others in the folder are not ours."""


@dataclass(frozen=True)
class Published:
    """What was published.

    Parameters
    ----------
    target : str
        Where.
    catalogue : str
        The version: the name of the catalogue's file.
    changed : bool
        Whether readers see another version than before.
    n_files, n_bytes : int
        Files of this version, and their size.
    n_copied, n_bytes_copied : int
        Those that were not there yet.
    n_pruned : int
        Files of earlier versions that were removed.
    dry_run : bool
        Whether nothing was written: what would have been.
    """

    target: str
    catalogue: str
    changed: bool
    n_files: int
    n_bytes: int
    n_copied: int
    n_bytes_copied: int
    n_pruned: int
    dry_run: bool


@dataclass(frozen=True)
class _Version:
    """A version of an archive, as it is to be published."""

    head: bytes
    files: tuple[ListedFile, ...]
    extras: tuple[Extra, ...]

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.head).hexdigest()

    @property
    def catalogue(self) -> str:
        return f"gphoton-{self.digest[:16]}.duckdb"

    def pointer(self) -> Pointer:
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        digest, size = self.digest, len(self.head)
        return Pointer(self.catalogue, size, digest, __version__, moment, self.extras)


def publish(
    catalogue: Catalogue,
    place: str | Path,
    *,
    prune: bool = False,
    dry_run: bool = False,
    on_progress: Progress = no_progress,
) -> Published:
    """Publish an archive as it is now.

    Parameters
    ----------
    catalogue : Catalogue
        Of the archive.
    place : str or Path
        A folder, or ``s3://bucket/folder``.
    prune : bool
        Remove, in the end, the files that only earlier versions have.
    dry_run : bool
        Write nothing, and say what would be.
    on_progress : callable
        Called with ``(stage, done, total)``, in files.

    Raises
    ------
    ArchiveError
        If files are damaged, the target is an archive or cannot be used, or somebody else
        published there meanwhile.  Readers then see the version that they saw.
    """
    check_writable(catalogue)
    target = target_of(place, catalogue.paths.root)
    version, (before, there) = _version_of(catalogue), _state_of(target)
    missing = [file for file in version.files if not _is_there(file, there)]
    if not dry_run:
        for file in one_by_one(missing, on_progress, "publishing"):
            target.put(file)
    pointer = version.pointer()
    same = before.content is not None and _says(before.content, str(target), pointer)
    if not dry_run and not same:
        target.put_content(version.catalogue, version.head)
        if not target.swap_pointer(pointer.to_json(), before):
            raise ArchiveError(
                f"{target}: somebody else published there meanwhile, and readers see that version; "
                "this one was not published: look which of them is to count, and publish again"
            )
    if not dry_run and (not same or there.get(PLAIN_CATALOGUE) != len(version.head)):
        target.put_content(PLAIN_CATALOGUE, version.head)
    outdated = _outdated(version, before, there) if prune else []
    if not dry_run:
        target.remove(outdated)
    return Published(
        str(target),
        version.catalogue,
        not same,
        len(version.files),
        sum(file.path.stat().st_size for file in version.files),
        len(missing),
        sum(file.path.stat().st_size for file in missing),
        len(outdated),
        dry_run,
    )


def _version_of(catalogue: Catalogue) -> _Version:
    """Return the version that an archive has now: its catalogue's file, and what this lists."""
    # The connection has a copy of the file; that of a commit in between would be another one.
    for _ in range(10):
        head = catalogue.paths.catalogue.read_bytes()
        with catalogue.reader() as connection:
            if catalogue.paths.catalogue.read_bytes() != head:
                continue
            listed = files_of(connection, catalogue.paths)
            used = list(calibration_files(connection, catalogue.paths))
            others = list(extra_files(catalogue.paths))
            files = (*used, *(file for file, _ in others), *listed)
            return _Version(head, files, tuple(extra for _, extra in others))
    raise ArchiveError(
        f"{catalogue.paths.catalogue}: changes all the time: publish when less is ingested"
    )


def _state_of(target: Target) -> tuple[Stored, Mapping[str, int]]:
    """Return pointer and files of a target, if it is no archive of its own."""
    before, there = target.pointer(), target.sizes()
    # The pointer is put first: what was published has both, or none.
    if before.content is None and PLAIN_CATALOGUE in there:
        raise ArchiveError(
            f"{target}: there is an archive of its own ({PLAIN_CATALOGUE}), which would be "
            "replaced: publish into another folder"
        )
    return before, there


def _is_there(file: ListedFile, there: Mapping[str, int]) -> bool:
    """Return whether a target has a file: no other content ever gets its name."""
    size = there.get(file.name)
    if size is None:
        return False
    if file.size_bytes is not None:
        return size == file.size_bytes
    return file.path.exists() and size == file.path.stat().st_size


def _says(content: bytes, target: str, pointer: Pointer) -> bool:
    """Return whether a pointer that is there is to the same version."""
    try:
        found = Pointer.from_json(content, target)
    except BrokenPointerError:
        return False
    return (found.sha256, found.extras) == (pointer.sha256, pointer.extras)


def _outdated(version: _Version, before: Stored, there: Collection[str]) -> list[str]:
    """Return the files of a target that are of other versions only, and no others."""
    if before.content is None:  # nothing was published, and nothing is of an earlier version
        return []
    kept = {file.name for file in version.files} | {version.catalogue}
    return sorted(n for n in there if n not in kept and _OURS.fullmatch(n))
