"""A process that has loaded all that takes long, and parts for each that `forked_program` asks for.

``python -m tests.gphoton_db.loaded_program NUMBER`` is asked through the socket of that number.
"""

import atexit
import gc
import importlib
import json
import os
import select
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from tests.gphoton_db.forked_program import MAIN_OF, ROOT, ask_through, forked_workers

_LOADED = (
    "astropy.io.fits",
    "astropy.wcs",
    "gphoton_db.archive",
    "gphoton_db.catalogue.restore",
    "gphoton_db.cli.ingest",
    "gphoton_db.cli.run",
    "gphoton_db.intake.many.run",
    "gphoton_db.intake.many.worker",
    "gphoton_db.intake.stage",
    "gphoton_db.pipeline.run_many",
)


def main() -> None:
    """Load everything, and part for each process that is asked for."""
    asked = socket.socket(fileno=int(sys.argv[1]))
    ours, by_children = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ask_through(ours)
    load_everything()
    with forked_workers():
        while _answer([asked, by_children]):
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
    for each in (asked, ours, by_children):
        each.close()
    with suppress(ChildProcessError):
        while True:
            os.wait()


def load_everything() -> None:
    """Import what an ingest and a run use, with their kernels, before this process parts."""
    for module in _LOADED:
        importlib.import_module(module)
    _load_kernels()
    gc.collect()
    gc.freeze()


def _load_kernels() -> None:
    """Have numba take from its cache what an ingest and a run use."""
    numba: Any = importlib.import_module("numba")
    calls_of = importlib.import_module("gphoton_db.system.compiling").calls_of
    ingest = importlib.import_module("gphoton_db.ingest.kernels.examples")
    products = importlib.import_module("gphoton_db.products.kernels.examples")
    for group in (*ingest.GROUPS, *products.RUN_GROUPS):
        for kernel, values in calls_of(group):
            kernel.compile(tuple(map(numba.typeof, values)))


def _answer(sockets: list[socket.socket]) -> bool:
    """Do what is asked for next; return whether there is somebody who may ask again."""
    (one, *_), _, _ = select.select(sockets, [], [])
    message, streams, _, _ = socket.recv_fds(one, 2**20, 4)
    if not message:
        return False
    if not os.fork():
        for each in sockets:
            each.close()
        _part(json.loads(message), streams)
    for stream in streams:
        os.close(stream)
    return True


def _part(wanted: dict[str, Any], streams: list[int]) -> NoReturn:
    """Run what is asked for in a child, and tell its number, and how it ended."""
    *given, told = streams
    child = os.fork()
    if not child:
        os.close(told)
        run = _run_worker if "worker_of" in wanted else _run
        _be(run, wanted, given)
    for stream in given:
        os.close(stream)
    os.write(told, b"%d\n" % child)
    _, status = os.waitpid(child, 0)
    with suppress(BrokenPipeError):  # whoever asked has ended
        os.write(told, b"%d\n" % status)
    os._exit(0)


def _be(
    run: Callable[[dict[str, Any], list[int]], None], wanted: dict[str, Any], streams: list[int]
) -> NoReturn:
    """Be a process of Python, to its end."""
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    code: Any = 0
    try:
        run(wanted, streams)
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


def _run(wanted: dict[str, Any], streams: list[int]) -> None:
    """Be ``python -m gphoton_db``, or another module of `MAIN_OF`."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.argv = [str(ROOT / "gphoton_db" / "__main__.py"), *wanted["arguments"]]
    importlib.import_module(MAIN_OF[wanted["module"]]).main()


def _run_worker(wanted: dict[str, Any], streams: list[int]) -> None:
    """Be ``python -m gphoton_db.intake.many.worker``."""
    connection, errors = streams
    nothing = os.open(os.devnull, os.O_RDWR)
    for number, stream in enumerate((nothing, nothing, errors)):
        os.dup2(stream, number)
    for stream in (nothing, errors):
        os.close(stream)
    os.setsid()
    # By this name tests find the workers of a process: of its parent it knows nothing.
    with suppress(OSError):
        Path("/proc/self/comm").write_text(f"for-{wanted['worker_of']}", "ascii")
    sys.argv = ["worker", str(connection)]
    importlib.import_module("gphoton_db.intake.many.worker").main()


if __name__ == "__main__":
    main()
