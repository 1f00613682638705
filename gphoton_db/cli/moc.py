"""``gphoton-db moc``: the sky that was seen, as a multi-order coverage map."""

from pathlib import Path
from typing import Annotated

import typer

from gphoton_db.cli.console import print_archive
from gphoton_db.cli.hips import AllOption, EclipsesArgument, TheBandOption, wanted_eclipses
from gphoton_db.cli.kernels import compile_kernels
from gphoton_db.cli.products import JsonOption, parse_band, place_output, report_files
from gphoton_db.settings import Settings


def moc(
    context: typer.Context,
    band: TheBandOption,
    eclipses: EclipsesArgument = None,
    every: AllOption = False,
    order: Annotated[
        int, typer.Option(help="Of the HEALPix pixels, up to 14 (10: 3.4 arcmin).")
    ] = 10,
    output: Annotated[
        Path | None, typer.Option(help="Folder, or file (default: products/ of the archive).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the sky that was seen as a MOC: a coverage map in FITS.

    Aladin, TOPCAT, mocpy and other tools of the Virtual Observatory read it.
    """
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    chosen = parse_band(band, "--band")
    wanted = wanted_eclipses(eclipses, chosen, every=every)
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        compile_kernels("moc")
        made = archive.moc(chosen, wanted, order=order)
        place = place_output(output, archive.paths.root / "products/maps", many=False)
        file = place / f"galex-{chosen.letter}d-moc.fits" if place.is_dir() else place
        report_files([made.write(file)], archive.paths.root, as_json=as_json)
