"""The folder of ``gphoton-db demo``, made once for all tests and all processes that share them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from gphoton_db.cli.demo_looks import ECLIPSE
from gphoton_db.mission import Band
from gphoton_db.paths import raw6_name
from tests.gphoton_db import first_use

_NAME = "demo"
_ARCHIVE = "gphoton-demo"

_PLACE = ("323.5", "-2.0")
_COARSE = ("--pixel", "6")
_LEG = (str(ECLIPSE), "NUV", "--leg", "0", "--output", ".", *_COARSE)

COMMANDS = {
    "lightcurve": ("lightcurve", *_PLACE, "--step", "10", "--annulus", "30,60"),
    "lightcurve --method image": ("lightcurve", *_PLACE, "--method", "image", "--step", "visit"),
    "map": ("map", *_PLACE, "--band", "NUV", "--compression", "rice", "--output", "."),
    "hips": ("hips", str(ECLIPSE), "--band", "NUV", "--order", "5", "--output", "sky"),
    "moc": ("moc", "--all", "--band", "NUV", "--order", "8", "--output", "."),
    "image": ("image", *_LEG, "--compression", "rice"),
    "image --extended": ("image", *_LEG, "--extended"),
    "movie": ("movie", *_LEG, "--depth", "10"),
    "simulate": ("simulate", "23501", "NUV", "--duration", "30", "--output", "new"),
}
"""What uses all kernels of each of `cli.kernels.KERNELS`, but for the demonstration and a server.

Pictures use none, and coarse pixels the same as fine ones, in a third of the time."""


@dataclass(frozen=True)
class Demonstration:
    """What ``gphoton-db demo`` made and showed, in an empty folder.

    Parameters
    ----------
    folder : Path
        Holds ``gphoton-demo``; not to be changed.
    shown : str
        What was printed.
    repeated : Path
        Where it was repeated, with ``--json``, with legs that are shorter and without the image:
        holds ``gphoton-demo``; not to be changed.
    said : dict
        The JSON object that was printed then; its paths begin in `repeated`.
    used : dict
        What was done after it with that archive, each of `COMMANDS` and `first_use.EVERYTHING`, and
        the demonstration itself: how many kernels were ``used``, and those that were not compiled
        ahead (``missing``).
    """

    folder: Path
    shown: str
    repeated: Path
    said: dict[str, Any]
    used: dict[str, dict[str, Any]]


def make_demonstration(shared: Path) -> Demonstration:
    """Make it in a folder that several processes share, or wait for the one that does."""
    report, place = shared / "demonstration.json", shared / "demonstration"
    with FileLock(shared / "demonstration.lock"):
        if not report.exists():
            place.mkdir()
            used = first_use.done(place, _wanted(place / first_use.AGAIN / _ARCHIVE))
            report.write_text(json.dumps(used), "utf-8")
    shown = (place / _NAME / first_use.SAID).read_text("utf-8")
    again = place / first_use.AGAIN
    said = json.loads((again / first_use.SAID).read_text("utf-8"))
    used = json.loads(report.read_text("utf-8"))
    return Demonstration(place / _NAME, shown, again, said, used)


def _wanted(root: Path) -> dict[str, Any]:
    """Return what is done one after the other; `root` is the archive of the second."""
    commands = {name: ["--archive", str(root), *words] for name, words in COMMANDS.items()}
    paths = {
        "raw6": root / "raw6" / raw6_name(ECLIPSE, Band.NUV),
        "pointing": root / "pointing",
        "calibration": root / "calibration-synthetic",
    }
    everything = {
        "eclipse": ECLIPSE,
        "band": str(Band.NUV),
        "paths": {name: str(path) for name, path in paths.items()},
    }
    demonstrations = {_NAME: ["demo"], first_use.AGAIN: ["demo", "--json"]}
    return {**demonstrations, **commands, first_use.EVERYTHING: everything}
