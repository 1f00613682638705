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
    summary : str
        The first line of its help, word for word: ``gphoton-db --help`` imports no command.
    settings : dict
        What typer is told of the command's context.
    """

    module: str
    name: str
    summary: str
    settings: dict[str, Any] = field(default_factory=dict)


NEGATIVE_NUMBERS = {"ignore_unknown_options": True}
"""For commands with a position: a declination of -2.1 is no option called -2."""

REST = {"allow_extra_args": True, "allow_interspersed_args": False}
"""For commands that read some of their words themselves."""

COMMANDS = {
    "ingest": Place(
        "ingest",
        "ingest",
        "Reduce the telemetry of one eclipse, or many, and add the photons to the archive.",
    ),
    "run": Place(
        "run",
        "run",
        "Run the whole pipeline on a band of an eclipse, or many: photons to photometry.",
    ),
    "status": Place(
        "status",
        "status",
        "Show what is in the archive: totals, the newest legs, and which ingests failed.",
    ),
    "compact": Place(
        "compact",
        "compact",
        "Copy the photons of fields with many visits into common files, for faster light curves.",
    ),
    "cache": Place(
        "cache",
        "cache",
        "List the files that were downloaded into the archive's folders, or remove them.",
    ),
    "pointing": Place(
        "pointing",
        "pointing",
        "Pointing of the telescope: fetch it, or import tables of all visits.",
    ),
    "calibration": Place(
        "calibration",
        "calibration",
        "Sets of calibration files: fetch, import, verify or list them.",
    ),
    "search": Place(
        "search",
        "search",
        "List the visits that fulfil all conditions, ingested or not.",
        NEGATIVE_NUMBERS,
    ),
    "find": Place(
        "find",
        "find",
        "List the visits that saw a position, ingested or not, with their exposure.",
        NEGATIVE_NUMBERS,
    ),
    "lightcurve": Place(
        "lightcurve",
        "lightcurve",
        "Measure the light curve of a position over all visits, or those of a catalogue.",
        NEGATIVE_NUMBERS,
    ),
    "flares": Place(
        "flares",
        "flares",
        "Find the flares of a position, or of a list of them, and keep them for the view flares.",
        NEGATIVE_NUMBERS,
    ),
    "events": Place(
        "events",
        "events",
        "List the photons around a position, with weights; a FITS file has the GTI too.",
        NEGATIVE_NUMBERS,
    ),
    "detect": Place(
        "detect",
        "detect",
        "Find the sources in the image of a leg, and store them for the view sources.",
    ),
    "photometry": Place(
        "photometry",
        "photometry",
        "Measure the sources of a leg, and store them for the views sources and photometry.",
    ),
    "catalogue": Place(
        "catalogue",
        "catalogue",
        "Detect the sources of eclipses, and measure each in both bands, for the view catalogue.",
    ),
    "variables": Place(
        "variables",
        "variables",
        "Measure how the sources of eclipses vary, from their photons, for the view variables.",
    ),
    "objects": Place(
        "objects",
        "objects",
        "Link the catalogue entries of all visits into objects, for the views of that name.",
    ),
    "match": Place(
        "match",
        "match",
        "Match catalogue entries with a table of your own, and check their astrometry by it.",
    ),
    "qa": Place(
        "qa",
        "qa",
        "Make a sheet of candidates to judge by eye, or read its verdicts for the view verdicts.",
    ),
    "mask": Place(
        "mask",
        "mask",
        "Find the hot and cold cells of a detector from the photons of legs.",
    ),
    "image": Place("image", "image", "Make the full-depth image of a leg of an eclipse, as FITS."),
    "movie": Place(
        "movie",
        "movie",
        "Make the movie of a leg of an eclipse, as FITS cubes or one file for each frame.",
    ),
    "exposure": Place(
        "exposure",
        "exposure",
        "Write the exposure of a leg, as a whole or of each frame, to a CSV file.",
    ),
    "map": Place(
        "map",
        "map_sky",
        "Map a box on the sky from all visits: counts, exposure and intensity.",
        NEGATIVE_NUMBERS,
    ),
    "hips": Place(
        "hips", "hips", "Write the sky as HiPS: tiles that Aladin and other browsers show."
    ),
    "moc": Place("moc", "moc", "Write the sky that was seen as a MOC: a coverage map in FITS."),
    "export": Place(
        "export",
        "export",
        "Write tables of the archive for other programs: HATS for LSDB.",
    ),
    "publish": Place(
        "publish",
        "publish",
        "Publish the archive in a folder or a bucket, to be read from afar.",
    ),
    "coadd": Place("coadd", "coadd", "Put images of one band together in one coordinate system."),
    "sql": Place("sql", "sql", "Run a read-only SQL statement on the archive."),
    "query": Place(
        "query", "query", "Run a named query; `gphoton-db query NAME --help` explains it.", REST
    ),
    "describe": Place(
        "describe",
        "describe",
        "Describe a view, macro, table or named query: columns, units, parameters, example.",
    ),
    "shell": Place(
        "shell",
        "shell",
        "Open the DuckDB shell on the archive (read-only), or a simple prompt if there is none.",
    ),
    "serve": Place(
        "serve",
        "serve",
        "Look at the archive in a browser: images binned live from photons, and light curves.",
    ),
    "simulate": Place(
        "simulate",
        "simulate",
        "Simulate the telemetry and pointing of an eclipse, with the truth about each event.",
    ),
    "demo": Place(
        "demo", "demo", "Simulate a visit, ingest it and look at it: needs no data and no network."
    ),
    "warm-up": Place(
        "warm_up",
        "warm_up",
        "Compile all kernels now, for instance while a container image is built.",
    ),
    "verify": Place("verify", "verify", "Compare the archive's files with its catalogue."),
    "doctor": Place(
        "doctor",
        "doctor",
        "Examine the installation, the machine and the archive, and say what to do.",
    ),
}
"""In the order of ``gphoton-db --help``."""


class _Loaded(MutableMapping[str, Any]):
    """The commands that typer runs, made of `COMMANDS` as they are asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = load_command(name)
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

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a line for each command, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.summary) for name, place in COMMANDS.items()])


def load_command(name: str) -> Any:
    """Return a command as typer runs it."""
    place = COMMANDS[name]
    found = getattr(import_module(f"gphoton_db.cli.{place.module}"), place.name)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(
            add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
        )
        alone.command(name, context_settings=place.settings)(found)
        found = alone
    command = typer.main.get_command(found)
    command.name = name
    return command
