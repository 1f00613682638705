"""Commands and tries in forked children of a process that has imported everything.

A fresh Python takes seconds to load numba, DuckDB and the rest; a fork takes some milliseconds.
What crashes or hangs in a child ends the child alone.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import IO, Any, NoReturn

from tests.campaign.outcome import LONGEST_S, Outcome, Tried, Try, attempt
from tests.gphoton_db.archives import ROOT

COMMAND_S = 900.0
"""A command that takes longer hangs: on a busy machine, at a low priority, one takes minutes."""

Prepare = Callable[[], object]


def import_what_it_imports(root: Path, *words: str) -> None:
    """Run a command, and import here what it imported: who runs it later may not read that."""
    with tempfile.NamedTemporaryFile("r") as names:
        run_command(root, *words, prepare=partial(_note_imports, Path(names.name)))
        for name in names.read().split():
            with suppress(Exception):
                import_module(name)


def _note_imports(path: Path) -> None:
    file = path.open("a", buffering=1)

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "import":
            file.write(f"{arguments[0]}\n")

    sys.addaudithook(note)


def nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code (less than 0: a signal; None: a hang), and its words."""

    code: int | None
    out: str
    err: str


class Command:
    """A command of gphoton-db that runs in a process group of its own.

    Parameters
    ----------
    words : tuple of str
        Its arguments, with those of the archive.
    prepare : callable
        Called in the process before the command begins.
    whole : bool
        Start a fresh Python, as users do, and not a fork of this process.
    """

    def __init__(
        self, words: tuple[str, ...], *, prepare: Prepare = nothing, whole: bool = False
    ) -> None:
        self._files = ExitStack()
        self._out, self._err = (self._files.enter_context(_file()) for _ in range(2))
        start = self._start_whole if whole else self._fork
        self.pid = start(words, prepare)

    def wait(self, seconds: float = COMMAND_S) -> Done:
        """Wait for the end; what takes longer is killed."""
        code = ended(self.pid, seconds)
        if code is None:
            self.kill()
            ended(self.pid, None)
        with self._files:
            return Done(code, _text(self._out), _text(self._err))

    def kill(self) -> None:
        """End all of its processes at once."""
        os.killpg(self.pid, signal.SIGKILL)

    def ends_within(self, seconds: float) -> bool:
        """Wait a while; return whether it has ended."""
        return _is_over(self.pid, seconds)

    def _fork(self, words: tuple[str, ...], prepare: Prepare) -> int:
        child = _forked()
        if not child:
            os.setpgid(0, 0)
            _be_command(words, prepare, self._out.fileno(), self._err.fileno())
        _lead(child)
        return child

    def _start_whole(self, words: tuple[str, ...], prepare: Prepare) -> int:
        return subprocess.Popen(
            [sys.executable, "-m", "gphoton_db", *words],
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=self._err,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            process_group=0,
            preexec_fn=prepare,
        ).pid


def attempts(
    make: Callable[[], Iterator[Try]], n: int, *, seconds: float = LONGEST_S, grace: float = 20.0
) -> Iterator[Tried]:
    """Try the first `n` of some damaged inputs in a child; another one goes on where it dies.

    Parameters
    ----------
    make : callable
        Makes them, always the same.
    n : int
        How many.
    seconds : float
        What takes longer hangs.
    grace : float
        So much later what cannot be interrupted is killed, s.
    """
    done = 0
    while done < n:
        before = done
        for tried in _in_child(make, done, n, seconds, grace):
            done += 1
            yield tried
        if done == before:
            return  # there are no more


def _in_child(
    make: Callable[[], Iterator[Try]], first: int, n: int, seconds: float, grace: float
) -> Iterator[Tried]:
    """Yield what a child says of its tries and, if it died, what came of the last one."""
    ours, theirs = os.pipe()
    child = _forked()
    if not child:
        os.close(ours)
        _try_them(make, first, n, theirs, seconds)
    os.close(theirs)
    begun = None
    try:
        # What cannot be interrupted, such as a loop in C, is ended from here.
        for line in _lines(ours, seconds + grace):
            damage, outcome, said = json.loads(line)
            begun = damage if outcome is None else None
            if outcome is not None:
                yield Tried(damage, Outcome(outcome), said)
    finally:  # also where nobody asks for more
        os.close(ours)
        code = _reaped(child, grace)
    if begun is not None:
        outcome = Outcome.HANG if code is None else Outcome.TRACEBACK
        yield Tried(begun, outcome, f"its process ended with {code}")


def _lines(pipe: int, seconds: float) -> Iterator[bytes]:
    """Yield lines as they come, to the end, or until none comes for so long."""
    rest = b""
    while select.select([pipe], [], [], seconds)[0] and (more := os.read(pipe, 1 << 16)):
        *lines, rest = (rest + more).split(b"\n")
        yield from lines


def _reaped(child: int, grace: float) -> int | None:
    """Return how a child ended that has nothing more to say; None if it has to be killed."""
    code = ended(child, grace)
    if code is None:
        os.kill(child, signal.SIGKILL)
        ended(child, None)
    return code


def _try_them(
    make: Callable[[], Iterator[Try]], first: int, n: int, pipe: int, seconds: float
) -> NoReturn:
    # Readers of others write to standard error what they think of damaged files.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        with os.fdopen(pipe, "w", encoding="utf-8", errors="backslashreplace", buffering=1) as say:
            for one in islice(make(), first, n):
                say.write(json.dumps([one.damage, None, ""]) + "\n")
                tried = attempt(one, int(seconds))
                say.write(json.dumps([tried.damage, tried.outcome, tried.said]) + "\n")
    finally:
        os._exit(0)


def ended(pid: int, seconds: float | None) -> int | None:
    """Wait for the end of a child, and return its exit code; None if it does not end in time."""
    if not _is_over(pid, seconds):
        return None
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def _is_over(pid: int, seconds: float | None) -> bool:
    descriptor = os.pidfd_open(pid)
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def _forked() -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    return os.fork()


def _lead(child: int) -> None:
    """Make a child the leader of a group from here, too: whoever comes first."""
    with suppress(PermissionError, ProcessLookupError):  # it has done so, or is gone
        os.setpgid(child, child)


def _be_command(words: tuple[str, ...], prepare: Prepare, out: int, err: int) -> NoReturn:
    """Be gphoton-db with some arguments, to the end of the process."""
    from gphoton_db.cli import main

    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        sys.argv = ["gphoton-db", *words]
        prepare()
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  what Python itself would do
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)


def _file() -> IO[bytes]:
    return tempfile.TemporaryFile()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def run_command(
    root: Path | None,
    *words: object,
    prepare: Prepare = nothing,
    whole: bool = False,
    seconds: float = COMMAND_S,
) -> Done:
    """Run a command on an archive to its end."""
    archive = () if root is None else ("--archive", str(root))
    command = Command((*archive, *map(str, words)), prepare=prepare, whole=whole)
    return command.wait(seconds)
