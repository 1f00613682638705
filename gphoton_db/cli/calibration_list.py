"""``gphoton-db calibration list``: which sets of calibration files the archive has."""

import typer
from rich.table import Table

from gphoton_db.cli.console import notes, print_archive, print_json, results
from gphoton_db.cli.products import JsonOption
from gphoton_db.settings import Settings


def list_sets(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the archive's sets of calibration files, with the names that legs have for them."""
    from gphoton_db.archive import Archive
    from gphoton_db.calibration import short_identifier
    from gphoton_db.calibration.sets import USES

    settings: Settings = context.obj
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        sets = archive.calibration_sets()
    if as_json:
        print_json(
            {
                name: {
                    "folder": found.folder,
                    "size_bytes": found.size,
                    "identifiers": found.identifiers,
                    "missing": found.missing,
                    "changed": [file.name for file in found.wrong],
                }
                for name, found in sets.items()
            }
        )
        return
    if not sets:
        notes.print("no calibration yet: gphoton-db calibration import DIR, or fetch", markup=False)
        return
    table = Table(box=None, header_style="bold")
    for column in ("set", "files", "MB", *USES, "changed"):
        table.add_column(column, justify="right" if column in ("files", "MB") else "left")
    for name, found in sets.items():
        named = (short_identifier(found.identifiers.get(use, "")) for use in USES)
        there = len(found.files) - len(found.missing)
        changed = ", ".join(file.name for file in found.wrong)
        table.add_row(name, str(there), f"{found.size / 1e6:,.1f}", *named, changed)
    results.print(table)
