"""``gphoton-db mask``: hot and cold cells of the detector, from the photons of legs."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gphoton_db.cli.console import counted, print_archive, print_json, results
from gphoton_db.cli.products import JsonOption, parse_band, parse_leg
from gphoton_db.cli.progress import progress_of
from gphoton_db.products.masks.options import MaskOptions
from gphoton_db.settings import Settings

BandArgument = Annotated[str, typer.Argument(help="NUV or FUV.")]
EclipsesArgument = Annotated[list[int], typer.Argument(help="Eclipse numbers, all in one mask.")]
LegsOption = Annotated[str, typer.Option(metavar="N|N,N|all", help="Leg, from 0; several; or all.")]
HotRateOption = Annotated[float, typer.Option(help="Photons a second of a hot cell, at least.")]
HotSpreadOption = Annotated[
    float, typer.Option(help="Their spread on the sky by that of the pointing, at least.")
]
ColdRateOption = Annotated[float, typer.Option(help="Photons a second of a cold cell, at most.")]
ColdPartOption = Annotated[
    float, typer.Option(help="The same by what its neighbours have, at most.")
]
OutputOption = Annotated[
    Path | None, typer.Option(help="FITS file, or folder (default: only say how many).")
]


def mask(
    context: typer.Context,
    band: BandArgument,
    eclipses: EclipsesArgument,
    leg: LegsOption = "all",
    hot_rate: HotRateOption = MaskOptions.hot_rate,
    hot_spread: HotSpreadOption = MaskOptions.hot_spread,
    cold_rate: ColdRateOption = MaskOptions.cold_rate,
    cold_part: ColdPartOption = MaskOptions.cold_part,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the hot and cold cells of a detector from the photons of legs."""
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    legs: Any = parse_leg(leg)
    options = MaskOptions(hot_rate, hot_spread, cold_rate, cold_part)
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        with progress_of("mask", quiet=as_json) as progress:
            made = archive.mask(
                eclipses, parse_band(band), legs, path=output, on_progress=progress, **vars(options)
            )
    file = None if output is None else made.file_in(output)
    report = {"name": made.name, "hot": made.n_hot, "cold": made.n_cold, "output": file}
    if as_json:
        print_json({**report, "legs": made.header["NLEGS"], "exposure": made.header["XPOSURE"]})
        return
    results.print(
        f"{made.name}: {counted(made.n_hot, 'hot cell')}, {counted(made.n_cold, 'cold cell')} in "
        f"{made.header['XPOSURE']:,.1f} s of {counted(made.header['NLEGS'], 'leg')}"
    )
    if file is not None:
        results.print(str(file), markup=False)
