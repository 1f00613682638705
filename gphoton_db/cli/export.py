"""``gphoton-db export ...``: tables of the archive in the forms of other programs."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gphoton_db.cli.console import print_archive, print_json, results
from gphoton_db.cli.many_options import ClusterOption, ProcessesOption
from gphoton_db.cli.positions import BandOption, CatalogOption, JsonOption, RadiusOption
from gphoton_db.cli.progress import progress_of
from gphoton_db.products.hats.options import TABLE_NAMES, HatsChoices, HatsOptions
from gphoton_db.products.lightcurves.options import LightCurveOptions, MeasurementChoices
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.products.hats.export import Exported

export = typer.Typer(
    help="Write tables of the archive for other programs: HATS for LSDB.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@export.callback()
def _several() -> None:
    """Write tables of the archive for other programs: HATS for LSDB."""


@export.command("hats")
def hats(
    context: typer.Context,
    table: Annotated[str, typer.Argument(metavar="TABLE", help=", ".join(TABLE_NAMES) + ".")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="New, or of an earlier export.")],
    catalog: CatalogOption = None,
    radius: RadiusOption = LightCurveOptions.radius,
    step: Annotated[float, typer.Option(help="Length of a bin of light curves, s.")] = 30.0,
    band: BandOption = None,
    most_rows: Annotated[
        int, typer.Option(min=1, metavar="N", help="Rows of a partition of the sky, at most.")
    ] = HatsOptions.most_rows,
    again: Annotated[
        bool, typer.Option("--again", help="Divide the sky anew and write everything again.")
    ] = False,
    jobs: ProcessesOption = None,
    cluster: ClusterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write photons, sources, catalogues or light curves as HATS collections, which LSDB opens.

    A second export into the same folder writes the legs that are new.  Light curves need --catalog.
    """
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    curves = MeasurementChoices(radius=radius, step=step)
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        with progress_of("export", quiet=as_json) as tell:
            choices = HatsChoices(bands=band, most_rows=most_rows, again=again)
            made = archive.export_hats(
                *(table, folder, catalog),
                curves=curves,
                jobs=jobs,
                cluster=cluster or settings.cluster,
                on_progress=tell,
                **choices,
            )
    if as_json:
        print_json(asdict(made))
    else:
        _print(made)


def _print(made: "Exported") -> None:
    results.print(
        f"{made.n_rows:,} rows in {made.n_partitions:,} partitions, the fullest of "
        f"{made.largest:,} ({made.n_written:,} legs or parts of lists written, {made.n_kept:,} "
        "there before)"
    )
    results.print(str(made.path), markup=False)
