"""Processes of ``gphoton-db`` that begin with all that takes long to load.

To import and load what an ingest needs takes three times as long as to reduce a small visit.  So a
process loads it once for each process of the tests (`tests.gphoton_db.loaded_program`), and parts
for each command, and for each worker that a command or a test starts: what runs is a process of its
own, with its own arguments, folder, environment, streams, signals and end.
"""

import atexit
import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

COMMANDS = ("ingest", "run")
"""Those that load so much that it is worth it."""

MAIN_OF = {"gphoton_db": "gphoton_db.cli", "tests.gphoton_db.dying": "tests.gphoton_db.dying"}
"""Of each module that can be run so, where its ``main`` is."""

LOADED = "tests.gphoton_db.loaded_program"
WORKERS = "gphoton_db.intake.many.workers"

_STANDARD_ERROR = 2

_CHILDS_ENDS = slice(10, 16)
"""Of the arguments of `Popen._execute_child`: both ends of the pipes of the three streams."""


class _Forked(subprocess.Popen[Any]):
    """A process that another one forks; `_status` tells its number, and how it ended."""

    _status = -1

    def _fork(self, wanted: dict[str, Any], streams: list[int]) -> None:
        self._status, told = os.pipe()
        try:
            socket.send_fds(_asked(), [json.dumps(wanted).encode()], [*streams, told])
        finally:
            os.close(told)
        self.pid = int(self._line())
        if self.pid <= 0:
            raise ChildProcessError("the process that has loaded everything has ended")
        self._child_created = True

    def _line(self) -> bytes:
        found = b""
        while not found.endswith(b"\n"):
            found += os.read(self._status, 1) or b"-1\n"
        return found

    def _try_wait(self, flags: int) -> tuple[int, int]:
        """Do what `os.waitpid` does for a child."""
        if flags & os.WNOHANG and not select.select([self._status], [], [], 0)[0]:
            return 0, 0
        status = int(self._line())
        os.close(self._status)
        return self.pid, status

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        if self.returncode is None:
            pid, status = self._try_wait(os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


class ForkedProgram(_Forked):
    """Like `subprocess.Popen`, of ``python -m gphoton_db``; reads and writes text.

    It may be another module of `MAIN_OF`.  Its three streams are pipes, or all the descriptor of a
    terminal.
    """

    def __init__(
        self,
        arguments: list[str],
        *,
        folder: Path,
        environment: dict[str, str],
        module: str = "gphoton_db",
        terminal: int | None = None,
    ) -> None:
        self._wanted = {
            "module": module,
            "arguments": arguments,
            "folder": str(folder),
            "environment": environment,
        }
        self._piped = terminal is None
        each = subprocess.PIPE if terminal is None else terminal
        super().__init__(arguments, stdin=each, stdout=each, stderr=each, text=True)

    def _execute_child(self, *given: Any) -> None:
        """Have it started; `Popen` has made the pipes."""
        ends = given[_CHILDS_ENDS]
        streams = [ends[0], ends[3], ends[5]]
        self._fork(self._wanted, streams)
        for end in streams if self._piped else ():
            os.close(end)


class ForkedWorker(_Forked):
    """What `gphoton_db.intake.many.workers` starts, which gives the descriptor of a connection."""

    def __init__(self, command: list[str], *, env: dict[str, str], pass_fds: list[int], **_: Any):
        self._wanted = {"worker_of": os.getpid(), "folder": str(Path.cwd()), "environment": env}
        self._connection = pass_fds
        super().__init__(command)

    def _execute_child(self, *_: Any) -> None:
        self._fork(self._wanted, [*self._connection, _STANDARD_ERROR])


@contextmanager
def forked_workers() -> Iterator[None]:
    """Fork the workers that this process starts meanwhile."""
    forking = SimpleNamespace(Popen=ForkedWorker, DEVNULL=subprocess.DEVNULL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{WORKERS}.subprocess", forking)
        yield


_ASKED: list[socket.socket] = []
"""The socket of the process that has loaded everything, once there is one."""


def ask_through(inherited: socket.socket) -> None:
    """Have this process, and those that it forks, ask through a socket that is there already."""
    _ASKED[:] = [inherited]


def _asked() -> socket.socket:
    if not _ASKED:
        ask_through(_loaded())
    return _ASKED[0]


def _loaded() -> socket.socket:
    """Start the process that loads everything, and return its socket."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    names = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TTY_COMPATIBLE")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    process = subprocess.Popen(
        [sys.executable, "-m", LOADED, str(its.fileno())],
        cwd=ROOT,
        env={**environment, "PYTHONUNBUFFERED": "1"},
        pass_fds=[its.fileno()],
    )
    its.close()
    atexit.register(_end, ours, process)
    return ours


def _end(ours: socket.socket, process: subprocess.Popen[bytes]) -> None:
    ours.close()
    process.wait()
