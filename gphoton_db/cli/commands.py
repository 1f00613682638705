"""All commands by name, each imported only when it is needed.

A command that is run pays for its own imports and for no others; ``gphoton-db --version`` for none.
"""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


@dataclass(frozen=True)
class Place:
    """Where a command is.

    Parameters
    ----------
    module, name : str
        Module of this package, and the function or ``typer.Typer`` in it.
    settings : dict
        What typer is told of the command's context.
    """

    module: str
    name: str
    settings: dict[str, Any] = field(default_factory=dict)


NEGATIVE_NUMBERS = {"ignore_unknown_options": True}
"""For commands with a position: a declination of -2.1 is no option called -2."""

REST = {"allow_extra_args": True, "allow_interspersed_args": False}
"""For commands that read some of their words themselves."""

COMMANDS = {
    "ingest": Place("ingest", "ingest"),
    "run": Place("run", "run"),
    "status": Place("status", "status"),
    "cache": Place("cache", "cache"),
    "pointing": Place("pointing", "pointing"),
    "calibration": Place("calibration", "calibration"),
    "search": Place("search", "search", NEGATIVE_NUMBERS),
    "find": Place("find", "find", NEGATIVE_NUMBERS),
    "lightcurve": Place("lightcurve", "lightcurve", NEGATIVE_NUMBERS),
    "events": Place("events", "events", NEGATIVE_NUMBERS),
    "detect": Place("detect", "detect"),
    "photometry": Place("photometry", "photometry"),
    "image": Place("image", "image"),
    "movie": Place("movie", "movie"),
    "exposure": Place("exposure", "exposure"),
    "map": Place("map", "map_sky", NEGATIVE_NUMBERS),
    "coadd": Place("coadd", "coadd"),
    "sql": Place("sql", "sql"),
    "query": Place("query", "query", REST),
    "describe": Place("describe", "describe"),
    "shell": Place("shell", "shell"),
    "simulate": Place("simulate", "simulate"),
    "demo": Place("demo", "demo"),
    "warm-up": Place("warm_up", "warm_up"),
}
"""In the order of ``gphoton-db --help``."""


class _Loaded(MutableMapping[str, Any]):
    """The commands that typer runs, made of `COMMANDS` as they are asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = _load(name, COMMANDS[name])
        return self._made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._made[name]

    def __iter__(self) -> Iterator[str]:
        yield from COMMANDS

    def __len__(self) -> int:
        return len(COMMANDS)


class Commands(TyperGroup):
    """The group of all commands."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _Loaded()


def _load(name: str, place: Place) -> Any:
    found = getattr(import_module(f"gphoton_db.cli.{place.module}"), place.name)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(name, context_settings=place.settings)(found)
        found = alone
    command = typer.main.get_command(found)
    command.name = name
    return command
