"""``gphoton-db warm-up``: all kernels are compiled before anything needs them."""

from contextlib import nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from gphoton_db.cli.console import counted, notes, print_json, results
from gphoton_db.cli.products import JsonOption
from gphoton_db.cli.progress import WorkProgress
from gphoton_db.progress import no_progress

if TYPE_CHECKING:
    from gphoton_db.system.compiling import Compiled


def warm_up(
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Processes that compile (default: all cores)."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compile all kernels now, for instance while a container image is built.

    They are kept in numba's cache: beside the package if that is writable, else in the user's
    cache folder, else in a folder for temporary files; NUMBA_CACHE_DIR names another folder. Who
    cannot write beside the package takes what was compiled there. Kernels that are compiled
    already stay. The exit code is 1 if a kernel could not be compiled.
    """
    from gphoton_db.warm_up import warm_up as compile_all

    with nullcontext() if as_json else WorkProgress("warm-up") as shown:
        done = compile_all(processes=jobs, on_progress=shown or no_progress)
    for failure in done.failures:
        notes.print(f"error: {failure}", style="red", markup=False)
    if as_json:
        print_json(asdict(done))
    else:
        _print(done)
    if done.failures:
        raise typer.Exit(1)


def _print(done: "Compiled") -> None:
    if not done.groups:
        results.print("all kernels were compiled before")
        return
    n = len(done.groups) - len(done.failures)
    by = f"{done.processes} process{'es' * (done.processes != 1)}"
    groups = counted(n, "group")
    results.print(f"{groups} of kernels compiled in {done.seconds:.1f} s by {by}")
