"""A writer that commits again and again, and readers that must never see what never was."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass

from tests.campaign.forked import run_command
from tests.campaign.workplace import Workplace
from tests.gphoton_db.archives import DUCKDB, ROOT

IN_PYTHON = """
import json, os, resource, sys, time
from gphoton_db.archive import Archive
root, eclipse, expected, end, pause = sys.argv[1], *map(float, sys.argv[2:])
reads, wrong, handles, memory = 0, [], [], []
page = os.sysconf("SC_PAGE_SIZE") / 1e6
with Archive(root) as archive:
    leg = archive.legs(int(eclipse))[0]
    sql = f"SELECT count(*) AS n FROM eclipse_photons({int(eclipse)})"
    while time.time() < end:
        try:
            n = archive.query(sql).rows()[0]["n"]
            archive.lightcurve(leg.ra0, leg.dec0, radius=60)
            if n != expected:
                wrong.append(f"{n} photons")
        except Exception as error:
            wrong.append(f"{type(error).__name__}: {error}")
        reads += 1
        handles.append(len(os.listdir("/proc/self/fd")))
        memory.append(page * int(open("/proc/self/statm").read().split()[1]))
        time.sleep(pause)
def grown(numbers):
    # From the second to the last tenth: what is loaded and kept at first is no growth.
    tenth = max(len(numbers) // 10, 1)
    return max(numbers[-tenth:], default=0) - max(numbers[tenth:2 * tenth], default=0)
print(json.dumps([reads, wrong, grown(handles), grown(memory)]))
"""

IN_SHELL = """
import json, subprocess, sys, time
shell, catalogue, sql, expected, end, pause = *sys.argv[1:5], *map(float, sys.argv[5:])
reads, wrong = 0, []
while time.time() < end:
    words = [shell, "-readonly", "-csv", "-noheader", catalogue, "-c", sql]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.stdout.strip() != expected:
        wrong.append(done.stdout.strip() or done.stderr.strip())
    reads += 1
    time.sleep(pause)
print(json.dumps([reads, wrong, 0, 0]))
"""

PAUSE_S = 0.2
"""Between two reads of one reader, and two commits: others want to use the machine, too."""

N_PYTHON = 3
"""Readers in Python; one more is the bare DuckDB shell."""


@dataclass(frozen=True)
class Read:
    """What came of a while of writing and reading."""

    commits: int
    reads: int
    wrong: tuple[str, ...]
    grown_handles: int
    grown_mb: float


def write_and_read(place: Workplace, seconds: float, pause: float = PAUSE_S) -> Read:
    """Replace a band for so long, while four readers read its eclipse again and again."""
    root, end = place.copy("read"), time.time() + seconds
    expected = sum(n for eclipse, _, _, n in place.legs if eclipse == place.eclipse)
    in_python = (IN_PYTHON, root, place.eclipse, expected, end, pause)
    sql = f"SELECT count(*) FROM eclipse_photons({place.eclipse})"
    in_shell = (IN_SHELL, DUCKDB, root / "gphoton.duckdb", sql, expected, end, pause)
    readers = [_started(*in_python) for _ in range(N_PYTHON)] + [_started(*in_shell)]
    commits, wrong = 0, list[str]()
    try:
        while time.time() < end:
            done = run_command(root, "ingest", *place.of_one, "--force")
            if done.code:
                wrong.append(f"ingest: exit code {done.code}: {done.err}")
            commits += 1
            time.sleep(pause)
    finally:
        texts = [reader.communicate()[0].splitlines() for reader in readers]
    said = [json.loads(lines[-1]) for lines in texts]
    wrong += [f"printed: {line!r}" for lines in texts for line in lines[:-1]]
    wrong += [text for _, texts, *_ in said for text in texts]
    reads, handles, memory = (
        sum(n for n, *_ in said),
        [h for *_, h, _ in said],
        [m for *_, m in said],
    )
    return Read(commits, reads, tuple(wrong), max(handles), max(memory))


def _started(program: str, *words: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, words)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
