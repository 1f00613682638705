"""All kernels compiled ahead of their first use: for container images, and for clusters."""

from gphoton_db.ingest.kernels.examples import GROUPS as INGEST_GROUPS
from gphoton_db.products.kernels.examples import OTHER_GROUPS, RUN_GROUPS
from gphoton_db.progress import Progress, no_progress
from gphoton_db.simulate.kernels.examples import GROUPS as SIMULATE_GROUPS
from gphoton_db.system.compiling import Compiled, compile_missing

ALL_GROUPS = (*INGEST_GROUPS, *RUN_GROUPS, *OTHER_GROUPS, *SIMULATE_GROUPS)
"""Names of all groups of kernels."""


def warm_up(*, processes: int | None = None, on_progress: Progress = no_progress) -> Compiled:
    """Compile all kernels that are not in numba's cache, in several processes.

    The cache is the ``__pycache__`` beside each kernel; where that cannot be written to, a folder
    of the user's; with the variable ``NUMBA_CACHE_DIR``, the folder that it names.

    Parameters
    ----------
    processes : int, optional
        How many compile at a time; by default one for each core.
    on_progress : callable, optional
        Told ``(stage, done, total)``, in groups of kernels.

    Returns
    -------
    Compiled
        What was compiled, and what could not be.

    Raises
    ------
    OSError
        If no process can be started.
    """
    return compile_missing(ALL_GROUPS, on_progress, processes=processes)
