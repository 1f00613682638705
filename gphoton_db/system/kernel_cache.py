"""Where compiled kernels are kept if neither the installation nor the user's home can be written.

numba keeps them beside the package, or in the user's cache folder, and raises an error where it can
write to neither: a service account without a home that uses what an administrator installed, or a
container whose disk is read-only.  Such a process gets a folder of its user's own, in memory or in
the folder for temporary files.
"""

import logging
import os
import shutil
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gphoton_db.system.user_cache import user_cache

logger = logging.getLogger(__name__)

VARIABLE = "NUMBA_CACHE_DIR"
"""The variable in which numba looks for the name of a folder."""


def choose_cache(package: Path) -> None:
    """Name a folder for compiled kernels to numba, where it would find none.

    Parameters
    ----------
    package : Path
        The folder of the package.
    """
    if os.environ.get(VARIABLE) or _can_write(package) or _can_write(user_cache()):
        return
    found = next(filter(None, map(_own_folder, _places())), None)
    if found is None:
        return  # numba says that it has none
    os.environ[VARIABLE] = str(found)
    numba = sys.modules.get("numba")  # it read the variable when it was imported
    if numba is not None:
        numba.config.CACHE_DIR = str(found)


def _can_write(folder: Path) -> bool:
    """Return whether files can be made in a folder, or in what there is above it if it is not."""
    there = next((each for each in (folder, *folder.parents) if each.exists()), None)
    return there is not None and os.access(there, os.W_OK | os.X_OK)


def _places() -> list[Path]:
    names = (os.environ.get("XDG_RUNTIME_DIR"), os.environ.get("TMPDIR"), "/tmp", "/dev/shm")
    return [Path(name) for name in names if name]


def _own_folder(place: Path) -> Path | None:
    """Return a folder below a place that nobody but this user can write to.

    A compiled kernel is code that runs: a folder that somebody else has made is not used.
    """
    folder = place / f"gphoton-db-kernels-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        state = folder.lstat()
    except OSError:
        return None
    ours = not hasattr(os, "getuid") or state.st_uid == os.getuid()
    private = stat.S_ISDIR(state.st_mode) and not state.st_mode & 0o077
    return folder if ours and private and os.access(folder, os.W_OK) else None


def take_installed(kernels: Iterable[Any]) -> None:
    """Copy kernels that were compiled where the package is to where this process keeps its own.

    numba only looks into the folder that it would write to: whoever cannot write to an
    installation would compile anew what an administrator has compiled there.

    Parameters
    ----------
    kernels : iterable of numba dispatchers
        Those that are about to be used.
    """
    folders = {(_beside(kernel), Path(kernel.stats.cache_path)) for kernel in kernels}
    for beside, used in folders:
        if beside == used:
            continue
        try:
            # The index of a kernel last: it names the other files.
            for ending in ("*.nbc", "*.nbi"):
                for file in beside.glob(ending):
                    _copy_newer(file, used / file.name)
        except OSError as error:
            logger.debug("kernels of %s are not taken over: %s", beside, error)


def _beside(kernel: Any) -> Path:
    return Path(kernel.py_func.__code__.co_filename).parent / "__pycache__"


def _copy_newer(file: Path, target: Path) -> None:
    """Copy a file in one step, where the target is older or none."""
    if target.exists() and target.stat().st_mtime_ns >= file.stat().st_mtime_ns:
        return
    copy = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copy2(file, copy)
    copy.replace(target)
