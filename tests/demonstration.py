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
    """What ``gphoton-db demo`` made and showed, in an empty folder.

    Parameters
    ----------
    folder : Path
        Holds ``gphoton-demo``; not to be changed.
    shown : str
        What was printed.
    missing : list of str
        Kernels that were used and are not compiled ahead.
    n_kernels : int
        How many kernels were used.
    repeated : Path
        Where it was repeated, with ``--json`` and with legs that are shorter: holds
        ``gphoton-demo``; not to be changed.
    said : dict
        The JSON object that was printed then; its paths begin in `repeated`.
    """

    folder: Path
    shown: str
    missing: list[str]
    n_kernels: int
    repeated: Path
    said: dict[str, Any]


def make_demonstration(shared: Path) -> Demonstration:
    """Make it in a folder that several processes share, or wait for the one that does."""
    report = shared / "demonstration.json"
    with FileLock(shared / "demonstration.lock"):
        if not report.exists():
            folder = shared / "demonstration"
            folder.mkdir()
            used = first_use.done(folder, {_NAME: ["demo"], first_use.AGAIN: ["demo", "--json"]})
            report.write_text(json.dumps(used[_NAME]), "utf-8")
    used_by_it = json.loads(report.read_text("utf-8"))
    folder = shared / "demonstration" / _NAME
    shown = (folder / first_use.SAID).read_text("utf-8")
    again = folder.with_name(first_use.AGAIN)
    said = json.loads((again / first_use.SAID).read_text("utf-8"))
    return Demonstration(folder, shown, used_by_it["missing"], used_by_it["used"], again, said)
