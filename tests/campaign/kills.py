"""Kills of every command that writes, at random moments: SIGKILL to all of its processes."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from gphoton_db.archive import Archive
from tests.campaign.outcome import SilentlyWrongError, Try
from tests.campaign.workplace import Workplace, finish, legs_of, words_of
from tests.gphoton_db.archives import ROOT


@dataclass(frozen=True)
class Writer:
    """A command that writes into an archive.

    Parameters
    ----------
    name : str
        What it is called in the table.
    words : tuple of str
        The command, without the archive.
    begins : callable
        Makes the archive that it begins with.
    """

    name: str
    words: tuple[str, ...]
    begins: Callable[[str], Path]


def writers(place: Workplace) -> list[Writer]:
    """Return all commands that write, each with what it begins with."""
    one = (str(place.eclipse), "NUV")
    every = str(place.visits / "eclipses.csv")
    inputs = tuple(place.inputs)
    return [
        Writer("ingest", ("ingest", *place.of_one), place.nothing),
        Writer("ingest --force", ("ingest", *place.of_one, "--force"), place.copy),
        Writer("ingest --eclipses", ("ingest", "--eclipses", every, *inputs), place.nothing),
        Writer("run", ("run", *place.of_one, "--depth", "30"), place.copy),
        Writer("movie", ("movie", *one, "--depth", "10"), place.copy),
        Writer("photometry", ("photometry", *one), place.copy),
        Writer("compact", ("compact", "--fewest", "2"), place.copy),
        Writer("verify --repair", ("verify", "--repair"), partial(_with_leftovers, place)),
    ]


def kills(place: Workplace, seed: int, writer: Writer) -> Iterator[Try]:
    """Yield tries for ever: the command is killed, and what it leaves is looked at."""
    rng = np.random.default_rng(seed)
    start = time.monotonic()
    finish(writer.begins("killed"), *writer.words)
    takes = time.monotonic() - start
    while True:
        after = float(rng.uniform(0.2, 1.0) * takes)
        what = f"{writer.name}: killed after {after:.2f} of {takes:.2f} s (seed {seed})"
        yield Try(what, partial(_kill_and_judge, place, writer, after))


def _kill_and_judge(place: Workplace, writer: Writer, after: float) -> None:
    root = writer.begins("killed")
    with subprocess.Popen(
        words_of(root, *writer.words),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        process_group=0,
    ) as process:
        time.sleep(after)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    _require_sound(root, place)
    finish(root, *writer.words)
    _require_sound(root, place)
    finish(root, "verify", "--repair")
    with Archive(root) as archive:
        left = archive.verify().remarks
    staging = list((root / "staging").iterdir()) if (root / "staging").is_dir() else []
    if left or staging:
        raise SilentlyWrongError(f"left behind: {left or staging}")


def _require_sound(root: Path, place: Workplace) -> None:
    """Require that all legs that are there are whole ones of those that were simulated."""
    if not root.exists() or not any(root.glob("*/band=*")):
        return
    with Archive(root) as archive:
        faults = archive.verify(deep=True).faults
        if faults:
            raise SilentlyWrongError(f"after a kill: {faults[0]}")
        ((n,),) = (row.values() for row in archive.query("SELECT count(*) FROM photons").rows())
    legs = legs_of(root)
    if not set(legs) <= set(place.legs) or n != sum(leg[3] for leg in legs):
        raise SilentlyWrongError(f"after a kill: {n} photons, legs {legs}")


def _with_leftovers(place: Workplace, name: str) -> Path:
    root = place.copy(name)
    photons = next((root / "photons").rglob("*.parquet"))
    photons.with_name("0123456789ab-0.parquet").write_bytes(photons.read_bytes())
    return root
