"""The connection to a Dask cluster: one that is there, or one that Slurm starts for this run."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask
from distributed import Client

from gphoton_db.errors import ClusterError, not_installed

Cluster = str | Path | Client
"""Address of a scheduler, ``slurm``, a file, or a client that is connected already."""

SLURM = "slurm"

CONNECT_S = 15.0
"""So long the scheduler may take to answer."""

ASK_AGAIN_S = 20.0
"""How often Slurm is asked for workers in the place of those that ended."""


@dataclass(frozen=True)
class OpenedCluster:
    """A cluster while it is used.

    Parameters
    ----------
    client : distributed.Client
        Connected.
    keep : callable
        Told now and then how many workers there are; sees to it that there are enough, if that is
        for us to do.
    """

    client: Client
    keep: Callable[[int], None]


@contextmanager
def opened(cluster: Cluster, jobs: int | None) -> Iterator[OpenedCluster]:
    """Connect to a cluster, and let go of it in the end.

    Parameters
    ----------
    cluster : str, path or distributed.Client
        Address of a scheduler (``tcp://host:8786``); the file that a scheduler wrote
        (``--scheduler-file``, a name that ends with ``.json``); ``slurm``, which starts workers as
        Dask's own configuration says (``jobqueue: slurm:``), or a file of such a configuration
        (``.yaml``); or a client, which stays open.
    jobs : int, optional
        How many workers Slurm is to start.

    Raises
    ------
    ClusterError
        If there is none, or it gives no answer.
    """
    if isinstance(cluster, Client):
        yield OpenedCluster(cluster, _nothing_to_keep)
        return
    name = str(cluster)
    if name == SLURM:
        with _slurm({}, jobs) as found:
            yield found
    elif name.endswith((".yaml", ".yml")):
        with _slurm(_configuration(Path(name)), jobs) as found:
            yield found
    elif name.endswith(".json"):
        if not Path(name).is_file():
            raise ClusterError(f"{name}: there is no such file (--scheduler-file of a scheduler)")
        with _connected(name, scheduler_file=name) as client:
            yield OpenedCluster(client, _nothing_to_keep)
    elif ":" in name:
        with _connected(name, address=name) as client:
            yield OpenedCluster(client, _nothing_to_keep)
    else:
        raise ClusterError(
            f"cluster {name!r}: it is the address of a Dask scheduler (tcp://host:8786), its "
            "scheduler file (.json), slurm, or a file with Dask's settings for Slurm (.yaml)"
        )


def _nothing_to_keep(_: int) -> None:
    """Workers come and go as somebody else decides."""


@contextmanager
def _connected(name: str, **where: Any) -> Iterator[Client]:
    try:
        client = Client(**where, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"{name}: no Dask scheduler answers there ({error}): is it running, and the address "
            "that of this network?"
        ) from None
    try:
        yield client
    finally:
        with suppress(OSError, TimeoutError):
            client.close()


def _configuration(file: Path) -> Mapping[str, Any]:
    """Return Dask's settings that a file has."""
    import yaml

    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ClusterError(f"{file}: cannot be read as YAML ({error})") from None
    try:
        settings = found["jobqueue"][SLURM]
    except (KeyError, TypeError):
        settings = None
    if not isinstance(settings, dict):
        raise ClusterError(f"{file}: has no settings of Slurm's jobs (jobqueue: slurm: ...)")
    return dict(found)


@contextmanager
def _slurm(settings: Mapping[str, Any], jobs: int | None) -> Iterator[OpenedCluster]:
    """Start a scheduler here, and workers as jobs of Slurm."""
    if jobs is None:
        raise ClusterError("say with jobs (--jobs) how many workers Slurm is to start")
    try:
        from dask_jobqueue.slurm import SLURMCluster
    except ImportError:
        raise ClusterError(not_installed("Slurm", "dask-jobqueue", "cluster")) from None
    with dask.config.set(dask.config.merge(dask.config.config, settings)):
        try:
            cluster = SLURMCluster()
        except (OSError, ValueError, RuntimeError) as error:
            raise ClusterError(
                f"no workers can be started by Slurm ({error}): set cores and memory of a job in "
                "jobqueue: slurm: of Dask's configuration, or of the file that --cluster names"
            ) from None
        try:
            keep = _Keeper(cluster, jobs)
            keep(0)
            with _connected("slurm", address=cluster) as client:
                yield OpenedCluster(client, keep)
        finally:
            cluster.close()


class _Keeper:
    """Asks Slurm for workers, and for others where some ended: for their time limit, for example.

    Parameters
    ----------
    cluster : dask_jobqueue.SLURMCluster
        Whose.
    number : int
        So many are wanted.
    """

    def __init__(self, cluster: Any, number: int) -> None:
        self._cluster = cluster
        self._number = number
        self._ask_at = 0.0

    def __call__(self, found: int) -> None:
        if found < self._number and time.monotonic() >= self._ask_at:
            self._ask_at = time.monotonic() + ASK_AGAIN_S
            self._cluster.scale(self._number)
