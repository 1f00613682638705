"""Workers of a run that are forks of it, and not each a fresh Python that imports everything.

What a campaign kills is the run; one in some still starts its workers as users do.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, NoReturn

from gphoton_db.intake.many import worker, workers

MOST_FILES = 4096
"""That a process may have open."""


def fork_workers() -> None:
    """Have this process fork the workers of its runs."""
    forking = SimpleNamespace(Popen=_ForkedWorker, DEVNULL=subprocess.DEVNULL)
    vars(workers)["subprocess"] = forking  # there alone


class _ForkedWorker:
    """What `gphoton_db.intake.many.workers` needs of a `subprocess.Popen`."""

    def __init__(self, _command: list[str], *, pass_fds: tuple[int], **_options: Any) -> None:
        self.pid = os.fork()
        if not self.pid:
            _be_worker(*pass_fds)
        self._code: int | None = None

    def kill(self) -> None:
        """End it now, if it has not ended."""
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for its end, and return its exit code."""
        if self._code is None:
            _, status = os.waitpid(self.pid, 0)
            self._code = os.waitstatus_to_exitcode(status)
        return self._code


def _be_worker(connection: int) -> NoReturn:
    """Be a worker, to the end of the process."""
    code = 1
    with suppress(BaseException):
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)
        os.dup2(nowhere, 1)
        # It ends when the run's end of the connection is closed, of which it has a copy here.
        os.closerange(3, connection)
        os.closerange(connection + 1, MOST_FILES)
        sys.argv = ["worker", str(connection)]
        worker.main()
        code = 0
    os._exit(code)
