"""A program that ingests and runs, and tells which of its kernels are not compiled ahead.

``python -m tests.gphoton_db.first_use ARCHIVE``, with a `Sources` as JSON on standard input.  With
a name of `cli.kernels.KERNELS` and the words of a command instead, that command is run.
"""

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numba
import numpy as np

from gphoton_db.archive import Archive
from gphoton_db.cli.app import app
from gphoton_db.cli.kernels import KERNELS
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


def main() -> None:
    """Do what a first user does, and print a JSON object."""
    if len(sys.argv) > 2:
        _run_command(sys.argv[1], sys.argv[2:])
        return
    given = json.load(sys.stdin)
    warm_up()
    paths: dict[str, Any] = {name: Path(path) for name, path in given["paths"].items()}
    with Archive(Path(sys.argv[1])) as archive:
        archive.ingest(given["eclipse"], given["band"], **paths)
        archive.run(given["eclipse"], given["band"], RunOptions(depth=10.0, extended=True))
        archive.lightcurve(323.5, -2.0, step=10.0)
        archive.map(323.5, -2.0, bands=given["band"], size=0.1)
    sys.stdout.write(json.dumps(_report(ALL_GROUPS)))


def _run_command(name: str, words: list[str]) -> None:
    """Run a command, and print what of its kernels is not compiled ahead."""
    sys.argv = ["gphoton-db", *words]
    with contextlib.redirect_stdout(sys.stderr):
        app(standalone_mode=False)
    sys.stdout.write(json.dumps(_report(KERNELS[name])))


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
