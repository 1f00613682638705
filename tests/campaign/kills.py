"""Kills of every command that writes, at random moments: SIGKILL to all of its processes.

Half of them after a random time, half before a random one of the steps that Python tells of: files
opened to write, renamed and removed; half of these right behind a file that got its name, which
the catalogue may not list yet.  Some in whole processes, most in forked ones.
"""

import mmap
import os
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from gphoton_db.archive import Archive
from tests.campaign.forked import Command, nothing, run_command
from tests.campaign.outcome import SilentlyWrongError, Try
from tests.campaign.workplace import Workplace, in_child, legs_of
from tests.campaign.writers import Writer

STEPS = frozenset(
    ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate",
     "shutil.rmtree", "shutil.copyfile", "fcntl.flock")
)  # fmt: skip
"""Audit events that are steps of a writer; and ``open`` to write."""

MOST_STEPS = 2**20
"""Of a command that are looked at."""

IN_A_ROW = 4
"""Kills of a command that goes on where the one before was killed."""

START_S = 1.5
"""What a fresh Python takes about to begin."""

DISTURBED = 4
"""One in so many lets the command go on, and kills somebody else: a worker of a cluster."""

WHOLE = 20
"""One in so many is a process that started as users start it."""


def kills(place: Workplace, seed: int, writer: Writer) -> Iterator[Try]:
    """Yield tries for ever: the command is killed, and what it leaves is looked at.

    Some times in a row on one archive; then the command must complete, and nothing may be left.
    """
    chain = _Chain(place, writer, np.random.default_rng(seed))
    for number in range(1_000_000_000):
        yield Try(f"{writer.name} (seed {seed}, {number})", partial(chain.kill, number))


class _Chain:
    """Kills of one command, some in a row."""

    def __init__(self, place: Workplace, writer: Writer, rng: np.random.Generator) -> None:
        self._place, self._writer, self._rng = place, writer, rng
        self._root = place.folder / f"killed-{writer.name.replace(' ', '-')}"
        self._killed = 0
        self._n_steps, self._takes = 0, 0.0
        self._behind_renames: list[int] = []

    def kill(self, number: int) -> None:
        """Kill the command, look at what it leaves, and finish it after the last of a row."""
        if not self._n_steps:
            self._measure()
        if self._writer.disturb is not None and number % DISTURBED == DISTURBED - 1:
            self._disturb(self._writer.disturb)
            return
        first, self._killed = self._killed, 0  # what goes wrong ends the row
        while not self._is_killed(first, whole=number % WHOLE == 0):
            first = 0  # it had ended before: all is done, and there is less left to do
        in_child(partial(require_sound, self._root, self._place))
        if self._writer.look is not None:
            in_child(self._writer.look)
        if first + 1 < IN_A_ROW:
            self._killed = first + 1
            return
        self._finish()
        in_child(partial(require_sound, self._root, self._place))
        _require(self._root, "verify", "--repair")
        in_child(partial(require_tidy, self._root))

    def _disturb(self, disturb: Callable[[], None]) -> None:
        """Let the command begin, kill somebody else, and require that it does all."""
        self._begin()
        command = Command(("--archive", str(self._root), *self._writer.words))
        if not command.ends_within(float(self._rng.uniform(0, self._takes))):
            disturb()
        done = command.wait()
        if done.code:
            raise SilentlyWrongError(f"disturbed: exit code {done.code}: {done.err[-2000:]}")
        in_child(partial(require_all, self._root, self._place))

    def _measure(self) -> None:
        """Find out how many steps the command takes, and how long, undisturbed."""
        self._begin()
        steps = mmap.mmap(-1, 8 + MOST_STEPS)  # shared with the child
        start = time.monotonic()
        self._finish(partial(_count_steps, steps))
        self._takes = time.monotonic() - start
        self._n_steps = struct.unpack("q", steps[:8])[0]
        seen = steps[8 : 8 + self._n_steps - 1]
        self._behind_renames = [step + 2 for step, is_rename in enumerate(seen) if is_rename]

    def _is_killed(self, first: int, *, whole: bool) -> bool:
        """Let the command begin, and return whether it was killed before its end."""
        if not first:
            self._begin()
        after = float(self._rng.uniform(0, self._takes + (START_S if whole else 0)))
        by_step = not whole and self._rng.random() < 0.5
        step = int(self._rng.integers(1, self._n_steps + 1))
        if self._behind_renames and self._rng.random() < 0.5:
            step = int(self._rng.choice(self._behind_renames))
        prepare = partial(_die_before_step, step) if by_step else nothing
        words = ("--archive", str(self._root), *self._writer.words)
        command = Command(words, prepare=prepare, whole=whole)
        if not by_step and not command.ends_within(after):
            command.kill()
        done = command.wait()
        if done.code in (-signal.SIGKILL, 0):
            return done.code != 0
        raise SilentlyWrongError(f"after {first} kills: exit code {done.code}: {done.err[-2000:]}")

    def _begin(self) -> None:
        self._writer.begins(self._root.name)

    def _finish(self, prepare: Callable[[], object] = nothing) -> None:
        _require(self._root, *self._writer.words, prepare=prepare)


def _count_steps(steps: mmap.mmap) -> None:
    def count(event: str, arguments: tuple[Any, ...]) -> None:
        if _is_step(event, arguments):
            number = struct.unpack("q", steps[:8])[0]
            if number < MOST_STEPS:
                steps[8 + number] = event == "os.rename"
                steps[:8] = struct.pack("q", number + 1)

    sys.addaudithook(count)


def _die_before_step(number: int) -> None:
    left = [number]

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        if _is_step(event, arguments):
            left[0] -= 1
            if not left[0]:
                os.killpg(0, signal.SIGKILL)

    sys.addaudithook(count)


def _is_step(event: str, arguments: tuple[Any, ...]) -> bool:
    if event == "open":
        return isinstance(arguments[2], int) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
    return event in STEPS


def _require(root: Path, *words: str, prepare: Callable[[], object] = nothing) -> None:
    done = run_command(root, *words, prepare=prepare)
    if done.code:
        raise SilentlyWrongError(f"{' '.join(words)}: exit code {done.code}: {done.err[-2000:]}")


def require_sound(root: Path, place: Workplace) -> None:
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


def require_all(root: Path, place: Workplace) -> None:
    """Require that all legs are there."""
    require_sound(root, place)
    if legs_of(root) != list(place.legs):
        raise SilentlyWrongError(f"not all is there: legs {legs_of(root)}")


def require_tidy(root: Path) -> None:
    """Require that nothing is left behind: neither listed by `verify` nor hidden."""
    with Archive(root) as archive:
        left = archive.verify().remarks
    names = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*"))]
    hidden = [name for name in names if is_leftover(name)]
    if left or hidden:
        raise SilentlyWrongError(f"left behind: {left or hidden}")


def is_leftover(name: str) -> bool:
    last = name.rpartition("/")[2]
    return (
        name.startswith("staging/")
        or last.startswith(".")
        or last.endswith((".part", ".old", ".tmp", ".wal"))
    )
