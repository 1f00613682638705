"""numba loaded without what only compiling needs, and what no kernel here needs at all.

Before numba takes a kernel from its cache it loads all that a kernel could be compiled with: a
hundred modules, which take as long as numba itself.  The code in the cache is complete without
them.  With them comes ``scipy.linalg``, for kernels that multiply matrices, and ``cffi`` with its
parser of C; numba itself looks for ``coverage`` and ``yaml``.  No kernel of this package uses any.
"""

import sys
from pathlib import Path
from typing import Any

_LOOKED_FOR = ("coverage", "scipy", "cffi")

_SETTINGS = (".numba_config.yaml", "yaml")
"""A file with settings for numba, in the current folder, and the package that reads it."""


def load_numba_alone() -> None:
    """Load numba as far as kernels from its cache need it.

    For processes that run this package's own kernels.  A kernel that has to be compiled loads the
    rest.  What is loaded already stays.  Must be called while no other thread imports anything.
    """
    if "numba" in sys.modules:
        return
    looked_for = _LOOKED_FOR if Path(_SETTINGS[0]).exists() else (*_LOOKED_FOR, _SETTINGS[1])
    hidden = [name for name in looked_for if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # an import of it fails
    try:
        from numba.core.caching import Cache
        from numba.core.registry import cpu_target
        from numba.core.runtime.nrt import rtsys

        rtsys.initialize(cpu_target.target_context)
    finally:
        for name in hidden:
            del sys.modules[name]
    if hasattr(Cache, "_load_overload"):  # is not public
        Cache.load_overload = _load_overload  # type: ignore[method-assign]


def _load_overload(cache: Any, signature: Any, target_context: Any) -> Any:
    """Return a kernel of numba's cache; None if it is not there, for numba to compile it.

    As numba's own function, but for the loading of what compiles: that loads it itself.
    """
    with cache._guard_against_spurious_io_errors():
        return cache._load_overload(signature, target_context)
