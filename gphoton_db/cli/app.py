"""The application: global options, logging, and errors as one-line messages with exit code 1."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from gphoton_db._version import __version__
from gphoton_db.cli.commands import Commands
from gphoton_db.errors import GPhotonError
from gphoton_db.system.memory import end_without_search, search_seldom, share_arenas

STOPPED = 130
"""Exit code after Ctrl-C."""

app = typer.Typer(
    cls=Commands,
    name="gphoton-db",
    help="An archive of GALEX photons, with SQL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # to lay a help out, rich takes longer than all else here
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gphoton-db {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    archive: Annotated[
        Path | None,
        typer.Option(
            help="The archive's folder (default: GPHOTON_DB_ARCHIVE, the settings file, or "
            "./gphoton-archive); the first ingest or import makes it. Or the address of one that "
            "was published: https://..., s3://..."
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Report each step, too.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version."
        ),
    ] = False,
) -> None:
    """Apply the options that go before the command."""
    from gphoton_db.settings import load_settings

    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(message)s",
        handlers=[_log_handler()],
        force=True,
    )
    # Its own words about every repetition; the error that remains in the end is ours.
    logging.getLogger("urllib3").setLevel(logging.INFO if verbose else logging.ERROR)
    settings = load_settings()
    context.obj = settings.with_archive(archive) if archive else settings


def _log_handler() -> logging.Handler:
    """Return what shows log messages: laid out on a terminal, one line each elsewhere."""
    from gphoton_db.cli.console import notes

    if notes.is_terminal:
        from rich.logging import RichHandler

        shown = RichHandler(console=notes.console, show_time=False, show_path=False, markup=False)
        shown.setFormatter(_Visible())
        return shown
    handler = logging.StreamHandler(notes.file)
    handler.setFormatter(_OneLine("%(levelname)s: %(message)s"))
    return handler


class _Visible(logging.Formatter):
    """Messages whose names and values, which may be anybody's, a terminal does not obey."""

    def format(self, record: logging.LogRecord) -> str:
        from gphoton_db.cli.shown_text import visible

        return visible(super().format(record))


class _OneLine(_Visible):
    """Messages as the errors are written: the level in small letters first."""

    def format(self, record: logging.LogRecord) -> str:
        level, _, rest = super().format(record).partition(": ")
        return f"{level.lower()}: {rest}"


def main() -> None:
    """Run the command line."""
    share_arenas()
    search_seldom()
    end_without_search()
    try:
        app()
    except GPhotonError as error:
        from gphoton_db.cli.console import notes

        notes.print(f"error: {error}", style="red", markup=False)
        _end(1)
        sys.exit(1)
    except SystemExit as end:
        if end.code == STOPPED:
            _end(STOPPED)
        raise


def _end(code: int) -> None:
    """End the process, if a statement that was stopped still runs."""
    if "gphoton_db.query.stopping" in sys.modules:
        from gphoton_db.query.stopping import end_process

        end_process(code)
