"""``gphoton-db find``: which visits saw a position."""

import typer

from gphoton_db.cli.console import notes, print_archive
from gphoton_db.cli.positions import (
    BandOption,
    CatalogOption,
    DecArgument,
    JsonOption,
    OutputOption,
    RaArgument,
    check_place,
    give_table,
)
from gphoton_db.cli.progress import progress_of
from gphoton_db.mission import Band
from gphoton_db.settings import Settings

SHOWN = (
    *("eclipse", "band", "leg", "ingested", "t0", "t1", "exposure", "detrad_min", "detrad_max"),
    "command",
)


def find(
    context: typer.Context,
    ra: RaArgument = None,
    dec: DecArgument = None,
    catalog: CatalogOption = None,
    band: BandOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the visits that saw a position, ingested or not, with their exposure."""
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    check_place(ra, dec, catalog)
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        place = catalog if catalog is not None else ra
        with progress_of("find", quiet=as_json) as on_progress:
            found = archive.find(place, dec, bands=band, on_progress=on_progress)
        shown = SHOWN if catalog is None else ("position", *SHOWN)
        give_table(found, archive.write_measured, output, as_json=as_json, shown=shown)
    for each in Band:
        if found.meta.get(f"VISITS_{each}"):
            n = found.meta[f"VISITS_{each}"]
            seconds = found.meta[f"EXPOSURE_{each}"]
            notes.print(f"{each}: {seconds:,.1f} s in {n} leg{'s' * (n != 1)}", markup=False)
    if not len(found):
        notes.print("no visit that the archive knows saw it", markup=False)
    elif found.meta["NOT_INGESTED"]:
        notes.print(
            f"{found.meta['NOT_INGESTED']} not ingested: run the commands above", markup=False
        )
