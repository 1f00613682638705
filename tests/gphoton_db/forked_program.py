"""Processes of ``gphoton-db`` that begin with all that takes long to load.

To import and load what an ingest needs takes three times as long as to reduce a small visit.  So a
process loads it once for each process of the tests, and parts for each command: what runs is a
process of its own, with its own arguments, folder, environment, streams, signals and end.

``python -m tests.gphoton_db.forked_program NUMBER`` is that process; it is asked through the socket
of that number.
"""

import atexit
import gc
import importlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
import traceback
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]

COMMANDS = ("ingest", "run")
"""Those that load so much that it is worth it."""

_CHILDS_ENDS = slice(10, 16)
"""Of the arguments of `Popen._execute_child`: both ends of the pipes of the three streams."""

_LOADED = (
    "astropy.io.fits",
    "gphoton_db.archive",
    "gphoton_db.catalogue.restore",
    "gphoton_db.cli.ingest",
    "gphoton_db.cli.run",
    "gphoton_db.intake.many.run",
    "gphoton_db.intake.stage",
    "gphoton_db.pipeline.run_many",
)


class ForkedProgram(subprocess.Popen[str]):
    """Like `subprocess.Popen`, of ``python -m gphoton_db``; reads and writes text."""

    def __init__(self, arguments: list[str], *, folder: Path, environment: dict[str, str]) -> None:
        self._wanted = {"arguments": arguments, "folder": str(folder), "environment": environment}
        self._status = -1
        pipe = subprocess.PIPE
        super().__init__(arguments, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def _execute_child(self, *given: Any) -> None:
        """Have it started; `Popen` has made the pipes."""
        ends = given[_CHILDS_ENDS]
        self._status, told = os.pipe()
        message = json.dumps(self._wanted).encode()
        streams = [ends[0], ends[3], ends[5], told]
        socket.send_fds(_loaded(), [message], streams)
        for end in streams:
            os.close(end)
        self.pid = int(self._line())
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


@cache
def _loaded() -> socket.socket:
    """Return the socket of the process that has loaded everything, which is started here."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    names = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TTY_COMPATIBLE")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(its.fileno())],
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


def main() -> None:
    """Load everything, and part for each command that is asked for."""
    asked = socket.socket(fileno=int(sys.argv[1]))
    for module in _LOADED:
        importlib.import_module(module)
    _load_kernels()
    gc.collect()
    gc.freeze()
    while True:
        message, streams, _, _ = socket.recv_fds(asked, 2**20, 4)
        if not message:
            break
        if not os.fork():
            asked.close()
            _part(json.loads(message), streams)
        for stream in streams:
            os.close(stream)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    with suppress(ChildProcessError):
        while True:
            os.wait()


def _load_kernels() -> None:
    """Have numba take from its cache what an ingest uses."""
    numba: Any = importlib.import_module("numba")
    examples = importlib.import_module("gphoton_db.ingest.kernels.examples")
    compiling = importlib.import_module("gphoton_db.system.compiling")
    for group in examples.GROUPS:
        for kernel, values in compiling.calls_of(group):
            kernel.compile(tuple(map(numba.typeof, values)))


def _part(wanted: dict[str, Any], streams: list[int]) -> NoReturn:
    """Run a command in a child, and tell its number, and how it ended."""
    *given, told = streams
    child = os.fork()
    if not child:
        os.close(told)
        _run(wanted, given)
    for stream in given:
        os.close(stream)
    os.write(told, b"%d\n" % child)
    _, status = os.waitpid(child, 0)
    os.write(told, b"%d\n" % status)
    os._exit(0)


def _run(wanted: dict[str, Any], streams: list[int]) -> NoReturn:
    """Be ``python -m gphoton_db``, to its end."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    sys.argv = [str(ROOT / "gphoton_db" / "__main__.py"), *wanted["arguments"]]
    code: Any = 0
    try:
        importlib.import_module("gphoton_db.cli").main()
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001  it must not go on as its parent would
        traceback.print_exc()
        code = 1
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
        code = 1
    ending: Any = threading
    ending._shutdown()
    ending = atexit
    ending._run_exitfuncs()
    with suppress(OSError):
        sys.stdout.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    main()
