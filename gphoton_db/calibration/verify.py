"""Checks of a calibration set: the form, the record and the listed hash of every file."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gphoton_db.calibration.fetched import fetched_files
from gphoton_db.calibration.hashes import FileHashes, given_hashes, hash_file
from gphoton_db.calibration.identity import identifier_of, is_marked_synthetic
from gphoton_db.calibration.manifest import AnyFile
from gphoton_db.calibration.readers import read_file
from gphoton_db.calibration.sets import USES, all_files, chosen_folder, set_folder, set_names
from gphoton_db.errors import CalibrationError
from gphoton_db.progress import Progress, no_progress


class FileState(StrEnum):
    """What a check of a file came to."""

    GOOD = "good"
    ODD = "odd"
    """Right by form and hash, but holds what may cost photons; it may be right."""
    MISSING = "missing"
    DAMAGED = "damaged"
    """Not the array or table that it must be, or with values out of their range."""
    CHANGED = "changed"
    """Not what was fetched or imported."""
    OTHER = "other"
    """Not what a list of hashes says."""


@dataclass(frozen=True)
class CheckedFile:
    """One file of a set.

    Parameters
    ----------
    name : str
        Its name.
    state : FileState
        What the check came to.
    size : int
        Bytes; 0 if it is missing.
    sha256 : str
        Empty if it is missing.
    recorded : bool
        Whether there is a record of it that it was compared with.
    synthetic : bool
        Whether it says that it is made up.
    message : str
        What is wrong with it.
    """

    name: str
    state: FileState
    size: int = 0
    sha256: str = ""
    recorded: bool = False
    synthetic: bool = False
    message: str = ""


@dataclass(frozen=True)
class CheckedSet:
    """A calibration set, checked.

    Parameters
    ----------
    folder : Path
        Where it is.
    files : tuple of CheckedFile
        Every calibration file that there is, missing ones too.
    """

    folder: Path
    files: tuple[CheckedFile, ...]

    @property
    def wrong(self) -> tuple[CheckedFile, ...]:
        """Files that are there and not what they should be."""
        fine = (FileState.GOOD, FileState.ODD, FileState.MISSING)
        return tuple(f for f in self.files if f.state not in fine)

    @property
    def odd(self) -> tuple[CheckedFile, ...]:
        """Files that may be right, of which `CheckedFile.message` says what is odd."""
        return tuple(f for f in self.files if f.state is FileState.ODD)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the files that are not there."""
        return tuple(f.name for f in self.files if f.state is FileState.MISSING)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def identifiers(self) -> dict[str, str]:
        """What ``legs`` call the set, for each use that it is complete for (`sets.USES`)."""
        there = {file.name: file for file in self.files if file.state is not FileState.MISSING}
        complete = {
            name: [there[file.name] for file in use.files]
            for name, use in USES.items()
            if all(file.name in there for file in use.files)
        }
        return {
            name: identifier_of(
                [(file.name, file.sha256) for file in files],
                synthetic=any(file.synthetic for file in files),
            )
            for name, files in complete.items()
        }


def check_sets(root: Path) -> dict[str, CheckedSet]:
    """Return the sets below an archive's folder ``calibration``, by name, with their files.

    Hashes are compared with what was recorded when the files came; arrays and tables are not
    looked at.

    Raises
    ------
    CalibrationError
        If a folder cannot be read.
    """
    return {
        name: check_set(set_folder(root, name), hashes={}, contents=False, on_progress=no_progress)
        for name in set_names(root)
    }


def verify_set(
    root: Path,
    name: str | Path,
    *,
    hashes: str | Path | None = None,
    on_progress: Progress = no_progress,
) -> CheckedSet:
    """Check every file of a set, by its name or folder; see `Archive.verify_calibration`.

    Parameters
    ----------
    root : Path
        The archive's folder ``calibration``.
    name, hashes, on_progress
        As there.

    Raises
    ------
    CalibrationError
        If there is no such set, or the list of hashes cannot be read.
    """
    return check_set(
        chosen_folder(root, name), hashes=given_hashes(hashes), on_progress=on_progress
    )


def check_set(
    folder: Path, *, hashes: Mapping[str, str], contents: bool = True, on_progress: Progress
) -> CheckedSet:
    """Check the files of a set.

    Parameters
    ----------
    folder : Path
        Where it is.
    hashes : mapping
        Hashes that files must have, by name (`hashes.read_hash_list`); may be empty.
    contents : bool
        Whether to look at their arrays and tables, too.
    on_progress : callable
        Told ``(stage, done, total)``, in files.

    Raises
    ------
    CalibrationError
        If the folder, or the record of what was fetched, cannot be read.
    """
    if not folder.is_dir():
        raise CalibrationError(f"{folder}: no such calibration directory")
    record = {name: file.sha256 for name, file in fetched_files(folder).items()}
    known = all_files()
    checked = []
    for number, file in enumerate(known.values()):
        on_progress("checking", number, len(known))
        checked.append(check_file(folder, file, record, hashes, contents=contents))
    return CheckedSet(folder, tuple(checked))


def check_file(
    folder: Path,
    file: AnyFile,
    record: Mapping[str, str],
    hashes: Mapping[str, str],
    *,
    contents: bool = True,
) -> CheckedFile:
    """Check one file of a set; `record` has the SHA-256 that files had when they came."""
    path = folder / file.name
    if not path.is_file():
        return CheckedFile(file.name, FileState.MISSING)
    try:
        found, synthetic, size = hash_file(path), is_marked_synthetic(path), path.stat().st_size
    except OSError as error:
        raise CalibrationError(f"{path}: cannot be read ({error.strerror})") from None
    state, message = _compared(file.name, found, record, hashes)
    if state is FileState.GOOD and contents:
        try:
            if odd := read_file(folder, file):
                state, message = FileState.ODD, "; ".join(odd)
        except CalibrationError as error:
            state, message = FileState.DAMAGED, str(error)
    return CheckedFile(
        file.name, state, size, found.sha256, file.name in record, synthetic, message
    )


def _compared(
    name: str, found: FileHashes, record: Mapping[str, str], hashes: Mapping[str, str]
) -> tuple[FileState, str]:
    if name in record and record[name] != found.sha256:
        return FileState.CHANGED, f"its SHA-256 is not {record[name]}, as it was when it came"
    if name in hashes and not found.agree_with(hashes[name]):
        return FileState.OTHER, f"its hash is not {hashes[name]}, as the list says"
    return FileState.GOOD, ""
