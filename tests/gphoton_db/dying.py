"""Commands that are killed at a chosen moment: ``python -m tests.gphoton_db.dying``.

It is parted from the process that has loaded everything (`tests.gphoton_db.forked_program`).

Reads a JSON list of `Death` from standard input, and runs each command in a process of its own,
which really dies.  Writes a JSON list of the signals that ended them, null for none.
"""

import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numba

from gphoton_db.calibration.kept import KeptCalibration
from gphoton_db.mission import Band


@dataclass(frozen=True)
class Death:
    """A command line, and when to kill it.

    Either before or after the `nth` call of the function `target` (``module.name``), or some
    `delay` in seconds after its start.
    """

    arguments: list[str]
    target: str = ""
    moment: str = "before"
    nth: int = 1
    delay: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def main() -> None:
    # What takes long to load is loaded once, before the processes part.
    importlib.import_module("gphoton_db.archive")
    deaths = [Death(**fields) for fields in json.load(sys.stdin)]
    if not all("compact" in death.arguments for death in deaths):
        importlib.import_module("pandas")
        kernel: Any = numba.njit(lambda: None)
        kernel()
    for death in deaths:
        if "ingest" in death.arguments:
            _load_ingest(death.arguments)
            break
    sys.stdout.write(json.dumps([_run(death) for death in deaths]))


def _load_ingest(arguments: list[str]) -> None:
    """Keep the calibration; this process was parted from one with all kernels of an ingest."""
    stage: Any = importlib.import_module("gphoton_db.intake.stage")
    load = stage.stage_band.__kwdefaults__["load"] = KeptCalibration()
    eclipse, band = arguments[arguments.index("ingest") + 1 :][:2]
    options = dict(word.split("=", 1) for word in arguments if word.startswith("--calibration="))
    load(Path(options["--calibration"]), Band(band), int(eclipse))


def _run(death: Death) -> int | None:
    child = os.fork()
    if not child:
        _be_killed(death)
    if death.delay:
        time.sleep(death.delay)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else None


def _be_killed(death: Death) -> None:
    from gphoton_db.cli import main as command_line

    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    if death.target:
        _arrange(death)
    sys.argv = ["gphoton-db", *death.arguments]
    try:
        command_line()
    finally:
        os._exit(0)


def _arrange(death: Death) -> None:
    module_name, name = death.target.rsplit(".", 1)
    module = importlib.import_module(module_name)
    function: Callable[..., Any] = getattr(module, name)
    calls = count(1)

    def fatal(*arguments: Any, **options: Any) -> Any:
        last = next(calls) == death.nth
        if last and death.moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*arguments, **options)
        if last and death.moment == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(module, name, fatal)


if __name__ == "__main__":
    main()
