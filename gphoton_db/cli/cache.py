"""``gphoton-db cache``: files fetched from the mission archive, and their removal."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from gphoton_db.cli.console import notes, print_archive, print_json, results
from gphoton_db.cli.products import JsonOption
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.intake.cache import CachedKind, Files

KindOption = Annotated[
    list[str] | None,
    typer.Option(
        "--kind", help="raw6, pointing or calibration; may be repeated (default: all three)."
    ),
]


def cache(
    context: typer.Context,
    clear: Annotated[
        bool,
        typer.Option("--clear", help="Remove downloaded files; photons and your own files stay."),
    ] = False,
    kind: KindOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the files that were downloaded into the archive's folders, or remove them."""
    from gphoton_db.intake.cache import CACHE_KINDS, clear_cache, survey_cache
    from gphoton_db.paths import ArchivePaths

    settings: Settings = context.obj
    kinds = tuple(kind or CACHE_KINDS)
    for name in kinds:
        if name not in CACHE_KINDS:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(CACHE_KINDS)}")
    paths = ArchivePaths(settings.archive_folder())
    print_archive(paths.root)
    found = survey_cache(paths, kinds)
    if not clear:
        report: dict[str, Any] = {"archive": paths.root, "kinds": [_as_dict(k) for k in found]}
        print_json(report) if as_json else _print(found)
        return
    if not yes:
        _ask(found)
    removed = clear_cache(paths, kinds)
    if as_json:
        print_json({"archive": paths.root, "removed": removed.paths, "size_bytes": removed.size})
    else:
        results.print(f"removed {_amount(removed)}")


def _ask(found: "list[CachedKind]") -> None:
    """Ask whether to remove what was found; without a terminal there is nobody to ask."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("there is no terminal to ask at: give --yes", param_hint="--clear")
    for each in found:
        notes.print(f"{each.folder}: {_amount(each.fetched)} that can be fetched again")
    typer.confirm("Remove them?", abort=True, err=True)


def _print(found: "list[CachedKind]") -> None:
    table = Table(box=None, header_style="bold")
    table.add_column("kind")
    for name in ("files", "MB", "own files", "MB", "leftovers", "MB"):
        table.add_column(name, justify="right")
    for each in found:
        cells = []
        for files in (each.fetched, each.own, each.leftovers):
            cells += [f"{len(files.paths):,}", f"{files.size / 1e6:,.1f}"]
        table.add_row(each.kind, *cells)
    results.print(table)


def _amount(files: "Files") -> str:
    n = len(files.paths)
    return f"{n:,} file{'s' * (n != 1)}, {files.size / 1e6:,.1f} MB"


def _as_dict(kind: "CachedKind") -> dict[str, Any]:
    def of(files: "Files") -> dict[str, Any]:
        return {"n_files": len(files.paths), "size_bytes": files.size}

    return {
        "kind": kind.kind,
        "folder": kind.folder,
        "fetched": of(kind.fetched),
        "own": of(kind.own),
        "leftovers": of(kind.leftovers),
    }
