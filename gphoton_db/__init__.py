"""gphoton-db: an embedded, database-backed archive of GALEX photons.

>>> from gphoton_db import Archive  # doctest: +SKIP
>>> with Archive("gphoton-archive") as archive:  # doctest: +SKIP
...     archive.query("SELECT count(*) FROM photons").df()
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from gphoton_db._version import __version__

if TYPE_CHECKING:
    from gphoton_db.archive import Archive

__all__ = ["Archive", "__version__"]


class _CheckoutFinder(MetaPathFinder):
    """Finds gphoton_db.{sql,ingest,products,aspect} beside this folder, in a checkout.

    Python started in the repository's root sees this bare folder before any installed copy; its
    siblings are mapped into the package only by the installation.  Without this finder such a
    Python fails on ``gphoton_db.ingest``, or, worse, takes it from another checkout's install.
    """

    siblings = frozenset(f"gphoton_db.{name}" for name in ("sql", "ingest", "products", "aspect"))

    def __init__(self, root: Path) -> None:
        self.root = root

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self.siblings:
            return None
        # PathFinder looks for the last part of the name, and names the module in full.
        return PathFinder.find_spec(fullname, [str(self.root)])


_here = Path(__file__).resolve().parent
# An installed copy has its `ingest` inside, and needs no finder.
if not (_here / "ingest").is_dir() and (_here.parent / "ingest").is_dir():
    sys.meta_path.insert(0, _CheckoutFinder(_here.parent))


def __getattr__(name: str) -> Any:
    # Lazy: `import gphoton_db` alone must not pay for DuckDB, numba and Arrow.
    if name == "Archive":
        from gphoton_db.archive import Archive

        return Archive
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
