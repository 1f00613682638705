"""The application: global options, logging, and errors as one-line messages with exit code 1."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.logging import RichHandler

from gphoton_db._version import __version__
from gphoton_db.cli.cache import cache
from gphoton_db.cli.calibration import calibration
from gphoton_db.cli.coadd import coadd
from gphoton_db.cli.console import notes
from gphoton_db.cli.demo import demo
from gphoton_db.cli.describe import describe
from gphoton_db.cli.detect import detect
from gphoton_db.cli.events import events
from gphoton_db.cli.exposure import exposure
from gphoton_db.cli.find import find
from gphoton_db.cli.image import image
from gphoton_db.cli.ingest import ingest
from gphoton_db.cli.lightcurve import lightcurve
from gphoton_db.cli.map import map_sky
from gphoton_db.cli.movie import movie
from gphoton_db.cli.photometry import photometry
from gphoton_db.cli.pointing import pointing
from gphoton_db.cli.query import REST, query
from gphoton_db.cli.run import run
from gphoton_db.cli.search import search
from gphoton_db.cli.shell import shell
from gphoton_db.cli.simulate import simulate
from gphoton_db.cli.sql import sql
from gphoton_db.cli.status import status
from gphoton_db.errors import GPhotonError
from gphoton_db.settings import load_settings
from gphoton_db.system.memory import share_arenas

STOPPED = 130
"""Exit code after Ctrl-C."""

NEGATIVE_NUMBERS = {"ignore_unknown_options": True}
"""For commands with a position: a declination of -2.1 is no option called -2."""

app = typer.Typer(
    name="gphoton-db",
    help="An archive of GALEX photons, with SQL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(ingest)
app.command()(run)
app.command()(status)
app.command()(cache)
app.add_typer(pointing, name="pointing")
app.add_typer(calibration, name="calibration")
app.command(context_settings=NEGATIVE_NUMBERS)(search)
app.command(context_settings=NEGATIVE_NUMBERS)(find)
app.command(context_settings=NEGATIVE_NUMBERS)(lightcurve)
app.command(context_settings=NEGATIVE_NUMBERS)(events)
app.command()(detect)
app.command()(photometry)
app.command()(image)
app.command()(movie)
app.command()(exposure)
app.command("map", context_settings=NEGATIVE_NUMBERS)(map_sky)
app.command()(coadd)
app.command()(sql)
app.command(context_settings=REST)(query)
app.command()(describe)
app.command()(shell)
app.command()(simulate)
app.command()(demo)


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
            "./gphoton-archive); the first ingest or import makes it."
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more.")] = False,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print it.")
    ] = False,
) -> None:
    """Apply the options that go before the command."""
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
    if notes.is_terminal:
        return RichHandler(console=notes, show_time=False, show_path=False, markup=False)
    handler = logging.StreamHandler(notes.file)
    handler.setFormatter(_OneLine("%(levelname)s: %(message)s"))
    return handler


class _OneLine(logging.Formatter):
    """Messages as the errors are written: the level in small letters first."""

    def format(self, record: logging.LogRecord) -> str:
        level, _, rest = super().format(record).partition(": ")
        return f"{level.lower()}: {rest}"


def main() -> None:
    """Run the command line."""
    share_arenas()
    try:
        app()
    except GPhotonError as error:
        notes.print(f"error: {error}", style="red", markup=False)
        sys.exit(1)
    except SystemExit as end:
        if end.code == STOPPED:
            from gphoton_db.query.stopping import end_process

            end_process(STOPPED)
        raise
