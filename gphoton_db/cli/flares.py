"""``gphoton-db flares``: flares in the light curves of positions."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gphoton_db.cli.console import counted, notes, print_archive
from gphoton_db.cli.kernels import compile_kernels
from gphoton_db.cli.positions import (
    BandOption,
    CatalogOption,
    DecArgument,
    JsonOption,
    NonlinearOption,
    OutputOption,
    RaArgument,
    RadiusOption,
    RangeOption,
    check_place,
    give_table,
    pair_of,
    ranges_of,
)
from gphoton_db.cli.progress import progress_of
from gphoton_db.products.flares.options import FlareChoices, FlareOptions
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from astropy.table import QTable

    from gphoton_db.archive import Archive

SHOWN = (
    *("name", "eclipse", "leg", "band", "ranges_of", "t0", "t_peak", "t1", "n_seeds"),
    *("significance", "fluence", "energy"),
)


def flares(
    context: typer.Context,
    ra: RaArgument = None,
    dec: DecArgument = None,
    catalog: CatalogOption = None,
    distance: Annotated[float | None, typer.Option(help="Of the star, pc.")] = None,
    parallax: Annotated[float | None, typer.Option(help="Of the star, mas.")] = None,
    sigma: Annotated[
        float, typer.Option(help="Errors above quiescence that a flare has.")
    ] = FlareOptions.sigma,
    template: Annotated[
        bool, typer.Option("--template", help="Fit a fast rise and a double decay.")
    ] = False,
    temperature: Annotated[
        bool, typer.Option("--temperature", help="Of a black body, from both bands.")
    ] = False,
    recipe: Annotated[
        str, typer.Option(help="own, or gj65: as its published flares.")
    ] = FlareOptions.recipe,
    radius: RadiusOption = FlareOptions.radius,
    annulus: Annotated[
        str | None, typer.Option(metavar="IN,OUT", help="Ring for the background, arcsec.")
    ] = None,
    step: Annotated[float, typer.Option(help="Length of a bin, s.")] = FlareOptions.step,
    band: BandOption = None,
    time: RangeOption = None,
    nonlinear: NonlinearOption = False,
    keep: Annotated[
        bool, typer.Option("--keep/--no-keep", help="Keep them for the view flares.")
    ] = True,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the flares of a position, or of a list of them, and keep them for the view flares."""
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    check_place(ra, dec, catalog)
    choices: FlareChoices = {
        **FlareChoices(distance=distance, parallax=parallax, sigma=sigma, template=template),
        **FlareChoices(temperature=temperature, radius=radius, step=step, bands=band, keep=keep),
        "recipe": recipe,  # type: ignore[typeddict-item]
        "annulus": pair_of(annulus, "--annulus") if annulus else None,
        "time_ranges": ranges_of(time),
        "nonlinear": nonlinear,
    }
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        found = _found(archive, (ra, dec, catalog), choices, as_json)
        give_table(found, archive.write_measured, output, as_json=as_json, shown=SHOWN)
    _say(found.meta, len(found))


def _found(
    archive: "Archive",
    place: tuple[str | None, str | None, Path | None],
    choices: FlareChoices,
    as_json: bool,
) -> "QTable":
    ra, dec, catalog = place
    if catalog is not None:
        compile_kernels("lightcurve")
    with progress_of("flares", quiet=as_json) as on_progress:
        return archive.flares(catalog or ra, dec, on_progress=on_progress, **choices)


def _say(meta: Mapping[str, Any], n: int) -> None:
    """Say how many light curves were looked at."""
    notes.print(
        f"{counted(n, 'row')} of flares (one a flare and band) in "
        f"{counted(meta['N_VISITS'], 'visit')} of {counted(meta['N_CURVES'], 'light curve')}",
        markup=False,
    )
