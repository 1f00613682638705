"""``gphoton-db calibration import``: calibration files of a folder into a set of the archive."""

from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gphoton_db.cli.calibration_fetch import SetOption
from gphoton_db.cli.console import notes, print_archive, print_json, results
from gphoton_db.cli.ingest import Force
from gphoton_db.cli.products import JsonOption
from gphoton_db.cli.progress import WorkProgress
from gphoton_db.paths import DEFAULT_SET
from gphoton_db.progress import no_progress
from gphoton_db.settings import Settings

HashesOption = Annotated[
    Path | None,
    typer.Option(help="File with the expected hashes, as sha256sum or git ls-tree -r writes them."),
]


def import_set(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of calibration files.")],
    name: SetOption = DEFAULT_SET,
    hashes: HashesOption = None,
    force: Force = False,
    as_json: JsonOption = False,
) -> None:
    """Check calibration files, copy them into a set of the archive, and record their hashes."""
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        with nullcontext() if as_json else WorkProgress("calibration") as shown:
            done = archive.import_calibration(
                directory, name, hashes=hashes, force=force, on_progress=shown or no_progress
            )
        if as_json:
            print_json({"archive": archive.paths.root, "set": name, **asdict(done)})
            return
    results.print(
        f"set {name}: {len(done.imported)} files imported, {len(done.replaced)} replaced, "
        f"{len(done.unchanged)} were there; {done.folder}",
        markup=False,
    )
    if done.missing:
        notes.print(f"not there: {', '.join(done.missing)}", markup=False)
