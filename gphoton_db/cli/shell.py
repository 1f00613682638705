"""``gphoton-db shell``: the DuckDB shell on the archive, or a small prompt without it."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gphoton_db.cli.console import notes, print_archive, results
from gphoton_db.cli.rows import print_rows
from gphoton_db.errors import GPhotonError
from gphoton_db.remote.files import is_far, shown
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.archive import Archive


def shell(context: typer.Context) -> None:
    """Open the DuckDB shell on the archive (read-only), or a simple prompt if there is none."""
    from gphoton_db.archive import Archive
    from gphoton_db.catalogue.definitions import ROOT_VARIABLE
    from gphoton_db.query.sql_files import literal

    settings: Settings = context.obj
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        archive.query("FROM archive_info")  # says so if there is no archive
        program = find_duckdb_shell()
        if program is None:
            _prompt(archive)
            return
        catalogue, root = archive.paths.catalogue, archive.paths.root
        setup = f"SET VARIABLE {ROOT_VARIABLE} = {literal(shown(root))};"
        if is_far(root):
            setup = f"INSTALL httpfs; LOAD httpfs; {setup}"
    completed = subprocess.run([program, "-readonly", "-cmd", setup, str(catalogue)], check=False)
    raise typer.Exit(completed.returncode)


def find_duckdb_shell() -> str | None:
    """Return the DuckDB shell's path: the one installed with this Python first."""
    beside = Path(sys.executable).parent
    return shutil.which("duckdb", path=str(beside)) or shutil.which("duckdb")


def _prompt(archive: "Archive") -> None:
    from gphoton_db.query.statement import is_complete

    notes.print("The duckdb shell is not installed (pip install duckdb-cli); a simple prompt:")
    notes.print("one statement at a time, ended by a semicolon; Ctrl-D ends.")
    statement = ""
    while True:
        try:
            line = input("   ...> " if statement else "gphoton> ")
        except EOFError:
            return
        except KeyboardInterrupt:
            statement = ""  # as other prompts do
            results.print()
            continue
        statement = f"{statement}\n{line}" if statement else line
        if not is_complete(statement):
            continue
        try:
            with archive.stream(statement) as rows:
                print_rows(rows)
        except KeyboardInterrupt:
            notes.print("stopped")
        except GPhotonError as error:
            notes.print(f"error: {error}", style="red", markup=False)
        statement = ""
