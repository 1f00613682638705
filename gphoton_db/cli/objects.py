"""``gphoton-db objects``: catalogue entries of all visits linked into objects."""

from dataclasses import asdict
from typing import Annotated

import typer

from gphoton_db.cli.console import counted, notes, print_archive, print_json, results
from gphoton_db.cli.positions import JsonOption
from gphoton_db.cli.progress import progress_of
from gphoton_db.settings import Settings

FLAGS = {
    "twice": "with several sources in one visit",
    "wide": "with a source further from the mean position than the radius",
    "joined": "that came of several objects of an earlier run",
    "split": "that came of a part of an object of an earlier run",
    "no_errors": "with a source whose position has no error",
    "artifact": "with a source on a hotspot or ghost, or at the narrow edge",
}


def objects(
    context: typer.Context,
    radius: Annotated[float, typer.Option(help="Longest step from source to source, arcsec.")] = 3,
    as_json: JsonOption = False,
) -> None:
    """Link the catalogue entries of all visits into objects, for the views of that name."""
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        with progress_of("objects", quiet=as_json) as progress:
            made = archive.objects(radius, on_progress=progress)
    if as_json:
        print_json(asdict(made))
        return
    results.print(
        f"{counted(made.n_objects, 'object')} ({made.n_new:,} new) of "
        f"{counted(made.n_sources, 'source')} of "
        f"{counted(made.n_visits, 'visit')}, linked within {made.radius:g} arcsec"
    )
    if not made.changed:
        notes.print("nothing has changed since they were linked last", markup=False)
    if made.n_without_position:
        notes.print(f"{made.n_without_position:,} entries have no position", markup=False)
    for name, n in made.flagged.items():
        notes.print(f"{counted(n, 'object')} {FLAGS[name]}", markup=False)
