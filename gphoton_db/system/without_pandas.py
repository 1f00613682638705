"""Work during which nobody finds pandas, for commands that have no use for it.

Arrow imports pandas as soon as an array is made of values, DuckDB as soon as a value is bound:
both only ask whether a value is one of pandas.  Loading it takes as long as loading numba.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import NoReturn

_NAME = "pandas"


class _Absent(MetaPathFinder, Loader):
    """Finds pandas, for who only asks whether it is installed, as astropy does; never loads it."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(_NAME, self) if fullname == _NAME else None

    def create_module(self, spec: ModuleSpec) -> NoReturn:
        raise ModuleNotFoundError(f"No module named {_NAME!r}", name=_NAME)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: there is no module."""


@contextmanager
def without_pandas() -> Iterator[None]:
    """Let no import find pandas while this is entered, unless it is loaded already.

    For processes of this package's own commands alone.  Afterwards Arrow and DuckDB give tables
    as those of pandas again, but until Arrow has given one it does not know those it is given.
    """
    finder = _Absent()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
