"""Slurm on this machine, with its own keys, ports and folders: one node, two processors."""

import getpass
import os
import platform
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.gphoton_db.archives import ROOT

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel")
SYSTEM = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin{os.pathsep}/usr/local/sbin"

SLURM_CONF = """
ClusterName=gphoton
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldPort={controller}
SlurmdPort={node}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
SchedulerType=sched/backfill
NodeName=localhost NodeAddr=127.0.0.1 CPUs=2 RealMemory=2000 State=UNKNOWN
PartitionName=main Nodes=localhost Default=YES State=UP
"""

SETTINGS = """
jobqueue:
  slurm:
    queue: main
    cores: 1
    processes: 1
    memory: 900MB
    walltime: "00:10:00"
    interface: lo
    python: {python}
    local-directory: {folder}/workers
    log-directory: {folder}/logs
    job-script-prologue: ["export PYTHONPATH={root}", "cd {folder}"]
    worker-extra-args: ["--no-dashboard", "--no-nanny", "--memory-limit=0"]
    scheduler-options: {{interface: lo, dashboard_address: ":0"}}
"""


@contextmanager
def slurm_cluster(folder: Path) -> Iterator[Path]:
    """Start Slurm, and give the file of Dask's settings for it; skip where that cannot be."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=SYSTEM)]
    if missing:
        pytest.skip(f"needs Slurm and munge (apt install slurm-wlm munge): no {missing[0]}")
    for name in ("state", "spool", "logs", "workers"):
        (folder / name).mkdir()
    key, conf = folder / "key", folder / "slurm.conf"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o600)
    conf.write_text(
        SLURM_CONF.format(
            host=platform.node(),
            user=getpass.getuser(),
            folder=folder,
            controller=_free_port(),
            node=_free_port(),
        )
    )
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("SLURM_CONF", str(conf))
        munge = [
            f"--{kind}={folder}/munge.{kind}" for kind in ("pid-file", "log-file", "seed-file")
        ]
        munge += [f"--socket={folder}/munge", f"--key-file={key}", "--foreground", "--force"]
        _start(stack, "munged", *munge)
        _start(stack, "slurmctld", "-D", "-f", str(conf))
        _start(stack, "slurmd", "-D", "-f", str(conf), "-N", "localhost")
        _wait_until_idle()
        settings = folder / "slurm.yaml"
        settings.write_text(SETTINGS.format(python=sys.executable, folder=folder, root=ROOT))
        stack.callback(cancel_jobs)
        yield settings


def jobs() -> list[str]:
    """Return the numbers of the jobs that are running."""
    return _said("squeue", "--noheader", "--states=RUNNING", "--format=%i").split()


def cancel_jobs(*numbers: str) -> None:
    """Cancel jobs: all if none is named."""
    _said("scancel", *(numbers or ("--state=RUNNING", "--state=PENDING")))


def _start(stack: ExitStack, program: str, *options: str) -> None:
    command = [str(shutil.which(program, path=SYSTEM)), *options]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
    stack.callback(process.wait)
    stack.callback(process.terminate)


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout


def _wait_until_idle() -> None:
    for _ in range(300):
        if "idle" in _said("sinfo", "--noheader", "--format=%t"):
            return
        time.sleep(0.1)
    pytest.skip("Slurm does not start here: its node does not become idle within 30 s")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
