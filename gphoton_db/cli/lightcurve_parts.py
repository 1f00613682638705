"""``gphoton-db lightcurve --catalog --jobs``: light curves of a long list in parts."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from gphoton_db.cli.console import counted, notes, print_json, results
from gphoton_db.cli.ingest_many import INTERRUPTED, SOME_FAILED
from gphoton_db.cli.progress import progress_of

if TYPE_CHECKING:
    from gphoton_db.pipeline.lightcurves_many import ManyLightCurves


def measure_parts(
    work: "Callable[..., ManyLightCurves]", output: Path | None, *, as_json: bool
) -> NoReturn:
    """Measure the parts of a list, say what came of it, and exit with a code that tells it too.

    Parameters
    ----------
    work : callable
        Does it; called with the folder and ``on_progress``.
    output : Path or None
        The folder.
    as_json : bool
        Whether machines are to read what came of it.
    """
    if output is None or output.suffix:
        raise typer.BadParameter(
            "with --jobs or --cluster it is a folder, for a Parquet file of each part",
            param_hint="--output",
        )
    try:
        with progress_of("light curves", quiet=as_json) as tell:
            made = work(output, on_progress=tell)
    except KeyboardInterrupt:
        notes.print("interrupted: the same command goes on from here", markup=False)
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        print_json(asdict(made))
    else:
        _print(made)
    if made.failures:
        raise typer.Exit(SOME_FAILED if made.made or made.skipped else 1)
    raise typer.Exit


def _print(made: "ManyLightCurves") -> None:
    for each in made.failures:
        text = f"{each.part}, {counted(len(each.positions), 'position')}: {each.reason}"
        notes.print(text, style="red", markup=False)
    parts = f"{counted(len(made.made), 'part')} made, {len(made.skipped):,} there before"
    notes.print(f"{made.n_rows:,} rows: {parts}, {len(made.failures):,} failed", markup=False)
    if made.failures:
        notes.print("the same command tries again what failed", markup=False)
    results.print(str(made.folder), markup=False)
