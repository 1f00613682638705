"""``gphoton-db pointing import``: consolidated tables of the whole mission into the archive."""

from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gphoton_db.cli.console import counted, notes, print_archive, print_json, results
from gphoton_db.cli.progress import WorkProgress
from gphoton_db.progress import no_progress
from gphoton_db.settings import Settings


def import_pointing(
    context: typer.Context,
    directory: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="Folder with aspect, boresight, metadata or leg-aperture (.parquet).",
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
) -> None:
    """Import the consolidated pointing tables of all visits.

    Later ingests find the pointing of their eclipse in them, and find and search know every visit.
    """
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        with nullcontext() if as_json else WorkProgress("pointing") as shown:
            done = archive.import_pointing(directory, on_progress=shown or no_progress)
        if as_json:
            print_json({"archive": archive.paths.root, **asdict(done)})
            return
    for table in done.tables:
        left_out = f", {table.n_left_out:,} left out" * (table.n_left_out > 0)
        results.print(
            f"{table.name}: {counted(table.n_rows, 'row')} of "
            f"{counted(table.n_eclipses, 'eclipse')}{left_out}",
            markup=False,
        )
    for name in done.kept:
        notes.print(f"{name}: kept, there is none in {directory}", markup=False)
    visits = f"{counted(done.n_visits, 'visit')} {'is' if done.n_visits == 1 else 'are'}"
    results.print(
        f"{visits} known by them; {done.folder}, {done.seconds:.1f} s",
        markup=False,
    )
