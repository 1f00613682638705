"""``gphoton-db map``: any part of the sky, from all photons that the archive has of it."""

from pathlib import Path
from typing import Annotated

import typer

from gphoton_db.cli.console import print_archive
from gphoton_db.cli.image import STANDARD_COMPRESSION, CompressionOption, PixelOption
from gphoton_db.cli.kernels import compile_kernels
from gphoton_db.cli.products import (
    JsonOption,
    OutputOption,
    default_folder,
    picture_beside,
    place_output,
    report_files,
)
from gphoton_db.cli.progress import progress_of
from gphoton_db.products.maps.options import CutoutChoices, MapOptions
from gphoton_db.settings import Settings

SizeOption = Annotated[str, typer.Option(metavar="ARCMIN", help="Side, or WIDTH,HEIGHT, arcmin.")]
BandsOption = Annotated[
    list[str] | None, typer.Option(help="NUV or FUV; may be repeated (default: both).")
]
RangeOption = Annotated[
    list[str] | None,
    typer.Option(metavar="T0,T1", help="Time range, GALEX s; may be repeated (default: all)."),
]
DepthOption = Annotated[
    float | None, typer.Option(help="Length of a map, s (default: one map of all visits).")
]
EdgeOption = Annotated[
    float, typer.Option(help="Detector radius beyond which photons are left out, pixels.")
]
CalibrationOption = Annotated[
    Path | None, typer.Option(help="Folder of the legs' calibration, if it was moved.")
]


def map_sky(
    context: typer.Context,
    ra: Annotated[str, typer.Argument(metavar="RA", help="Centre, deg, or sexagesimal (hours).")],
    dec: Annotated[str, typer.Argument(metavar="DEC", help="Centre, deg, or sexagesimal.")],
    size: SizeOption = "6",
    band: BandsOption = None,
    time: RangeOption = None,
    depth: DepthOption = MapOptions.depth,
    pixel: PixelOption = MapOptions.pixel,
    edge: EdgeOption = MapOptions.edge,
    calibration: CalibrationOption = None,
    compression: CompressionOption = STANDARD_COMPRESSION,
    png: Annotated[bool, typer.Option("--png", help="Draw a PNG beside the file as well.")] = False,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Map a box on the sky from all visits: counts, exposure and intensity."""
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    sides = [each / 60.0 for each in _numbers(size, "--size")]
    written: list[Path] = []
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        compile_kernels("map")
        with progress_of("map", quiet=as_json) as on_progress:
            made = archive.map(
                *(ra, dec, sides if len(sides) > 1 else sides[0]),
                on_progress=on_progress,
                bands=band or MapOptions.bands,
                time_ranges=ranges_typed(time),
                depth=depth,
                **CutoutChoices(pixel=pixel, edge=edge, calibration=calibration),
            )
        default = default_folder(archive.paths.root, "products/maps")
        place = place_output(output, default, many=len(made) > 1)
        for each in made:
            written.append(each.write(place, compression))
            if png:
                written.append(each.write_png(picture_beside(written[-1])))
        report_files(written, archive.paths.root, as_json=as_json)


def ranges_typed(time: list[str] | None) -> list[tuple[float, float]] | None:
    """Return the ranges that were typed, None for all of the time."""
    return [_pair(each) for each in time] if time else None


def _pair(text: str) -> tuple[float, float]:
    numbers = _numbers(text, "--time")
    if len(numbers) != 2:
        raise typer.BadParameter(f"{text!r} is not of the form T0,T1", param_hint="--time")
    return numbers[0], numbers[1]


def _numbers(text: str, option: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no number", param_hint=option) from None
