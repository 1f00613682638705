"""What takes seconds to make, made once for all processes that share the tests."""

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock

from gphoton_db.archive import Archive

Made = TypeVar("Made")


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Made]) -> Made:
    """Return what is made in a folder by the process that asks first; the others wait for it.

    Nobody may change it: others look at it at the same time.

    Parameters
    ----------
    factory : TempPathFactory
        Of the session.
    name : str
        Of the folder.
    make : callable
        Is given the folder, and returns what can be pickled.
    """
    own = factory.getbasetemp()
    # Of processes that share the tests, each has a folder in the folder of all.
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared" / name
    folder.parent.mkdir(exist_ok=True)
    made = folder.with_name(f"{name}.pickle")
    with FileLock(folder.with_name(f"{name}.lock")):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of one that failed
            folder.mkdir()
            made.write_bytes(pickle.dumps(make(folder)))
    found: Made = pickle.loads(made.read_bytes())
    return found


def copied(factory: pytest.TempPathFactory, name: str, root: Path) -> Path:
    """Return a copy of a shared archive for this process, whose tests enter products into it.

    Parameters
    ----------
    factory : TempPathFactory
        Of the session.
    name : str
        Of the folder to copy it to.
    root : Path
        The archive.
    """
    copy = Path(shutil.copytree(root, factory.mktemp(name) / "archive"))
    Archive(copy).close()  # which changes it once: commands of tests find it where it was
    return copy


_SETTLED: dict[Path, tuple[Path, Path]] = {}
"""Of each archive: where copies of it are put, and one that was opened there."""


def own_copy(
    factory: pytest.TempPathFactory, root: Path, prepare: Callable[[Path], None] | None = None
) -> Path:
    """Return a copy of an archive for one test, always in the same place.

    An archive that lies elsewhere than before is changed when it is opened, which takes three times
    as long as to open it: that is done once here.

    Parameters
    ----------
    factory : TempPathFactory
        Of the session.
    root : Path
        The archive.
    prepare : callable, optional
        Changes the copy, once; called with its folder.
    """
    if root not in _SETTLED:
        folder = factory.mktemp("own")
        place = folder / "place" / "archive"
        shutil.copytree(root, place)
        Archive(place).close()
        if prepare:
            prepare(place)
        _SETTLED[root] = place, Path(shutil.copytree(place, folder / "archive"))
    place, settled = _SETTLED[root]
    shutil.rmtree(place.parent)
    return Path(shutil.copytree(settled, place))
