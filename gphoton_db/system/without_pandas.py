"""Work during which nobody finds pandas, for commands that have no use for it.

Arrow imports pandas as soon as an array is made of values, DuckDB as soon as a value is bound:
both only ask whether a value is one of pandas.  Loading it takes as long as loading numba.
DuckDB also loads ``pyarrow.dataset`` to ask whether an Arrow table is one of those.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import NoReturn

_DATASETS = "pyarrow.dataset"


class _Absent(MetaPathFinder, Loader):
    """Finds a module, for who only asks whether it is installed, as astropy does; never loads it.

    Parameters
    ----------
    name : str
        Of the module.
    thread : int, optional
        Whose imports do not load it, nor do those of DuckDB's own threads; None: those of all.
    """

    def __init__(self, name: str, thread: int | None = None) -> None:
        self._name = name
        self._thread = thread

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if fullname != self._name or (self._thread is not None and self._is_of_another()):
            return None
        return ModuleSpec(self._name, self)

    def _is_of_another(self) -> bool:
        """Return whether another thread of Python imports."""
        others = {thread.ident for thread in threading.enumerate()} - {self._thread}
        return threading.get_ident() in others

    def create_module(self, spec: ModuleSpec) -> NoReturn:
        raise ModuleNotFoundError(f"No module named {self._name!r}", name=self._name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: there is no module."""


@contextmanager
def without_pandas() -> Iterator[None]:
    """Let no import find pandas while this is entered, unless it is loaded already.

    For processes of this package's own commands alone.  Afterwards Arrow and DuckDB give tables
    as those of pandas again, but until Arrow has given one it does not know those it is given.
    """
    with _absent(_Absent("pandas")):
        yield


@contextmanager
def without_datasets() -> Iterator[None]:
    """Let DuckDB not find ``pyarrow.dataset`` for this thread, where `without_pandas` is entered.

    DuckDB then takes no Arrow dataset any more: elsewhere that would be the user's loss.
    """
    if not any(isinstance(finder, _Absent) for finder in sys.meta_path):
        yield
        return
    with _absent(_Absent(_DATASETS, threading.get_ident())):
        yield


@contextmanager
def _absent(finder: _Absent) -> Iterator[None]:
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
