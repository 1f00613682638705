"""``gphoton-db photometry``: the sources of a leg, or positions of a list, in apertures."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gphoton_db.cli.console import counted, notes, print_archive
from gphoton_db.cli.detect import ExtendedSources
from gphoton_db.cli.products import (
    BandArgument,
    EclipseArgument,
    JsonOption,
    LegOption,
    MaskOption,
    are_several,
    default_folder,
    parse_band,
    parse_leg,
    place_output,
    report_files,
)
from gphoton_db.products.sources.photometry_options import PhotometryChoices, PhotometryOptions
from gphoton_db.settings import Settings

RadiusOption = Annotated[
    list[float] | None,
    typer.Option(
        "--aperture", "--radius", metavar="ARCSEC", help="Radius; repeatable (default: 6 and 12.8)."
    ),
]
CatalogOption = Annotated[
    Path | None, typer.Option(help="File of positions to measure (default: detect sources).")
]
DepthOption = Annotated[float | None, typer.Option(help="Measure frames of this length too, s.")]
MethodOption = Annotated[str, typer.Option(help="image (pixels) or photon.")]
Extended = Annotated[
    bool, typer.Option("--extended", help="Add dispersion on the detector, mean q and mean ya.")
]
FormatOption = Annotated[str, typer.Option("--format", help="csv or parquet.")]
FolderOption = Annotated[
    Path | None, typer.Option(help="Folder (default: products/ of the archive).")
]


def photometry(
    context: typer.Context,
    eclipse: EclipseArgument,
    band: BandArgument,
    leg: LegOption = None,
    aperture: RadiusOption = None,
    catalog: CatalogOption = None,
    depth: DepthOption = PhotometryOptions.depth,
    method: MethodOption = PhotometryOptions.method,
    extended: Extended = PhotometryOptions.extended,
    extended_sources: ExtendedSources = PhotometryOptions.extended_sources,
    mask: MaskOption = str(PhotometryOptions.mask),
    table_format: FormatOption = "csv",
    output: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the sources of a leg, and store them for the views sources and photometry."""
    from gphoton_db.archive import Archive
    from gphoton_db.products.file_names import products_folder
    from gphoton_db.products.sources.write import check_format

    settings: Settings = context.obj
    chosen, legs = parse_band(band), parse_leg(leg)
    check_format(table_format)
    choices: PhotometryChoices = {"catalog": catalog, "depth": depth, "method": method}
    choices |= {"extended": extended, "extended_sources": extended_sources}
    choices["mask"] = mask
    choices["radii"] = aperture or PhotometryOptions.radii
    written: list[Path] = []
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        default = default_folder(archive.paths.root, products_folder(eclipse))
        made: Any = archive.photometry(eclipse, chosen, legs, **choices)
        for each in made if are_several(legs) else [made]:
            place = place_output(output, default, many=True)
            written += each.write(place, table_format)
            if each.outlines is not None:
                written.append(each.write_outlines(place))
            notes.print(f"leg {each.leg.leg}: {counted(len(each.sources), 'source')}", markup=False)
        report_files(written, archive.paths.root, as_json=as_json)
