"""The whole campaign for as long as wanted: ``make campaign MINUTES=60``.

Damaged inputs and archives, kills of every command that writes, and readers beside a writer, in
turn, each with seeds that are printed.  Ends with a table of what came of them, and with exit code
1 if anything was wrong without a word, ended in a traceback, or hung.
"""

import argparse
import logging
import sys
import tempfile
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path

from tests.campaign.archive_files import flipped
from tests.campaign.kills import kills, writers
from tests.campaign.mission_files import (
    ECLIPSE,
    damaged_calibration,
    damaged_pointing,
    damaged_regions,
    damaged_telemetry,
)
from tests.campaign.outcome import Outcome, Try, attempt
from tests.campaign.position_lists import damaged_lists
from tests.campaign.readers import write_and_read
from tests.campaign.settings_files import damaged_settings
from tests.campaign.workplace import Workplace, make_workplace
from tests.ingest.telemetry_files import every_5_ms, write_telemetry

BAD = (Outcome.WRONG, Outcome.TRACEBACK, Outcome.HANG)

AT_A_TIME = 20
"""Tries of a generator before the next one's turn."""

READERS_PART = 0.2
"""Of the time that readers and a writer get, in the end."""

Generator = Callable[[Path, int], Iterator[Try]]


def generators(place: Workplace) -> dict[str, Generator]:
    """Return what makes damaged inputs: of a folder and a seed."""
    calibration = place.visits / "calibration-synthetic"
    raw6 = place.folder / "small-raw6.fits.gz"
    write_telemetry(raw6, every_5_ms(2000), header={"ECLIPSE": ECLIPSE, "BAND": 1})
    archive = place.copy("damaged")
    return {
        "files of an archive": lambda _, seed: flipped(archive, seed, AT_A_TIME),
        "raw6": lambda folder, seed: damaged_telemetry(folder, raw6, seed, AT_A_TIME),
        "pointing": lambda folder, seed: damaged_pointing(folder, seed, AT_A_TIME),
        "calibration": lambda folder, seed: damaged_calibration(
            folder, calibration, seed, AT_A_TIME
        ),
        "lists of positions": lambda folder, seed: damaged_lists(folder, seed, AT_A_TIME),
        "leg apertures": lambda _, seed: damaged_regions(seed, AT_A_TIME),
        "settings": lambda folder, seed: damaged_settings(folder, seed, AT_A_TIME),
    }


class Campaign:
    """Counts what came of each try, and prints what must not be."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[Outcome]] = defaultdict(Counter)

    def attempt(self, what: str, tries: Iterator[Try]) -> None:
        """Try some, one after the other."""
        for one in tries:
            tried = attempt(one)
            self.counts[what][tried.outcome] += 1
            if tried.outcome in BAD:
                print(f"{what}: {tried.damage}: {tried.outcome}: {tried.said}", flush=True)

    def show(self) -> None:
        """Print the table."""
        head = ["", "tried", *Outcome]
        print("".join(f"{name:>20}" for name in head))
        for what, counts in self.counts.items():
            cells = [what, sum(counts.values()), *(counts[outcome] for outcome in Outcome)]
            print("".join(f"{cell!s:>20}" for cell in cells))

    @property
    def failed(self) -> bool:
        """Whether anything came to what must not be."""
        return any(counts[bad] for counts in self.counts.values() for bad in BAD)


def damage_and_kill(campaign: Campaign, place: Workplace, seed: int, end: float) -> None:
    """Take the generators and the kills in turn until the time is over."""
    damaged = generators(place)
    killed = {w.name: kills(place, seed, w) for w in writers(place)}
    for round_number in count():
        for what, make in damaged.items():
            with tempfile.TemporaryDirectory() as folder:
                campaign.attempt(what, make(Path(folder), seed + round_number))
            if time.time() > end:
                return
        for what, tries in killed.items():
            campaign.attempt(f"kill {what}", islice(tries, 1))
            if time.time() > end:
                return


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description="Damage, kill, read; see the module.")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # what readers of others say of damaged files
    logging.disable()
    print(f"seed {options.seed}", flush=True)
    campaign, seconds = Campaign(), 60 * options.minutes
    with tempfile.TemporaryDirectory(prefix="gphoton-campaign-") as name:
        place = make_workplace(Path(name), options.seed % 1000)
        end = time.time() + seconds * (1 - READERS_PART)
        damage_and_kill(campaign, place, options.seed, end)
        read = write_and_read(place, seconds * READERS_PART)
    campaign.show()
    print(
        f"{read.commits} commits beside {read.reads} reads by 4 readers: {len(read.wrong)} wrong, "
        f"handles grown by {read.grown_handles}"
    )
    for text in read.wrong[:10]:
        print(text)
    sys.exit(1 if campaign.failed or read.wrong else 0)


if __name__ == "__main__":
    main()
