"""The folder of ``gphoton-db demo``, made once for all tests and all processes that share them."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from tests.gphoton_db import first_use

_NAME = "demo"
_AGAIN = "demo-again"
_SHOWN = "shown.txt"
_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Demonstration:
    """What ``gphoton-db demo --json`` made and said, in an empty folder.

    Parameters
    ----------
    folder : Path
        Holds ``gphoton-demo``; not to be changed.
    said : dict
        The JSON object that was printed; its paths begin in `folder`.
    missing : list of str
        Kernels that were used and are not compiled ahead.
    n_kernels : int
        How many kernels were used.
    repeated : Path
        Where it was repeated, without ``--json``: holds ``gphoton-demo``; not to be changed.
    shown : str
        What was printed then.
    """

    folder: Path
    said: dict[str, Any]
    missing: list[str]
    n_kernels: int
    repeated: Path
    shown: str


def make_demonstration(shared: Path) -> Demonstration:
    """Make it in a folder that several processes share, or wait for the one that does."""
    report = shared / "demonstration.json"
    with FileLock(shared / "demonstration.lock"):
        if not report.exists():
            folder = shared / "demonstration"
            folder.mkdir()
            used = first_use.done(folder, {_NAME: ["demo", "--json"]})
            _repeat(folder / _NAME, folder / _AGAIN)
            report.write_text(json.dumps(used[_NAME]), "utf-8")
    used_by_it = json.loads(report.read_text("utf-8"))
    folder = shared / "demonstration" / _NAME
    said = json.loads((folder / first_use.SAID).read_text("utf-8"))
    shown = (shared / "demonstration" / _AGAIN / _SHOWN).read_text("utf-8")
    return Demonstration(
        folder, said, used_by_it["missing"], used_by_it["used"], folder.with_name(_AGAIN), shown
    )


def _repeat(first: Path, again: Path) -> None:
    """Do it once more, in a copy, as a user would in a terminal."""
    shutil.copytree(first / "gphoton-demo", again / "gphoton-demo")
    done = subprocess.run(
        [sys.executable, "-m", "gphoton_db", "demo"],
        cwd=again,
        env={**os.environ, "PYTHONPATH": str(_ROOT), "GPHOTON_DB_CONFIG": str(again / "none")},
        check=True,
        capture_output=True,
        text=True,
    )
    (again / _SHOWN).write_text(done.stdout, "utf-8")
