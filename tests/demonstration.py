"""The folder of ``gphoton-db demo``, made once for all tests and all processes that share them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from tests.gphoton_db import first_use

_NAME = "demo"


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
            repeated = {first_use.AGAIN: ["demo"]}
            used = first_use.done(folder, {_NAME: ["demo", "--json"]} | repeated)
            report.write_text(json.dumps(used[_NAME]), "utf-8")
    used_by_it = json.loads(report.read_text("utf-8"))
    folder = shared / "demonstration" / _NAME
    said = json.loads((folder / first_use.SAID).read_text("utf-8"))
    again = folder.with_name(first_use.AGAIN)
    shown = (again / first_use.SAID).read_text("utf-8")
    return Demonstration(folder, said, used_by_it["missing"], used_by_it["used"], again, shown)
