"""Files inside of an archive: the one way to a file that a catalogue names, and to its removal.

An archive may come from a stranger.  What its tables and files say is data: a name that is
absolute, has ``..`` in it, or leads out of the archive by a link is never read, written or removed.
"""

import os
import shutil
from pathlib import Path, PurePosixPath
from stat import S_ISLNK, S_ISREG

from gphoton_db.errors import ArchiveError


def inside(root: Path, name: str) -> Path:
    """Return the file that a catalogue or a manifest names.

    Parameters
    ----------
    root : Path
        The archive's folder.
    name : str
        Path relative to it, as the catalogue has it.

    Raises
    ------
    ArchiveError
        If it is not in the archive.
    """
    return checked_inside(root, named_inside(root, name))


def named_inside(root: Path, name: str) -> Path:
    """Return the file that a name is of, if it is one in an archive; links are not followed.

    For what DuckDB opens, which follows them itself: that takes longer than all else about a file.

    Parameters, returns and raises
    ------------------------------
    As `inside`.
    """
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or not name.isprintable():
        raise ArchiveError(
            f"{root}: names {name!r} as a file of its own, which is no path in an archive; it is "
            "left alone: do not use this archive unless you know who made it"
        )
    return root / path


def checked_inside(root: Path, path: Path) -> Path:
    """Return a path below an archive's folder, if no link leads from it to somewhere else.

    The last part may be a link where it is only to be removed: its folder counts.

    Raises
    ------
    ArchiveError
        If the folder that it is in, or the file itself, is outside of the archive.
    """
    top, found = os.path.realpath(root), os.path.realpath(path)
    if found != top and not found.startswith(top.rstrip(os.sep) + os.sep):
        raise _leads_out(root, path, found)
    return path


def size_inside(root: Path, name: str, plain: set[str]) -> int | None:
    """Return the size of a file of an archive, in bytes; None where there is no such file.

    For a great many files, whose names are known to be none that lead out by themselves: a folder
    in which no link is on the way is looked at once.

    Parameters
    ----------
    root : Path
        The archive's folder.
    name : str
        Path relative to it.
    plain : set of str
        Folders, relative to the archive, to which no link leads; begin with an empty one.

    Raises
    ------
    ArchiveError
        If a link leads from it out of the archive.
    """
    path = f"{root}/{name}"
    try:
        state = os.lstat(path)
        if S_ISLNK(state.st_mode) or not _is_plain(root, name.rpartition("/")[0], plain):
            state = checked_inside(root, Path(path)).stat()
    except OSError:
        return None
    return state.st_size if S_ISREG(state.st_mode) else None


def _is_plain(root: Path, folder: str, plain: set[str]) -> bool:
    if not folder or folder in plain:
        return True
    if S_ISLNK(os.lstat(f"{root}/{folder}").st_mode):
        return False
    if not _is_plain(root, folder.rpartition("/")[0], plain):
        return False
    plain.add(folder)
    return True


def check_links(root: Path, names: tuple[str, ...]) -> None:
    """Check that no folder directly in an archive is a link that leads out of it.

    Raises
    ------
    ArchiveError
        If one does.
    """
    for name in names:
        if (root / name).is_symlink():
            checked_inside(root, root / name)


def remove_file(root: Path, path: Path) -> None:
    """Remove a file of an archive, if it is there; a link is removed, and not what it leads to.

    Everything that is removed from an archive is removed by this and `remove_folder`.

    Raises
    ------
    ArchiveError
        If its folder is not in the archive.
    """
    checked_inside(root, path.parent)
    path.unlink(missing_ok=True)


def remove_folder(root: Path, folder: Path) -> None:
    """Remove a folder of an archive with all that is in it, as far as that is possible.

    Raises
    ------
    ArchiveError
        If it is not in the archive.
    """
    checked_inside(root, folder.parent)
    if folder.is_symlink():
        folder.unlink(missing_ok=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _leads_out(root: Path, path: Path, found: str) -> ArchiveError:
    return ArchiveError(
        f"{path}: leads out of the archive, to {found}: nothing there is read, written or "
        f"removed; put the files themselves into {root}"
    )
