"""Work of DuckDB that Ctrl-C stops.

Python looks for Ctrl-C between steps of its own only, and DuckDB computes for long without any.  So
DuckDB works in a thread, and the main thread, which Ctrl-C reaches, waits for it.
"""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from time import monotonic
from typing import TypeVar

import duckdb

from gphoton_db.errors import QueryError

Result = TypeVar("Result")

_NAME = "gphoton-db query"
_REPEATED_S = 0.1

_PATIENCE_S = 2.0


def stoppable(
    connection: duckdb.DuckDBPyConnection,
    work: Callable[[], Result],
    deadline: float | None = None,
) -> Result:
    """Do something with a connection, so that Ctrl-C ends it, or the end of its time.

    At the first Ctrl-C DuckDB is asked to stop, which it does at its next look; a second one does
    not wait for that.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        What `work` uses.
    work : callable
        Does it.
    deadline : float, optional
        When it must be done, by ``time.monotonic``.

    Raises
    ------
    KeyboardInterrupt
        At Ctrl-C.
    QueryError
        If it takes too long.
    """
    if deadline is None and threading.current_thread() is not threading.main_thread():
        return work()
    outcome: Future[Result] = Future()
    threading.Thread(target=_do, args=(work, outcome), name=_NAME, daemon=True).start()
    try:
        return outcome.result(None if deadline is None else max(deadline - monotonic(), 0))
    except TimeoutError:
        _interrupt(connection, outcome)
        raise QueryError("the statement takes longer than it may, and was stopped") from None
    except KeyboardInterrupt:
        while not outcome.done():
            # Again and again: DuckDB forgets it if it was just about to begin.
            connection.interrupt()
            wait([outcome], _REPEATED_S)
        raise


def _interrupt(connection: duckdb.DuckDBPyConnection, outcome: "Future[Result]") -> None:
    """Ask DuckDB to stop; some of its functions do not listen, and are left alone after a while."""
    asked = monotonic()
    while not outcome.done() and monotonic() - asked < _PATIENCE_S:
        connection.interrupt()
        wait([outcome], _REPEATED_S)


def goes_on() -> bool:
    """Return whether DuckDB works on something that nobody waits for any more.

    Closing its connection would wait for that.
    """
    for thread in threading.enumerate():
        if thread.name == _NAME:
            thread.join(_REPEATED_S)
            if thread.is_alive():
                return True
    return False


def end_process(code: int) -> None:
    """End the process at once if `goes_on`, for the interpreter's own end would wait for it."""
    if goes_on():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _do(work: Callable[[], Result], outcome: "Future[Result]") -> None:
    try:
        outcome.set_result(work())
    except BaseException as error:  # noqa: BLE001 -- it is the main thread's
        outcome.set_exception(error)
