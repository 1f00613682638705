"""``gphoton-db image``: the full-depth image of an eclipse's leg."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gphoton_db.cli.console import notes, print_archive
from gphoton_db.cli.kernels import compile_kernels
from gphoton_db.cli.products import (
    BandArgument,
    EclipseArgument,
    JsonOption,
    LegOption,
    Legs,
    MaskOption,
    OutputOption,
    are_several,
    default_folder,
    numbers_of,
    parse_band,
    parse_leg,
    picture_beside,
    place_output,
    report_files,
)
from gphoton_db.products.file_names import Compression, products_folder
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.archive import Archive
    from gphoton_db.mission import Band

STANDARD_COMPRESSION = Compression.RICE.value

CompressionOption = Annotated[
    str, typer.Option(help="rice (COUNT within 0.0005), gzip or none (both exact).")
]
PixelOption = Annotated[float, typer.Option(help="Side of a pixel, arcsec.")]
EdgesOption = Annotated[
    tuple[float, float],
    typer.Option(metavar="WIDE NARROW", help="Detector radii of the edge flags, pixels."),
]


def image(
    context: typer.Context,
    eclipse: EclipseArgument,
    band: BandArgument,
    leg: LegOption = None,
    compression: CompressionOption = STANDARD_COMPRESSION,
    pixel: PixelOption = ImageOptions.pixel,
    edges: EdgesOption = ImageOptions.edges,
    extended: Annotated[
        bool, typer.Option("--extended", help="Add means and deviations of detector columns.")
    ] = ImageOptions.extended,
    mask: MaskOption = str(ImageOptions.mask),
    min_exposure: Annotated[
        float, typer.Option(help="Skip legs with less exposure than this, s.")
    ] = 0.0,
    png: Annotated[bool, typer.Option("--png", help="Draw a PNG beside the file as well.")] = False,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the full-depth image of a leg of an eclipse, as FITS."""
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    chosen, legs = parse_band(band), parse_leg(leg)
    packing = Compression.parse(compression)
    written: list[Path] = []
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        compile_kernels("image --extended" if extended else "image")
        default = default_folder(archive.paths.root, products_folder(eclipse))
        place: Path | None = None
        for number in _exposed(archive, eclipse, chosen, legs, min_exposure):
            made = archive.image(
                eclipse, chosen, number, pixel=pixel, edges=edges, extended=extended, mask=mask
            )
            # Made only now: what cannot be made leaves no folder behind.
            place = place or place_output(output, default, many=are_several(legs))
            written.append(made.write(place, packing))
            if png:
                written.append(made.write_png(picture_beside(written[-1])))
        report_files(written, archive.paths.root, as_json=as_json)


def _exposed(
    archive: "Archive",
    eclipse: int,
    band: "Band",
    legs: Legs,
    min_exposure: float,
) -> Iterator[int | None]:
    """Yield the legs to take, and say which are skipped."""
    known = {each.leg: each for each in archive.legs(eclipse) if each.band == str(band)}
    for number in numbers_of(legs, archive, eclipse, band):
        record = known.get(number) if number is not None else next(iter(known.values()), None)
        if record is not None and legs == "all" and record.photon_t0 is None:
            notes.print(f"leg {number}: skipped, no photons on the detector", markup=False)
        elif record is not None and record.exposure < min_exposure:
            notes.print(
                f"leg {record.leg}: skipped, {record.exposure:.1f} s of exposure are less than "
                f"{min_exposure:g} s",
                markup=False,
            )
        else:
            yield number
