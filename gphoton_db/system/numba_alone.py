"""numba loaded without the part of scipy that it multiplies matrices with.

It looks for ``scipy.linalg`` as soon as the first kernel is used, which takes a third of the time
of loading numba itself.  No kernel of this package multiplies matrices.
"""

import sys

_LOOKED_FOR = "scipy.linalg"


def load_numba_alone() -> None:
    """Load numba and what it loads with the first kernel, without scipy.

    For processes that run this package's own kernels and no others: ``numpy.dot`` and ``@`` cannot
    be compiled in them any more.  Nothing happens where scipy is loaded already.  Must be called
    while no other thread imports anything.
    """
    if _LOOKED_FOR in sys.modules:
        return
    sys.modules[_LOOKED_FOR] = None  # type: ignore[assignment]  # an import of it fails
    try:
        from numba.core.registry import cpu_target

        cpu_target.target_context.refresh()
    finally:
        del sys.modules[_LOOKED_FOR]
