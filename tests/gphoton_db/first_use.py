"""A program that does what users do, and tells which of its kernels are not compiled ahead.

``python -m tests.gphoton_db.first_use FOLDER`` reads a JSON object from standard input: for each
name of `cli.kernels.KERNELS` the words of a command, and for `EVERYTHING` a `Sources`.  Each is
done in a process of its own, in a folder of its own in FOLDER; what it prints goes to ``said.txt``
there.  They part when all that takes long to load is loaded.
"""

import importlib
import json
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numba
import numpy as np

from gphoton_db.archive import Archive
from gphoton_db.cli.app import app
from gphoton_db.cli.kernels import KERNELS
from gphoton_db.kernels.late import LateKernel
from gphoton_db.products.run_options import RunOptions
from gphoton_db.system.compiling import Call, calls_of
from gphoton_db.warm_up import ALL_GROUPS, warm_up


@numba.njit(cache=True)
def bad(value: Any) -> Any:
    """Cannot be compiled."""
    return value.nothing_of_the_kind


@numba.njit(cache=True)
def good(value: float) -> float:
    return value + 1.0


def broken() -> list[Call]:
    """Return a group that cannot be compiled."""
    return [(bad, (np.zeros(1),))]


def sound() -> list[Call]:
    """Return a group that can."""
    return [(good, (1.0,))]


TAKE_LONG_TO_LOAD = (
    "astropy.coordinates",
    "astropy.io.fits",
    "astropy.table",
    "astropy.timeseries",
    "astropy.visualization.wcsaxes",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "pandas",
    "PIL.Image",
    "gphoton_db.pipeline.run",
    "gphoton_db.products.hips.coverage",
    "gphoton_db.products.hips.make",
    "gphoton_db.products.lightcurves.make",
    "gphoton_db.products.maps.sky_map",
    "gphoton_db.products.movies.make",
    "gphoton_db.products.run_leg",
    "gphoton_db.simulate.visit",
)
"""Modules, of others and of ours, that commands load when they need them."""

EVERYTHING = "everything"
AGAIN = "demo-again"
"""The demonstration in a copy of the folder that it was shown in before, with short legs, and
without the image, which takes longest."""
SHORT_S = 20
SAID = "said.txt"
FORCING_COLOR = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TTY_COMPATIBLE")


def done(folder: Path, wanted: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Run this program, and return what it prints: ``missing`` and ``used`` of each."""
    own = {"GPHOTON_DB_CONFIG": str(folder / "no-settings.toml"), "NO_COLOR": "1"}
    others = {name: value for name, value in os.environ.items() if name not in FORCING_COLOR}
    process = subprocess.run(
        [sys.executable, "-m", __name__, str(folder)],
        cwd=Path(__file__).resolve().parents[2],
        env=others | own,
        input=json.dumps(wanted),
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    report: dict[str, dict[str, Any]] = json.loads(process.stdout)
    return report


def main() -> None:
    """Do all that is asked for, and print a JSON object of what each used."""
    wanted: dict[str, Any] = json.load(sys.stdin)
    warm_up()
    for module in TAKE_LONG_TO_LOAD:
        importlib.import_module(module)
    good(1.0)  # numba has a compiler, and knows its types, from its first kernel on
    LateKernel.longest_us = -1.0  # however little there is to do, it is done by kernels
    done = {name: _apart(Path(sys.argv[1]) / name, name, wanted[name]) for name in wanted}
    sys.stdout.write(json.dumps(done))


def _apart(folder: Path, name: str, wanted: Any) -> dict[str, Any]:
    """Do one thing in a process of its own, and return what it used."""
    folder.mkdir()
    child = os.fork()
    if not child:
        _be_apart(folder, name, wanted)
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit(f"{name}: ended with status {status}")
    report: dict[str, Any] = json.loads((folder / "kernels.json").read_text("utf-8"))
    return report


def _be_apart(folder: Path, name: str, wanted: Any) -> None:
    try:
        os.chdir(folder)
        said = os.open(SAID, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(said, 1)
        if name == AGAIN:
            shutil.copytree(folder.parent / "demo" / "gphoton-demo", "gphoton-demo")
            demo: Any = importlib.import_module("gphoton_db.cli.demo")
            demo.DURATION_S = SHORT_S
            demo.STEPS = [step for step in demo.STEPS if step.__name__ != "draw_image"]
        if name == EVERYTHING:
            _do_everything(wanted)
        else:
            sys.argv = ["gphoton-db", *wanted]
            app(standalone_mode=False)
        sys.stdout.flush()
        report = _report(ALL_GROUPS if name == EVERYTHING else KERNELS[name.removesuffix("-again")])
        Path("kernels.json").write_text(json.dumps(report), "utf-8")
    except BaseException:  # noqa: BLE001  it must not go on as its parent would
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _do_everything(given: dict[str, Any]) -> None:
    paths: dict[str, Any] = {name: Path(path) for name, path in given["paths"].items()}
    with Archive(Path("archive")) as archive:
        archive.ingest(given["eclipse"], given["band"], **paths)
        archive.run(given["eclipse"], given["band"], RunOptions(leg=0, depth=10.0, extended=True))


def _report(groups: Sequence[str]) -> dict[str, Any]:
    ahead = {(kernel, _types(arguments)) for name in groups for kernel, arguments in calls_of(name)}
    used = list(_used())
    missing = [
        f"{kernel.py_func.__qualname__}{types}"
        for kernel, types in used
        if (kernel, types) not in ahead
    ]
    return {"used": len(used), "missing": missing}


def _types(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(numba.typeof(argument) for argument in arguments)


def _used() -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Yield the kernels that this process has compiled or taken from the cache, with the types.

    What only other kernels call is part of those.
    """
    for name, module in sorted(sys.modules.items()):
        if name.startswith("gphoton_db.") and ".kernels." in name:
            for kernel in vars(module).values():
                if hasattr(kernel, "py_func") and kernel.py_func.__module__ == name:
                    found = kernel.stats
                    yield from (
                        (kernel, types) for types in {**found.cache_hits, **found.cache_misses}
                    )


if __name__ == "__main__":
    main()
