"""``gphoton-db exposure``: exposure of an eclipse's leg, as a whole or frame by frame."""

from pathlib import Path
from typing import Annotated

import typer

from gphoton_db.cli.console import print_archive
from gphoton_db.cli.products import (
    BandArgument,
    EclipseArgument,
    JsonOption,
    LegOption,
    OutputOption,
    are_several,
    default_folder,
    parse_band,
    parse_leg,
    place_output,
    report_files,
)
from gphoton_db.settings import Settings


def exposure(
    context: typer.Context,
    eclipse: EclipseArgument,
    band: BandArgument,
    leg: LegOption = None,
    depth: Annotated[
        float | None, typer.Option(help="Length of a frame, s (default: the whole leg).")
    ] = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the exposure of a leg, as a whole or of each frame, to a CSV file."""
    from gphoton_db.archive import Archive
    from gphoton_db.products.file_names import products_folder

    settings: Settings = context.obj
    chosen, legs = parse_band(band), parse_leg(leg)
    written: list[Path] = []
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        made = archive.exposure(eclipse, chosen, legs, depth=depth)
        tables = made if are_several(legs) else [made]
        place: Path | None = None
        for table in tables:
            place = place or place_output(
                output,
                default_folder(archive.paths.root, products_folder(eclipse)),
                many=are_several(legs),
                endings=(".csv",),
            )
            written.append(archive.write_exposure(table, place))
        report_files(written, archive.paths.root, as_json=as_json)
