"""Which executor does the jobs of a run."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Union

from gphoton_db.errors import ClusterError, not_installed
from gphoton_db.intake.many.executor import Executor, Key
from gphoton_db.intake.many.workers import Workers
from gphoton_db.intake.options import LOCAL
from gphoton_db.system.cores import default_jobs

if TYPE_CHECKING:
    from distributed import Client

Cluster = Union[str, Path, "Client"]
"""Address of a Dask scheduler, ``slurm``, a file, or a client; see `cluster.client.opened`."""


def executor_for(
    cluster: Cluster | None, *, jobs: int | None, threads: int | None, n_jobs: int
) -> Executor[Key]:
    """Return who does the jobs: processes of our own, unless a cluster is named.

    Parameters
    ----------
    cluster : str, path, distributed.Client or None
        A Dask cluster.
    jobs : int, optional
        Jobs at a time; by default half the cores, or as many as the cluster has workers.
    threads : int, optional
        Of each job, on a cluster; by default as many as a worker has.
    n_jobs : int
        So many jobs there are at the most.

    Raises
    ------
    ClusterError
        If Dask is not installed.
    """
    if cluster is None or cluster == LOCAL:
        return Workers(min(jobs or default_jobs(), max(n_jobs, 1)))
    if importlib.util.find_spec("distributed") is None:
        raise ClusterError(not_installed("a cluster", "Dask", "cluster"))
    from gphoton_db.intake.many.cluster.executor import ClusterExecutor

    return ClusterExecutor(cluster, jobs=jobs, threads=threads)
