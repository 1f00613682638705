"""``gphoton-db detect``: the sources in the image of a leg."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gphoton_db.cli.console import counted, notes, print_archive, print_json, results
from gphoton_db.cli.products import (
    BandArgument,
    EclipseArgument,
    JsonOption,
    LegOption,
    are_several,
    parse_band,
    parse_leg,
    place_output,
)
from gphoton_db.settings import Settings

ExtendedSources = Annotated[
    bool,
    typer.Option(
        "--extended-sources", help="Outline extended sources, and tag the sources inside."
    ),
]
TableOutput = Annotated[
    Path | None,
    typer.Option(
        help="File, .csv or .parquet, or folder, usual name (default: only into the archive)."
    ),
]


TABLES = (".csv", ".parquet")


def detect(
    context: typer.Context,
    eclipse: EclipseArgument,
    band: BandArgument,
    leg: LegOption = None,
    extended_sources: ExtendedSources = False,
    output: TableOutput = None,
    as_json: JsonOption = False,
) -> None:
    """Find the sources in the image of a leg, and store them for the view sources."""
    from gphoton_db.archive import Archive
    from gphoton_db.products.sources.write import write_sources

    settings: Settings = context.obj
    chosen, legs = parse_band(band), parse_leg(leg)
    found = []
    files: list[Path] = []
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        image: Any = archive.image(eclipse, chosen, legs)
        for each in image if are_several(legs) else [image]:
            detection = archive.detect(each, extended_sources=extended_sources)
            n_outlines = None if detection.outlines is None else len(detection.outlines)
            report = {"leg": each.header["LEG"], "sources": len(detection)}
            found.append(report | {"extended_sources": n_outlines})
            if output is not None:
                place = place_output(output, output, many=are_several(legs), endings=TABLES)
                files.append(write_sources(detection.sources, _file_in(place, each.header)))
        root = archive.paths.root
    if as_json:
        print_json({"archive": root, "legs": found, "files": files})
        return
    for report in found:
        text = f"leg {report['leg']}: {counted(report['sources'], 'source')}"
        if extended_sources:
            text += f", {report['extended_sources']:,} extended"
        notes.print(text, markup=False)
    for file in files:
        results.print(str(file), markup=False)


def _file_in(place: Path, header: Any) -> Path:
    """Return the file for the sources of an image: ``e23456-nd-ffull-b00-sources.csv``."""
    from gphoton_db.mission import Band

    if not place.is_dir():
        return place
    letter = Band(header["BANDNAME"]).letter
    return place / f"e{header['ECLIPSE']:05d}-{letter}d-ffull-b{header['LEG']:02d}-sources.csv"
