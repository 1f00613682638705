"""``gphoton-db pointing fetch``: refined aspect and spacecraft state from the mission archive."""

from contextlib import nullcontext
from typing import Annotated, Any

import typer

from gphoton_db.cli.console import notes, print_archive, print_json, results
from gphoton_db.cli.products import JsonOption
from gphoton_db.cli.progress import WorkProgress
from gphoton_db.errors import GPhotonError
from gphoton_db.progress import no_progress
from gphoton_db.settings import Settings


def fetch(
    context: typer.Context,
    eclipses: Annotated[
        list[int], typer.Argument(metavar="ECLIPSE...", min=1, help="Eclipse numbers.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Fetch the pointing of eclipses into the archive, so that ingests of them find it there.

    What is there already is not fetched again; one that fails does not keep the others from being
    fetched.
    """
    from gphoton_db.archive import Archive
    from gphoton_db.obtain import obtain_pointing
    from gphoton_db.paths import ArchivePaths

    settings: Settings = context.obj
    paths = ArchivePaths(settings.archive.expanduser().resolve())
    print_archive(paths.root)
    outcomes: list[dict[str, Any]] = []
    with nullcontext() if as_json else WorkProgress("pointing") as shown:
        tell = shown or no_progress
        on_download = shown.download if shown else no_progress
        for n, eclipse in enumerate(dict.fromkeys(eclipses)):
            tell(f"e{eclipse:05d}", n, len(eclipses))
            try:
                fetched = obtain_pointing(
                    paths, eclipse, settings.service(), on_download=on_download
                )
                outcome = {"outcome": "fetched" if fetched else "there already", "message": None}
            except GPhotonError as error:
                outcome = {"outcome": "failed", "message": str(error)}
            outcomes.append({"eclipse": eclipse, **outcome})
            if not as_json:
                _print(eclipse, **outcome)
    there = [each["eclipse"] for each in outcomes if each["outcome"] != "failed"]
    if there:
        with Archive(paths.root) as archive:
            archive.note_visits(there)
    if as_json:
        print_json({"archive": paths.root, "eclipses": outcomes})
    if any(each["outcome"] == "failed" for each in outcomes):
        raise typer.Exit(1)


def _print(eclipse: int, outcome: str | None, message: str | None) -> None:
    if message is None:
        results.print(f"e{eclipse:05d}: {outcome}", markup=False)
    else:
        notes.print(f"error: e{eclipse:05d}: {message}", style="red", markup=False)
