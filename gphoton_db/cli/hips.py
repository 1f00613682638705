"""``gphoton-db hips``: the sky as tiles of HiPS."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gphoton_db.cli.console import print_archive, print_json, results
from gphoton_db.cli.kernels import compile_kernels
from gphoton_db.cli.map import CalibrationOption, EdgeOption, RangeOption, ranges_typed
from gphoton_db.cli.products import JsonOption, parse_band
from gphoton_db.cli.progress import progress_of
from gphoton_db.mission import Band
from gphoton_db.products.hips.options import HipsOptions
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.products.hips.make import WrittenHips

EclipsesArgument = Annotated[
    str | None,
    typer.Argument(metavar="[ECLIPSES]", help="23456, 23400-23500,23600, or a file of them."),
]
AllOption = Annotated[bool, typer.Option("--all", help="All eclipses of the archive.")]
TheBandOption = Annotated[str, typer.Option("--band", help="NUV or FUV.")]


def hips(
    context: typer.Context,
    band: TheBandOption,
    output: Annotated[
        Path, typer.Option(metavar="FOLDER", help="New, or of an earlier HiPS, which is replaced.")
    ],
    eclipses: EclipsesArgument = None,
    every: AllOption = False,
    order: Annotated[
        int, typer.Option(help="Of the finest tiles, 3 to 11 (8: pixels of 1.6 arcsec).")
    ] = HipsOptions.order,
    plane: Annotated[
        str, typer.Option(help="intensity (photons/s/arcsec2), count or exposure.")
    ] = HipsOptions.plane,
    time: RangeOption = None,
    edge: EdgeOption = HipsOptions.edge,
    calibration: CalibrationOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the sky as HiPS: tiles that Aladin and other browsers show.

    FITS and PNG tiles of all orders, and Moc.fits.  Interrupted, the same command goes on with it.
    """
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    chosen = parse_band(band, "--band")
    wanted = wanted_eclipses(eclipses, chosen, every=every)
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        compile_kernels("hips")
        with progress_of("hips", quiet=as_json) as on_progress:
            made = archive.hips(
                *(output, chosen, wanted),
                on_progress=on_progress,
                order=order,
                plane=plane,
                time_ranges=ranges_typed(time),
                edge=edge,
                calibration=calibration,
            )
    _report(made, as_json=as_json)


def _report(made: "WrittenHips", *, as_json: bool) -> None:
    """Say what was written."""
    if as_json:
        print_json(asdict(made))
        return
    results.print(
        f"{made.n_tiles:,} tiles of orders 0 to {made.order} from {made.n_legs:,} "
        f"leg{'s' * (made.n_legs != 1)}"
    )
    results.print(str(made.path), markup=False)


def wanted_eclipses(eclipses: str | None, band: Band, *, every: bool) -> list[int] | None:
    """Return the eclipses that were typed; None for all.

    Raises
    ------
    typer.BadParameter
        If neither eclipses nor all of them were asked for, or both.
    """
    if (eclipses is None) != every:
        raise typer.BadParameter("name eclipses, or take --all of them", param_hint="ECLIPSES")
    if eclipses is None:
        return None
    from gphoton_db.cli.ingest_many import typed_eclipses

    return [eclipse for eclipse, of in typed_eclipses(eclipses, [band]) if of == band]
