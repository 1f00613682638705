"""``gphoton-db pointing ...``: the commands about where the telescope pointed."""

import typer

from gphoton_db.cli.pointing_fetch import fetch

pointing = typer.Typer(help="Where the telescope pointed: fetch it.", no_args_is_help=True)
pointing.command()(fetch)
