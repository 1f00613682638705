"""``gphoton-db verify``: whether the archive holds what its catalogue says."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from gphoton_db.cli.console import counted, notes, print_archive, print_json, results
from gphoton_db.cli.products import JsonOption
from gphoton_db.cli.progress import progress_of
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.intake.verify.faults import Verification


def verify(
    context: typer.Context,
    eclipses: Annotated[
        list[str] | None,
        typer.Argument(metavar="[N|FIRST-LAST]...", help="Only these eclipses (default: all)."),
    ] = None,
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Read every byte: hashes, order, bounds, ticks and photons."),
    ] = False,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Make a damaged catalogue anew, and ingest damaged legs anew; then look again.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Compare the archive's files with its catalogue.

    The exit code is 1 if anything is wrong, with --repair: if anything still is.
    """
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    chosen = _numbers(eclipses or [])
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        with progress_of("verify", quiet=as_json) as shown:
            found = archive.verify(chosen, deep=deep, repair=repair, on_progress=shown)
    if as_json:
        print_json(asdict(found))
    else:
        _print(found)
    if found.faults:
        raise typer.Exit(1)


def _numbers(texts: list[str]) -> list[int] | None:
    """Return the eclipses that arguments name; None: all."""
    from gphoton_db.cli.eclipse_range import range_of

    numbers: list[int] = []
    for text in texts:
        first, last = range_of(text) or (0, 0)
        numbers += range(first, last + 1)
    return numbers or None


def _print(found: "Verification") -> None:
    for done in found.repaired:
        notes.print(done, markup=False)
    for remark in found.remarks:
        notes.print(remark, style="yellow", markup=False)
    for fault in found.faults:
        results.print(f"{fault.path}: {fault.message}", style="red", markup=False)
    wrong = f"{len(found.faults):,} faults" if found.faults else "nothing is wrong"
    how = "read" if found.deep else "looked at (--deep reads them)"
    results.print(
        f"{counted(found.n_files, 'file')}, {found.n_bytes / 1e6:,.1f} MB, {how}: {wrong}",
        markup=False,
    )
    if found.faults and not found.repaired:
        notes.print("gphoton-db verify --repair puts right what can be", style="dim")
