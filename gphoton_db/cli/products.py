"""Shared parts of the commands that make products: options, places of files, reports."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gphoton_db.cli.console import notes, print_json, results
from gphoton_db.errors import GPhotonError
from gphoton_db.mission import Band
from gphoton_db.remote.files import is_far, shown

if TYPE_CHECKING:
    from gphoton_db.archive import Archive

EclipseArgument = Annotated[int, typer.Argument(help="Eclipse number.")]
BandArgument = Annotated[str, typer.Argument(metavar="BAND", help="NUV or FUV.")]
LegOption = Annotated[
    str | None,
    typer.Option(metavar="N|N,N|all", help="Leg, from 0; several; or all (default: the only one)."),
]
MaskOption = Annotated[
    str,
    typer.Option(
        metavar="calibration|data|FILE",
        help="Hotspots: of the calibration; with those of the leg itself (data), or of a mask.",
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(help="Folder, or file (default: products/ of the archive, usual name)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Report as JSON.")]


def parse_band(text: str, typed_as: str = "BAND") -> Band:
    """Return the band that an argument names."""
    try:
        return Band.parse(text)
    except GPhotonError as error:
        raise typer.BadParameter(str(error), param_hint=typed_as) from None


Legs = int | tuple[int, ...] | Literal["all"] | None
"""What ``--leg`` names: one leg, several, all, or none, which is the only one."""


def parse_leg(text: str | None) -> Legs:
    """Return the leg, or the legs, that an option names."""
    if text is None:
        return None
    if text.strip().lower() == "all":
        return "all"
    try:
        numbers = tuple(int(number) for number in text.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither the number of a leg, nor several with commas, nor all",
            param_hint="--leg",
        ) from None
    return numbers if len(numbers) > 1 else numbers[0]


def are_several(legs: Legs) -> bool:
    """Return whether there is a product for each of several legs, even if there is one leg."""
    return legs is not None and not isinstance(legs, int)


def numbers_of(legs: Legs, archive: "Archive", eclipse: int, band: Band) -> list[int | None]:
    """Return the legs to take one after the other; None is the only one, or is refused."""
    if legs == "all":
        return [each.leg for each in archive.legs(eclipse) if each.band == str(band)] or [None]
    if isinstance(legs, tuple):
        # It refuses a leg that is not there; nothing is computed before a table is asked for.
        archive.exposure(eclipse, band, legs)
        return list(dict.fromkeys(legs))
    return [legs]


FITS_FILES = (".fits", ".fits.gz")

OTHER_FILES = (
    *(".fits", ".fit", ".gz", ".csv", ".ecsv", ".parquet", ".vot", ".votable", ".xml", ".json"),
    *(".txt", ".tsv", ".png", ".pdf", ".svg", ".jpg", ".jpeg", ".gif", ".mp4"),
)
"""Endings of files, which nobody means as names of folders."""


def place_output(
    output: Path | None, default: Path, *, many: bool, endings: tuple[str, ...] = FITS_FILES
) -> Path:
    """Return where to write: the folder made, or the file that was named.

    Parameters
    ----------
    output : Path or None
        What the user gave.
    default : Path
        Folder to take otherwise.
    many : bool
        Whether there is more than one file, so that it must be a folder.
    endings : tuple of str
        What the names of files that the command writes end in.
    """
    place = output or default
    if output is not None and not output.is_dir():
        name = output.name.lower()
        if many and name.endswith((*endings, *OTHER_FILES)):
            raise typer.BadParameter(
                "there are several files: give a folder", param_hint="--output"
            )
        if name.endswith(endings):
            return place
        if name.endswith(OTHER_FILES):
            raise typer.BadParameter(
                f"{output}: the file is written as {' or '.join(endings)}: name it so, or give a "
                "folder",
                param_hint="--output",
            )
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GPhotonError(f"{place}: cannot be made ({error.strerror or error})") from None
    return place


def default_folder(archive: Path, folder: str) -> Path:
    """Return where files go that are made of an archive: into it, or here if it is afar."""
    return Path(folder) if is_far(archive) else archive / folder


def picture_beside(fits: Path) -> Path:
    """Return the name of the PNG that shows a FITS file, plain or gzipped."""
    return fits.with_name(fits.name.removesuffix(".gz").removesuffix(".fits") + ".png")


def report_files(files: list[Path], archive: Path, *, as_json: bool) -> None:
    """Say which files were written."""
    if as_json:
        print_json({"archive": shown(archive), "files": files})
        return
    for file in files:
        results.print(str(file), markup=False)
    notes.print(f"{len(files)} file{'s' * (len(files) != 1)} written", style="dim", markup=False)
