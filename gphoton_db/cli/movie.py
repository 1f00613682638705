"""``gphoton-db movie``: an eclipse's leg in frames, as FITS and as an animated picture."""

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gphoton_db.cli.console import print_archive
from gphoton_db.cli.image import STANDARD_COMPRESSION, CompressionOption, EdgesOption, PixelOption
from gphoton_db.cli.kernels import compile_kernels
from gphoton_db.cli.products import (
    BandArgument,
    EclipseArgument,
    JsonOption,
    LegOption,
    OutputOption,
    are_several,
    default_folder,
    numbers_of,
    parse_band,
    parse_leg,
    place_output,
    report_files,
)
from gphoton_db.cli.progress import StageProgress
from gphoton_db.products.file_names import Compression, products_folder
from gphoton_db.products.movies.options import MovieChoices, MovieOptions
from gphoton_db.progress import Progress, no_progress
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.products.movies.movie import Movie

WEIGHTS = {"reading": 1.0, "writing": 3.0, "drawing": 1.5}
"""Roughly how long the stages take."""


DepthOption = Annotated[float, typer.Option(help="Length of a frame, s.")]
StartOption = Annotated[
    float | None, typer.Option(help="Start of the first frame, GALEX s (default: first photon).")
]
AlignOption = Annotated[
    str | None, typer.Option(metavar="BAND", help="Use the frame times of this band's movie.")
]
BurstOption = Annotated[bool, typer.Option("--burst", help="One file for each frame.")]
GifOption = Annotated[bool, typer.Option("--gif", help="Write a GIF beside the file as well.")]
Mp4Option = Annotated[bool, typer.Option("--mp4", help="Write an MP4 beside the file as well.")]


@dataclass(frozen=True)
class _Files:
    """Which files become of a movie, and where."""

    output: Path | None
    default: Path
    compression: Compression
    burst: bool
    many: bool
    drawn: tuple[str, ...]

    def write(self, made: "Movie", on_progress: Progress) -> list[Path]:
        # The folder is made only now: what cannot be made leaves none behind.
        place = place_output(self.output, self.default, many=self.many)
        paths = made.write(place, self.compression, burst=self.burst, on_progress=on_progress)
        pictures = (paths[0].with_name(f"{made.name}{ending}") for ending in self.drawn)
        return [*paths, *(made.animate(path, on_progress=on_progress) for path in pictures)]


def movie(
    context: typer.Context,
    eclipse: EclipseArgument,
    band: BandArgument,
    depth: DepthOption,
    leg: LegOption = None,
    start: StartOption = MovieOptions.start,
    align_to: AlignOption = None,
    compression: CompressionOption = STANDARD_COMPRESSION,
    burst: BurstOption = False,
    pixel: PixelOption = MovieOptions.pixel,
    edges: EdgesOption = MovieOptions.edges,
    gif: GifOption = False,
    mp4: Mp4Option = False,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the movie of a leg of an eclipse, as FITS cubes or one file for each frame."""
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    chosen, legs = parse_band(band), parse_leg(leg)
    choices: MovieChoices = {"depth": depth, "start": start, "pixel": pixel, "edges": edges}
    choices["align_to"] = parse_band(align_to, "--align-to") if align_to is not None else None
    packing, many = Compression.parse(compression), burst or are_several(legs)
    drawn = tuple(ending for ending, wanted in ((".gif", gif), (".mp4", mp4)) if wanted)
    written: list[Path] = []
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        compile_kernels("movie")
        default = default_folder(archive.paths.root, products_folder(eclipse))
        files = _Files(output, default, packing, burst, many, drawn)
        for number in numbers_of(legs, archive, eclipse, chosen):
            name = f"e{eclipse:05d} {chosen}" + ("" if number is None else f" leg {number}")
            with nullcontext() if as_json else StageProgress(name, WEIGHTS) as shown:
                tell = shown or no_progress
                made = archive.movie(eclipse, chosen, number, on_progress=tell, **choices)
                written += files.write(made, tell)
        report_files(written, archive.paths.root, as_json=as_json)
