"""What the campaign runs on: children that may crash or hang, and a tally that adds up."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.campaign import tally
from tests.campaign.forked import Done
from tests.campaign.hardship import require_clear
from tests.campaign.looks import is_leftover
from tests.campaign.outcome import Outcome, SilentlyWrongError, Tried
from tests.gphoton_db.archives import ROOT

TRIES = """
import json, os, signal, sys, time
from gphoton_db.errors import ArchiveError
from tests.campaign.forked import attempts, run_command
from tests.campaign.outcome import SilentlyWrongError, Try

def fail(error):
    raise error

def hang():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    time.sleep(600)

def make():
    yield Try("fine", lambda: 1)
    yield Try("crash", lambda: os.kill(os.getpid(), signal.SIGSEGV))
    yield Try("clear", lambda: fail(ArchiveError("this is damaged")))
    yield Try("hang", hang)
    yield Try("wrong", lambda: fail(SilentlyWrongError("another number")))
    yield Try("fault", lambda: fail(KeyError("events")))

done = run_command(None, "--version")
found = [[each.damage, each.outcome] for each in attempts(make, 10, seconds=1, grace=1)]
print(json.dumps([found, done.code, done.out]))
"""


def test_a_crash_or_a_hang_ends_one_try_alone() -> None:
    said = subprocess.run(
        [sys.executable, "-c", TRIES], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found, code, out = json.loads(said.stdout)
    assert found == [
        ["fine", Outcome.ACCEPTED],
        ["crash", Outcome.TRACEBACK],
        ["clear", Outcome.CLEAR_ERROR],
        ["hang", Outcome.HANG],
        ["wrong", Outcome.WRONG],
        ["fault", Outcome.TRACEBACK],
    ]
    assert code == 0
    assert out.startswith("gphoton-db ")


def test_runs_add_up(tmp_path: Path) -> None:
    path = tmp_path / "campaign.json"
    for _ in range(2):
        tally.add(path, "raw6", Tried("cut", Outcome.CLEAR_ERROR, "no"))
        tally.add_numbers(path, "readers", {"reads": 1_000, "wrong": 0})
    tally.add(path, "kill run", Tried("killed", Outcome.WRONG, "left behind"))
    assert tally.faults(path) == [["kill run", "killed", "wrong, nothing said", "left behind"]]
    assert [tally.tried(path, what) for what in ("raw6", "kill run", "kill image")] == [2, 1, 0]
    lines = [line.split() for line in tally.table(path).splitlines()]
    assert ["raw6", "2", "2", "0", "0", "0", "0"] in lines
    assert ["all", "3", "2", "0", "1", "0", "0"] in lines
    assert "2,000 reads, 0 wrong" in tally.table(path)


@pytest.mark.parametrize(
    ("done", "error"),
    [
        (Done(1, "", "Traceback (most recent call last):\n"), RuntimeError),
        (Done(-11, "", ""), RuntimeError),
        (Done(None, "", ""), SilentlyWrongError),
        (Done(1, "", "no idea"), SilentlyWrongError),
    ],
)
def test_an_end_without_a_clear_error_is_a_fault(done: Done, error: type[Exception]) -> None:
    with pytest.raises(error):
        require_clear(done)


def test_a_clear_error_is_none() -> None:
    require_clear(Done(1, "", "archive: here\nerror: the disk is full"))
    require_clear(Done(0, "5 legs", ""))


def test_what_is_left_behind_is_known_by_its_name() -> None:
    assert is_leftover("staging/e00500-NUV.lock")
    assert is_leftover("products/e00500/.movie.fits.gphoton-0-1-2")
    assert not is_leftover("photons/band=NUV/eclipse=500/leg=0/a-0.parquet")
