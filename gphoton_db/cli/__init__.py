"""The command line: each command is a thin layer over a method of `Archive`."""

from gphoton_db.cli.app import main

__all__ = ["main"]
