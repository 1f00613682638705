"""``gphoton-db coadd``: images that are already written, put together."""

from pathlib import Path
from typing import Annotated

import typer

from gphoton_db.cli.image import STANDARD_COMPRESSION, CompressionOption
from gphoton_db.cli.products import JsonOption, place_output, report_files


def coadd(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILES...", help="Image or map files, of one band.")
    ],
    how: Annotated[
        str, typer.Option(help="weighted (by exposure), unweighted (both photons/s), or sum.")
    ] = "weighted",
    compression: CompressionOption = STANDARD_COMPRESSION,
    output: Annotated[Path, typer.Option(help="Folder, or file.")] = Path(),
    as_json: JsonOption = False,
) -> None:
    """Put images of one band together in one coordinate system.

    Where the photons are in the archive, `map` is better: it resamples nothing.
    """
    from gphoton_db.archive import Archive

    made = Archive.coadd(files, how=how)
    place = place_output(output, Path(), many=False)
    report_files([made.write(place, compression)], Path(), as_json=as_json)
