"""The whole campaign for as long as wanted: ``make campaign MINUTES=60``.

Damaged inputs and archives, kills of every command that writes, hardship, and readers beside a
writer, in turn, each with seeds that are printed.  What came of them is added to a JSON file after
each, so that runs add up; it ends with a table of that, and with exit code 1 if anything was wrong
without a word, ended in a traceback, or hung.
"""

import argparse
import logging
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count, islice
from pathlib import Path

from tests.campaign import tally
from tests.campaign.altered_files import altered
from tests.campaign.archive_files import flipped
from tests.campaign.before_forks import import_everything, know_inputs
from tests.campaign.forked import attempts
from tests.campaign.hardship import hardships
from tests.campaign.kills import kills
from tests.campaign.mission_files import (
    ECLIPSE,
    damaged_calibration,
    damaged_pointing,
    damaged_regions,
    damaged_telemetry,
)
from tests.campaign.outcome import Tried, Try, attempt
from tests.campaign.position_lists import damaged_lists
from tests.campaign.readers import write_and_read
from tests.campaign.settings_files import damaged_settings
from tests.campaign.workplace import Workplace, make_workplace
from tests.campaign.writers import writers
from tests.ingest.telemetry_files import every_5_ms, write_telemetry

PARTS = ("damage", "kills", "hardship", "readers")

AT_A_TIME = 20
"""Tries of a generator before the next one's turn."""

READERS_PART = 0.2
"""Of the time that readers and a writer get, in the end, where all parts are run."""

Generator = Callable[[Path, int], Iterator[Try]]
Turns = Iterator[Callable[[], None]]


def generators(place: Workplace) -> dict[str, Generator]:
    """Return what makes damaged inputs: of a folder and a seed."""
    calibration = place.visits / "calibration-synthetic"
    raw6 = place.folder / "small-raw6.fits.gz"
    write_telemetry(raw6, every_5_ms(2000), header={"ECLIPSE": ECLIPSE, "BAND": 1})
    archive, altered_archive = place.copy("damaged"), place.copy("altered")
    return {
        "files of an archive": lambda _, seed: flipped(archive, seed, AT_A_TIME),
        "altered archives": lambda _, seed: altered(altered_archive, seed, AT_A_TIME),
        "raw6": lambda folder, seed: damaged_telemetry(folder, raw6, seed, AT_A_TIME),
        "pointing": lambda folder, seed: damaged_pointing(folder, seed, AT_A_TIME),
        "calibration": lambda folder, seed: damaged_calibration(
            folder, calibration, seed, AT_A_TIME
        ),
        "lists of positions": lambda folder, seed: damaged_lists(folder, seed, AT_A_TIME),
        "leg apertures": lambda _, seed: damaged_regions(seed, AT_A_TIME),
        "settings": lambda folder, seed: damaged_settings(folder, seed, AT_A_TIME),
    }


def _note(path: Path, what: str, results: Iterable[Tried]) -> None:
    """Count some results, and print what must not be."""
    for tried in results:
        tally.add(path, what, tried)
        if tried.outcome in tally.BAD:
            print(f"{what}: {tried.damage}: {tried.outcome}: {tried.said}", flush=True)


def damage(place: Workplace, seed: int, path: Path, rows: str) -> Turns:
    """Yield, for ever, some tries of each generator in turn."""
    damaged = {what: make for what, make in generators(place).items() if rows in what}
    for round_number in count():
        for what, make in damaged.items():
            yield partial(_damage, what, make, seed + round_number, path)


def _damage(what: str, make: Generator, seed: int, path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made"

        def afresh() -> Iterator[Try]:
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            return make(made, seed)

        _note(path, what, attempts(afresh, AT_A_TIME * 3))


def kill(place: Workplace, seed: int, path: Path, rows: str) -> Turns:
    """Yield, for ever, a kill of the command that writes with the fewest kills up to now."""
    know_inputs(place)
    of_writer = {f"kill {w.name}": w for w in writers(place) if rows in w.name}
    killed = {
        what: kills(place, seed, w, first=tally.tried(path, what)) for what, w in of_writer.items()
    }
    while True:
        what = min(killed, key=partial(tally.tried, path))
        yield partial(_one, path, what, killed[what])


def suffer(place: Workplace, seed: int, path: Path, rows: str) -> Turns:
    """Yield, for ever, a command of each kind of hardship in turn."""
    made = {what: tries for what, tries in hardships(place, seed).items() if rows in what}
    while True:
        for what, tries in made.items():
            yield partial(_one, path, what, tries)


def _one(path: Path, what: str, tries: Iterator[Try]) -> None:
    # Each of its commands has a limit of its own.
    _note(path, what, (attempt(one, 0) for one in islice(tries, 1)))


def take_turns(parts: list[Turns], end: float) -> None:
    """Take the parts in turn until the time is over."""
    while parts:
        for turns in parts:
            next(turns)()
            if time.time() > end:
                return


def read(place: Workplace, path: Path, seconds: float) -> None:
    """Have readers beside a writer, and add what came of it."""
    found = write_and_read(place, seconds)
    for text in found.wrong[:10]:
        print(text)
    numbers = {
        "seconds": seconds,
        "commits": found.commits,
        "reads": found.reads,
        "wrong": len(found.wrong),
        "handles grown": found.grown_handles,
        "MB grown": found.grown_mb,
    }
    tally.add_numbers(path, "a writer with four readers", numbers)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description="Damage, kill, read; see the module.")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--rows", default="", help="only rows of the table with this in their name")
    parser.add_argument("--tally", type=Path, default=Path("build/campaign.json"))
    parser.add_argument("--place", type=Path, help="folder to work in, and to keep what it has")
    options = parser.parse_args()
    options.tally.parent.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")  # what readers of others say of damaged files
    logging.disable()
    print(f"seed {options.seed}, process {os.getpid()}, {options.tally}", flush=True)
    _run(options)
    print(tally.table(options.tally))
    numbers = tally.numbers(options.tally)
    sys.exit(1 if tally.faults(options.tally) or any(n.get("wrong") for n in numbers) else 0)


def _run(options: argparse.Namespace) -> None:
    import_everything()
    seconds, parts = 60 * options.minutes, set(options.parts)
    reading = 0.0
    if "readers" in parts:
        reading = seconds if len(parts) == 1 else seconds * READERS_PART
    with tempfile.TemporaryDirectory(prefix="gphoton-campaign-") as name:
        place = make_workplace(options.place or Path(name), options.seed % 1000)
        takes = {"damage": damage, "kills": kill, "hardship": suffer}
        arguments = (place, options.seed, options.tally, options.rows)
        turns = [take(*arguments) for part, take in takes.items() if part in parts]
        take_turns(turns, time.time() + seconds - reading)
        if reading:
            read(place, options.tally, reading)


if __name__ == "__main__":
    main()
