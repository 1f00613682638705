"""``gphoton-db calibration verify``: whether a set of calibration files is what it should be."""

from contextlib import nullcontext
from dataclasses import asdict
from typing import Annotated

import typer

from gphoton_db.cli.calibration_import import HashesOption
from gphoton_db.cli.console import notes, print_archive, print_json, results
from gphoton_db.cli.products import JsonOption
from gphoton_db.cli.progress import WorkProgress
from gphoton_db.paths import DEFAULT_SET
from gphoton_db.progress import no_progress
from gphoton_db.settings import Settings


def verify_set(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="[NAME|DIR]", help="A set of the archive, or a folder.")
    ] = DEFAULT_SET,
    hashes: HashesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the form, the values and the hashes of every file of a set.

    The exit code is 1 if a file has a wrong form, values out of their range, or a wrong hash.
    Missing files, and what is odd but may be right, are listed, and do not change it.
    """
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        with nullcontext() if as_json else WorkProgress("calibration") as shown:
            found = archive.verify_calibration(
                name, hashes=hashes, on_progress=shown or no_progress
            )
    if as_json:
        print_json({"set": name, **asdict(found), "identifiers": found.identifiers})
    else:
        for file in found.wrong:
            notes.print(f"{file.state}: {file.name}: {file.message}", style="red", markup=False)
        for file in found.odd:
            notes.print(f"{file.state}: {file.name}: {file.message}", style="yellow", markup=False)
        if found.missing:
            notes.print(f"not there: {', '.join(found.missing)}", markup=False)
        there = len(found.files) - len(found.missing)
        recorded = sum(file.recorded for file in found.files)
        results.print(
            f"{found.folder}: {there - len(found.wrong)} of {there} files are what they should be, "
            f"{recorded} of them by their record; complete for "
            f"{', '.join(found.identifiers) or 'nothing'}",
            markup=False,
        )
    if found.wrong:
        raise typer.Exit(1)
