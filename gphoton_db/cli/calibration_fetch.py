"""``gphoton-db calibration fetch``: calibration files from the mission archive."""

from contextlib import nullcontext
from typing import Annotated

import typer

from gphoton_db.cli.console import print_archive, print_json, results
from gphoton_db.cli.offline import Offline
from gphoton_db.cli.positions import BandOption
from gphoton_db.cli.products import JsonOption
from gphoton_db.cli.progress import WorkProgress
from gphoton_db.paths import DEFAULT_SET
from gphoton_db.progress import no_progress
from gphoton_db.settings import Settings

SetOption = Annotated[
    str, typer.Option("--name", help="Name of the set (default: the one in calibration/ itself).")
]


def fetch_set(
    context: typer.Context,
    name: SetOption = DEFAULT_SET,
    band: BandOption = None,
    offline: Offline = False,
    as_json: JsonOption = False,
) -> None:
    """Fetch the calibration files that a set of the archive lacks, and record their hashes."""
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        with nullcontext() if as_json else WorkProgress("calibration") as shown:
            fetched = archive.fetch_calibration(
                name,
                bands=band,
                service=settings.service(offline=offline),
                on_download=shown.download if shown else no_progress,
            )
        if as_json:
            print_json({"archive": archive.paths.root, "set": name, "fetched": fetched})
            return
    for file in fetched:
        results.print(f"fetched {file}", markup=False)
    results.print(f"set {name}: {len(fetched)} files fetched", markup=False)
