"""``gphoton-db match``: catalogue entries matched with a table, and their astrometry."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from gphoton_db.cli.console import counted, notes, print_archive
from gphoton_db.cli.positions import JsonOption, OutputOption, give_table
from gphoton_db.cli.progress import progress_of
from gphoton_db.remote.address import is_address
from gphoton_db.settings import Settings

SHOWN = (
    *("source_id", "ra", "dec", "name", "separation", "chance", "second_name"),
    *("second_separation", "flags"),
)


def match(
    context: typer.Context,
    table: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Table: CSV, ECSV, Parquet, VOTable or FITS with ra and dec."
        ),
    ],
    radius: Annotated[float, typer.Option(help="Farthest match, arcsec.")] = 3,
    epoch: Annotated[
        str | None,
        typer.Option(help="Year of its positions, or column of years (default: as it says)."),
    ] = None,
    pm: Annotated[
        bool | None,
        typer.Option("--pm/--no-pm", help="Apply proper motions (default: if it has any)."),
    ] = None,
    eclipse: Annotated[
        list[int] | None,
        typer.Option(help="Entries of this eclipse; may be repeated (default: all)."),
    ] = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Match catalogue entries with a table of your own, and check their astrometry by it."""
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        with progress_of("match", quiet=as_json) as progress:
            found = archive.match(
                table, radius, epoch=epoch, pm=pm, eclipses=eclipse, on_progress=progress
            )
        give_table(found, archive.write_measured, output, as_json=as_json, shown=SHOWN)
    _say(found.meta, kept=not is_address(settings.archive))


def _say(meta: Mapping[str, Any], *, kept: bool) -> None:
    """Say how many matched, and where the check of astrometry is."""
    notes.print(
        f"{meta['N_MATCHED']:,} of {counted(meta['N_SOURCES'], 'source')} have a row "
        f"within {meta['RADIUS']:g} arcsec, about {meta['CHANCE'] * meta['N_SOURCES']:,.1f} by "
        f"chance; {meta['N_SECOND']:,} have another one",
        markup=False,
    )
    checked = "shift, rotation and scatter of each leg"
    where = "view astrometry" if kept else "kept nowhere, for the archive is only read from here"
    notes.print(f"{checked}: {where}", markup=False)
