"""A writer that commits again and again, and readers that must never see what never was."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass

from tests.campaign.workplace import Workplace, finish
from tests.gphoton_db.archives import DUCKDB, ROOT

IN_PYTHON = """
import json, os, resource, sys, time
from gphoton_db.archive import Archive
root, eclipse, expected, end = sys.argv[1], *map(float, sys.argv[2:])
reads, wrong, handles = 0, [], []
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
grown = max(handles[-10:], default=0) - max(handles[:10], default=0)
print(json.dumps([reads, wrong, grown]))
"""

IN_SHELL = """
import json, subprocess, sys, time
shell, catalogue, sql, expected, end = *sys.argv[1:5], float(sys.argv[5])
reads, wrong = 0, []
while time.time() < end:
    words = [shell, "-readonly", "-csv", "-noheader", catalogue, "-c", sql]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.stdout.strip() != expected:
        wrong.append(done.stdout.strip() or done.stderr.strip())
    reads += 1
print(json.dumps([reads, wrong, 0]))
"""

N_PYTHON = 3
"""Readers in Python; one more is the bare DuckDB shell."""


@dataclass(frozen=True)
class Read:
    """What came of a while of writing and reading."""

    commits: int
    reads: int
    wrong: tuple[str, ...]
    grown_handles: int


def write_and_read(place: Workplace, seconds: float) -> Read:
    """Replace a band for so long, while four readers read its eclipse all the time."""
    root, end = place.copy("read"), time.time() + seconds
    expected = sum(n for eclipse, _, _, n in place.legs if eclipse == place.eclipse)
    in_python = (IN_PYTHON, root, place.eclipse, expected, end)
    sql = f"SELECT count(*) FROM eclipse_photons({place.eclipse})"
    in_shell = (IN_SHELL, DUCKDB, root / "gphoton.duckdb", sql, expected, end)
    readers = [_started(*in_python) for _ in range(N_PYTHON)] + [_started(*in_shell)]
    commits = 0
    try:
        while time.time() < end:
            finish(root, "ingest", *place.of_one, "--force")
            commits += 1
    finally:
        said = [json.loads(reader.communicate()[0]) for reader in readers]
    wrong = tuple(text for _, texts, _ in said for text in texts)
    return Read(commits, sum(n for n, _, _ in said), wrong, max(grown for *_, grown in said))


def _started(program: str, *words: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, words)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
