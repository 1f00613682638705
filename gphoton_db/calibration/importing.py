"""Calibration files of a folder, taken into a set of an archive, with a record of their hashes."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gphoton_db.calibration.fetched import fetched_files, record_fetched
from gphoton_db.calibration.hashes import given_hashes
from gphoton_db.calibration.manifest import AnyFile
from gphoton_db.calibration.sets import all_files, set_folder
from gphoton_db.calibration.verify import CheckedFile, FileState, check_file
from gphoton_db.errors import CalibrationError
from gphoton_db.progress import Progress, no_progress
from gphoton_db.system.durable import hidden_beside, move_durably
from gphoton_db.system.fetched import IMPORTED, describe_fetched
from gphoton_db.system.inside import checked_inside
from gphoton_db.system.leftovers import remove_abandoned


@dataclass(frozen=True)
class CalibrationImport:
    """What was imported.

    Parameters
    ----------
    folder : Path
        Where the set is.
    imported, replaced, unchanged : tuple of str
        Names of the files that are new, took the place of others, or were there already.
    missing : tuple of str
        Files that the set does not have.
    """

    folder: Path
    imported: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]
    missing: tuple[str, ...]


def import_named_set(
    root: Path,
    directory: str | Path,
    name: str,
    *,
    hashes: str | Path | None = None,
    replace: bool = False,
    on_progress: Progress = no_progress,
) -> CalibrationImport:
    """Take the calibration files of a folder into a set; see `Archive.import_calibration`.

    Parameters
    ----------
    root : Path
        The archive's folder ``calibration``.
    directory, name, hashes, on_progress
        As there.
    replace : bool
        Replace files of the set that differ.

    Raises
    ------
    CalibrationError
        If a file is not what it should be, or differs from the set's.
    ArchiveError
        If the set's folder leads out of the archive.
    """
    return import_set(
        Path(directory).expanduser(),
        checked_inside(root.parent, set_folder(root, name)),
        hashes=given_hashes(hashes),
        replace=replace,
        on_progress=on_progress,
    )


def import_set(
    directory: Path,
    folder: Path,
    *,
    hashes: Mapping[str, str],
    replace: bool,
    on_progress: Progress,
) -> CalibrationImport:
    """Take the calibration files of a folder into the folder of a set."""
    remove_abandoned(folder)
    known = all_files()
    found = _checked(directory, known, hashes, on_progress)
    record = fetched_files(folder)
    before = {name: entry.sha256 for name, entry in record.items()}
    if directory.resolve() != folder.resolve():
        there = (check_file(folder, known[name], {}, {}, contents=False) for name in found)
        before |= {old.name: old.sha256 for old in there if old.state is not FileState.MISSING}
    differ = [n for n, file in found.items() if before.get(n, file.sha256) != file.sha256]
    if differ and not replace:
        raise CalibrationError(
            f"{folder}: has another {', '.join(differ)}: import them as a set of another name "
            "(--name), or replace them (--force)"
        )
    same = [n for n in found if n not in differ and n in record and (folder / n).is_file()]
    new = [name for name in found if name not in same]
    for number, name in enumerate(new):
        on_progress("copying", number, len(new))
        _take(directory / name, folder)
    return CalibrationImport(
        folder,
        tuple(name for name in new if name not in differ),
        tuple(differ),
        tuple(same),
        tuple(name for name in known if not (folder / name).is_file()),
    )


def _checked(
    directory: Path,
    known: Mapping[str, AnyFile],
    hashes: Mapping[str, str],
    on_progress: Progress,
) -> dict[str, CheckedFile]:
    """Return the calibration files in a folder, all of which are what they should be."""
    if not directory.is_dir():
        raise CalibrationError(f"{directory}: no such calibration directory")
    present = [file for name, file in known.items() if (directory / name).is_file()]
    if not present:
        raise CalibrationError(
            f"{directory}: holds none of the {len(known)} calibration files, such as "
            f"{next(iter(known))}"
        )
    found = {}
    for number, file in enumerate(present):
        on_progress("checking", number, len(present))
        found[file.name] = check_file(directory, file, {}, hashes)
    fine = (FileState.GOOD, FileState.ODD)
    wrong = [file for file in found.values() if file.state not in fine]
    if wrong:
        said = "; ".join(f"{file.name}: {file.message}" for file in wrong)
        raise CalibrationError(f"{directory}: {len(wrong)} files cannot be used: {said}")
    return found


def _take(source: Path, folder: Path) -> None:
    """Copy a file into a set, entered into its record before it takes its name."""
    target = folder / source.name
    origin = f"{IMPORTED}{source.resolve()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if target.exists() and target.samefile(source):
            record_fetched(folder, describe_fetched(target, source.name, origin))
            return
        with hidden_beside(target) as unfinished:
            shutil.copyfile(source, unfinished)
            record_fetched(folder, describe_fetched(unfinished, source.name, origin))
            move_durably(unfinished, target)
    except OSError as error:
        raise CalibrationError(
            f"{error.filename or target}: cannot be written ({error.strerror or error})"
        ) from None
