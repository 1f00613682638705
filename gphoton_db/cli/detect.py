"""``gphoton-db detect``: the sources in the image of a leg."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gphoton_db.cli.console import notes, print_archive, print_json, results
from gphoton_db.cli.products import (
    BandArgument,
    EclipseArgument,
    JsonOption,
    LegOption,
    are_several,
    parse_band,
    parse_leg,
)
from gphoton_db.settings import Settings

ExtendedSources = Annotated[
    bool, typer.Option("--extended-sources", help="Outline extended sources, tag what is in them.")
]
TableOutput = Annotated[
    Path | None, typer.Option(help="File: .csv or .parquet (default: only into the archive).")
]


def detect(
    context: typer.Context,
    eclipse: EclipseArgument,
    band: BandArgument,
    leg: LegOption = None,
    extended_sources: ExtendedSources = False,
    output: TableOutput = None,
    as_json: JsonOption = False,
) -> None:
    """Find the sources in the image of a leg; the view sources has them then."""
    from gphoton_db.archive import Archive
    from gphoton_db.products.sources.write import write_sources

    settings: Settings = context.obj
    chosen, legs = parse_band(band), parse_leg(leg)
    if output is not None and are_several(legs):
        raise typer.BadParameter("--output is one leg's file", param_hint="--leg")
    found = []
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        image: Any = archive.image(eclipse, chosen, legs)
        for each in image if are_several(legs) else [image]:
            detection = archive.detect(each, extended_sources=extended_sources)
            n_outlines = None if detection.outlines is None else len(detection.outlines)
            report = {"leg": each.header["LEG"], "sources": len(detection)}
            found.append(report | {"extended_sources": n_outlines})
            if output is not None:
                write_sources(detection.sources, output)
        root = archive.paths.root
    if as_json:
        print_json({"archive": root, "legs": found, "files": [output] if output else []})
        return
    for report in found:
        text = f"leg {report['leg']}: {report['sources']:,} sources"
        if extended_sources:
            text += f", {report['extended_sources']:,} extended"
        notes.print(text, markup=False)
    if output is not None:
        results.print(str(output), markup=False)
