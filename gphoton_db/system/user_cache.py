"""The folder of a user for what can be made anew."""

import os
import sys
from pathlib import Path


def user_cache() -> Path:
    """Return the folder, which numba uses, too, where it cannot write beside a package.

    It need not be there, and the user may have no right to make it.
    """
    # pathlib's own raises an error for a user without an entry in the system's list.
    home = Path(os.path.expanduser("~"))  # noqa: PTH111
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home))
    if sys.platform == "darwin":
        return home / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
