"""What takes seconds to make, made once for all processes that share the tests."""

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock

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
