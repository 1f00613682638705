"""The process in which statements of the page's user run: ``python -m gphoton_db.serve.jailed``.

It has one version of the catalogue open, read-only and confined to the archive (`catalogue.jail`),
writes no file any more, has bounded memory, and ends with the server.  The server ends it when a
statement takes too long, for some of DuckDB's functions listen to nothing else.

A request is a line of JSON; an answer four bytes with its length, and JSON.
"""

import json
import os
import queue
import resource
import struct
import sys
import threading
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb

from gphoton_db.catalogue.jail import Limits
from gphoton_db.catalogue.places import catalogue_at
from gphoton_db.errors import GPhotonError
from gphoton_db.query.query import prepare_session
from gphoton_db.query.streamed import streamed_query
from gphoton_db.serve.rows import values_of
from gphoton_db.system.memory import share_arenas

HEAD = struct.Struct(">I")

MEMORY = "1GB"
"""Of DuckDB, as it counts it."""

_MOST_ADDRESSES = 3_000_000_000
"""Bytes of the process, beyond what it has when it begins."""

MOST_BYTES = 16_000_000
"""Of an answer's rows."""


def main(place: str, most_rows: int) -> None:
    """Answer statements until the server closes the pipe."""
    share_arenas()  # each would have addresses of its own
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries may print belongs to nobody
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    try:
        connection = _confined(place)
    except GPhotonError as error:
        _send(answers, {"error": str(error)})
        return
    _send(answers, {})
    while True:
        _send(answers, _answer(connection, json.loads(lines.get())["sql"], most_rows))


def _read(lines: "queue.SimpleQueue[bytes]") -> None:
    for line in sys.stdin.buffer:
        lines.put(line)
    os._exit(0)  # the server has ended, whatever DuckDB does just now


def _confined(place: str) -> duckdb.DuckDBPyConnection:
    connection = catalogue_at(place).reader(Limits(memory=MEMORY))
    prepare_session(connection)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = _addresses() + _MOST_ADDRESSES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    return connection


def _addresses() -> int:
    """Return how many bytes the process has addresses of."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    return pages * resource.getpagesize()


def _answer(connection: duckdb.DuckDBPyConnection, sql: str, most_rows: int) -> dict[str, Any]:
    start = perf_counter()
    try:
        with streamed_query(connection, sql) as stream:
            schema = stream.schema
            rows, truncated = _rows(stream.batches, most_rows)
    except GPhotonError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "the statement needs more memory than it may have"}
    except duckdb.Error as error:
        return {"error": f"the statement cannot be run: {error}"}
    columns = [{"name": field.name, "type": str(field.type)} for field in schema]
    seconds = round(perf_counter() - start, 3)
    return {"columns": columns, "rows": rows, "truncated": truncated, "seconds": seconds}


def _rows(batches: Any, most_rows: int) -> tuple[list[list[Any]], bool]:
    """Return rows, as JSON has them, and whether there are more."""
    rows: list[list[Any]] = []
    n_bytes = 0
    for batch in batches:
        some = batch.slice(0, most_rows + 1 - len(rows))
        columns = [
            values_of(column, name)
            for name, column in zip(some.schema.names, some.columns, strict=True)
        ]
        for row in zip(*columns, strict=True):
            n_bytes += len(json.dumps(row))
            if len(rows) == most_rows or n_bytes > MOST_BYTES:
                return rows, True
            rows.append(list(row))
    return rows, False


def _send(answers: Any, answer: dict[str, Any]) -> None:
    content = json.dumps(answer, allow_nan=False).encode()
    answers.write(HEAD.pack(len(content)) + content)
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
