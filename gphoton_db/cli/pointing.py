"""``gphoton-db pointing ...``: the commands about where the telescope pointed."""

import typer

from gphoton_db.cli.pointing_fetch import fetch
from gphoton_db.cli.pointing_import import import_pointing

pointing = typer.Typer(
    help="Pointing of the telescope: fetch it, or import tables of all visits.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
pointing.command()(fetch)
pointing.command("import")(import_pointing)
