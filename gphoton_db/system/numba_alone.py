"""numba loaded without packages of others that it looks for, and that no kernel here needs.

As soon as the first kernel is used it looks for ``scipy.linalg``, which takes a third of the time
of loading numba itself; no kernel of this package multiplies matrices.  It loads ``cffi`` with its
parser of C, a seventh; no kernel calls functions of that.
"""

import sys

_LOOKED_FOR = ("scipy.linalg", "cffi")


def load_numba_alone() -> None:
    """Load numba and what it loads with the first kernel, without scipy and cffi.

    For processes that run this package's own kernels and no others: ``numpy.dot`` and ``@``, and
    functions of cffi, cannot be compiled in them any more.  What is loaded already stays.  Must
    be called while no other thread imports anything.
    """
    hidden = [name for name in _LOOKED_FOR if name not in sys.modules]
    if not hidden:
        return
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # an import of it fails
    try:
        from numba.core.registry import cpu_target

        cpu_target.target_context.refresh()
    finally:
        for name in hidden:
            del sys.modules[name]
