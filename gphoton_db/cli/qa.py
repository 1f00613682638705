"""``gphoton-db qa``: a sheet on which candidates are judged, and the verdicts from it."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gphoton_db.cli.console import counted, notes, print_archive, print_json, results
from gphoton_db.cli.kernels import compile_kernels
from gphoton_db.cli.positions import JsonOption, RadiusOption
from gphoton_db.cli.progress import progress_of
from gphoton_db.products.qa.options import QaOptions
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.archive import Archive


def qa(
    context: typer.Context,
    query: Annotated[
        str | None,
        typer.Option("--query", metavar="SQL", help="Candidates: SELECT ... FROM variables ..."),
    ] = None,
    catalog: Annotated[
        Path | None, typer.Option(help="Candidates: file with ra, dec and, if known, eclipse.")
    ] = None,
    output: Annotated[Path, typer.Option(help="The sheet, an HTML file.")] = Path("qa.html"),
    title: Annotated[str, typer.Option(help="Of the sheet.")] = QaOptions.title,
    radius: RadiusOption = QaOptions.radius,
    step: Annotated[float, typer.Option(help="Length of a bin, s.")] = QaOptions.step,
    neighbours: Annotated[
        int, typer.Option(help="Light curves of the nearest sources.")
    ] = QaOptions.neighbours,
    frames: Annotated[int, typer.Option(help="Of the movies.")] = QaOptions.frames,
    verdicts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Read the verdicts that a sheet exported.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a sheet of candidates to judge by eye, or read its verdicts for the view verdicts."""
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    if sum(each is not None for each in (query, catalog, verdicts)) != 1:
        raise typer.BadParameter("give --query, --catalog or --verdicts, one of them")
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        if verdicts is not None:
            _read(archive, verdicts, as_json)
            return
        compile_kernels("lightcurve")
        rows = archive.query(query).arrow() if query is not None else catalog
        with progress_of("sheet", quiet=as_json) as tell:
            file = archive.qa(
                rows,
                output,
                title=title,
                radius=radius,
                step=step,
                neighbours=neighbours,
                frames=frames,
                on_progress=tell,
            )
    if as_json:
        print_json({"files": [file]})
    else:
        results.print(str(file), markup=False)


def _read(archive: "Archive", file: Path, as_json: bool) -> None:
    done = archive.read_verdicts(file)
    if as_json:
        print_json(asdict(done))
        return
    notes.print(
        f"{counted(done.n_read, 'verdict')} read: {done.n_new:,} new, {done.n_changed:,} changed; "
        f"{done.n_kept:,} in the archive",
        markup=False,
    )
