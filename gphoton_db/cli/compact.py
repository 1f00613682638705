"""``gphoton-db compact``: photons of fields that were seen again and again in common files."""

from dataclasses import asdict
from typing import Annotated

import typer

from gphoton_db.cli.console import counted, print_archive, print_json, results
from gphoton_db.cli.products import JsonOption
from gphoton_db.cli.progress import progress_of
from gphoton_db.intake.options import FEWEST_LEGS
from gphoton_db.settings import Settings


def compact(
    context: typer.Context,
    fewest: Annotated[
        int,
        typer.Option(
            "--fewest", metavar="N", min=2, help="Legs of a field and band that are worth it."
        ),
    ] = FEWEST_LEGS,
    again: Annotated[
        bool, typer.Option("--again", help="Merge also what is merged already, all of it anew.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy the photons of fields with many visits into common files, for faster light curves."""
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        with progress_of("compact", quiet=as_json) as progress:
            made = archive.compact(fewest=fewest, again=again, on_progress=progress)
    if as_json:
        print_json(asdict(made))
        return
    if not made.n_sets:
        results.print(
            f"nothing to merge: no field has {fewest:,} legs of a band that are in no common files "
            "yet (--fewest asks for fewer)"
        )
        return
    results.print(
        f"{counted(made.n_legs, 'leg')} of {counted(made.n_sets, 'field')} merged: "
        f"{counted(made.n_photons, 'photon')}, {made.size_bytes / 1e6:,.0f} MB"
    )
