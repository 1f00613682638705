"""gphoton-db: an embedded, database-backed archive of GALEX photons.

>>> from gphoton_db import Archive  # doctest: +SKIP
>>> with Archive("gphoton-archive") as archive:  # doctest: +SKIP
...     archive.query("SELECT count(*) FROM photons").df()
"""

import importlib.machinery
import sys
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as _installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gphoton_db.archive import Archive

__all__ = ["Archive", "__version__"]

try:
    __version__ = _installed_version("gphoton-db")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0.0.0+checkout"


class _CheckoutFinder:
    """Finds gphoton_db.{sql,ingest,products,aspect} beside this folder, in a checkout.

    Python started in the repository's root sees this bare folder before any installed copy; its
    siblings are mapped into the package only by the installation.  Without this finder such a
    Python fails on ``gphoton_db.ingest``, or, worse, takes it from another checkout's install.
    """

    siblings = frozenset(f"gphoton_db.{name}" for name in ("sql", "ingest", "products", "aspect"))

    def __init__(self, root: Path) -> None:
        self.root = root

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in self.siblings:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name.rpartition(".")[2], [str(self.root)])
        if spec is None or spec.origin is None:
            return None
        return importlib.util.spec_from_file_location(
            name, spec.origin, submodule_search_locations=spec.submodule_search_locations
        )


_here = Path(__file__).resolve().parent
if not (_here / "ingest").is_dir() and (_here.parent / "ingest").is_dir():
    import importlib.util

    sys.meta_path.insert(0, _CheckoutFinder(_here.parent))  # type: ignore[arg-type]


def __getattr__(name: str) -> Any:
    # Lazy: `import gphoton_db` alone must not pay for DuckDB, numba and Arrow.
    if name == "Archive":
        from gphoton_db.archive import Archive

        return Archive
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
