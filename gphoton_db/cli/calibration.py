"""``gphoton-db calibration ...``: the commands about sets of calibration files."""

import typer

from gphoton_db.cli.calibration_fetch import fetch_set
from gphoton_db.cli.calibration_import import import_set
from gphoton_db.cli.calibration_list import list_sets
from gphoton_db.cli.calibration_verify import verify_set

calibration = typer.Typer(
    help="Sets of calibration files: fetch, import, verify or list them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
calibration.command("fetch")(fetch_set)
calibration.command("import")(import_set)
calibration.command("verify")(verify_set)
calibration.command("list")(list_sets)
