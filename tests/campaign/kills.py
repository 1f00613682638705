"""Kills of every command that writes, at random moments: SIGKILL to all of its processes.

Half of them after a random time, half before a random one of the steps that Python tells of: files
opened to write, renamed and removed; half of these right behind a file that got its name, which
the catalogue may not list yet.  Some in whole processes, most in forked ones.
"""

import mmap
import os
import shutil
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from gphoton_db.archive import Archive
from tests.campaign.before_forks import keep_calibration
from tests.campaign.forked import Command, Prepare, nothing
from tests.campaign.forked_workers import fork_workers
from tests.campaign.looks import require_all, require_complete, require_sound
from tests.campaign.outcome import SilentlyWrongError, Try
from tests.campaign.workplace import Workplace, in_child
from tests.campaign.writers import Writer

STEPS = frozenset(
    ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate",
     "shutil.rmtree", "shutil.copyfile", "fcntl.flock")
)  # fmt: skip
"""Audit events that are steps of a writer; and ``open`` to write."""

MOST_STEPS = 2**20
"""Of a command that are looked at."""

IN_A_ROW = 6
"""Kills of a command that goes on where the one before was killed."""

START_S = 1.5
"""What a fresh Python takes about to begin."""

DISTURBED = 4
"""One in so many lets the command go on, and kills somebody else: a worker of a cluster."""

WHOLE = 40
"""One in so many is a process that started as users start it."""


def kills(place: Workplace, seed: int, writer: Writer, first: int = 0) -> Iterator[Try]:
    """Yield tries for ever: the command is killed, and what it leaves is looked at.

    Some times in a row on one archive; then the command must complete, and nothing may be left.
    What begins at another number is killed at other moments.
    """
    chain = _Chain(place, writer, np.random.default_rng([seed, crc32(writer.name.encode()), first]))
    for number in count(first):
        yield Try(f"{writer.name} (seed {seed}, {first}, {number})", partial(chain.kill, number))


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
        while not self._is_killed(first, whole=number % WHOLE == WHOLE - 1):
            first = 0  # it had ended before: all is done, and there is less left to do
        in_child(self._require_sound)
        if first + 1 < IN_A_ROW:
            self._killed = first + 1
            return
        self._finish()
        in_child(partial(require_complete, self._root, self._place))

    def _require_sound(self) -> None:
        require_sound(self._root, self._place)
        if self._writer.look is not None:
            self._writer.look()

    def _disturb(self, disturb: Callable[[], None]) -> None:
        """Let the command begin, kill somebody else, and require that it does all."""
        self._begin()
        command = self._command()
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
        self._finish(partial(_count_steps, steps))
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
        start = time.monotonic()
        command = self._command(partial(_die_before_step, step) if by_step else nothing, whole)
        if not by_step:
            if command.ends_within(after):  # it is faster now than it was
                self._takes = time.monotonic() - start
            else:
                command.kill()
        done = command.wait()
        if done.code in (-signal.SIGKILL, 0):
            return done.code != 0
        raise SilentlyWrongError(f"after {first} kills: exit code {done.code}: {done.err[-2000:]}")

    def _begin(self) -> None:
        """Make the archive; one that was copied has been opened, which notes where it is now."""
        self._writer.begins(self._root.name)
        if not self._writer.opened or not self._root.exists():
            return
        opened = self._place.folder / "opened" / self._root.name
        if opened.exists():
            shutil.rmtree(self._root)
            shutil.copytree(opened, self._root)
        else:
            in_child(partial(_open, self._root))
            shutil.copytree(self._root, opened)

    def _command(self, prepare: Prepare = nothing, whole: bool = False) -> Command:
        words = ("--archive", str(self._root), *self._writer.words)
        return Command(words, prepare=partial(_with_what_is_known, prepare), whole=whole)

    def _finish(self, prepare: Prepare = nothing) -> None:
        start = time.monotonic()
        done = self._command(prepare).wait()
        self._takes = max(self._takes, time.monotonic() - start)
        if done.code:
            words = " ".join(self._writer.words)
            raise SilentlyWrongError(f"{words}: exit code {done.code}: {done.err[-2000:]}")


def _with_what_is_known(prepare: Prepare) -> None:
    keep_calibration()
    fork_workers()
    prepare()


def _open(root: Path) -> None:
    with Archive(root):
        pass


def _count_steps(steps: mmap.mmap) -> None:
    owner = os.getpid()  # a worker that it forks has this hook, too

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if _is_step(event, arguments) and os.getpid() == owner:
            number = struct.unpack("q", steps[:8])[0]
            if number < MOST_STEPS:
                steps[8 + number] = event == "os.rename"
                steps[:8] = struct.pack("q", number + 1)

    sys.addaudithook(note)


def _die_before_step(number: int) -> None:
    left, owner = [number], os.getpid()

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if _is_step(event, arguments) and os.getpid() == owner:
            left[0] -= 1
            if not left[0]:
                os.killpg(0, signal.SIGKILL)

    sys.addaudithook(note)


def _is_step(event: str, arguments: tuple[Any, ...]) -> bool:
    if event == "open":
        return isinstance(arguments[2], int) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
    return event in STEPS
