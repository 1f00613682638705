"""Statements of the page's user, each in a process that can be ended: see `jailed`."""

import json
import re
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

from gphoton_db.errors import QueryError
from gphoton_db.query.documentation import documentation
from gphoton_db.serve.answers import is_text
from gphoton_db.serve.jailed import HEAD, MOST_BYTES
from gphoton_db.serve.refusals import RequestError

LONGEST_SQL = 20_000
"""Characters."""

_MOST_ANSWER = 4 * MOST_BYTES
_STARTING_S = 60.0
_WORD = re.compile(r"\w+")


class _Jail:
    """A process that answers statements, one after the other."""

    def __init__(self, place: str, generation: str, most_rows: int, folder: Path) -> None:
        self._generation = generation
        # It begins nowhere that a file of the user's could be taken for a module.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "gphoton_db.serve.jailed", place, str(most_rows)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        assert self._process.stdout is not None
        assert self._process.stdin is not None
        self._answers, self._lines = self._process.stdout, self._process.stdin
        self._started = False

    def serves(self, generation: str) -> bool:
        """Return whether it lives, and has this version of the catalogue open."""
        return self._generation == generation and self._process.poll() is None

    def answer(self, sql: str, seconds: float) -> dict[str, Any]:
        """Return what it answers in time; it is of no use any more if it does not."""
        if not self._started:
            begun = self._read(monotonic() + _STARTING_S)
            if "error" in begun:
                raise QueryError(str(begun["error"]))
            self._started = True
        self._lines.write(json.dumps({"sql": sql}).encode() + b"\n")
        self._lines.flush()
        return self._read(monotonic() + seconds)

    def _read(self, deadline: float) -> dict[str, Any]:
        size = HEAD.unpack(self._bytes(HEAD.size, deadline))[0]
        if size > _MOST_ANSWER:
            raise QueryError("the rows are too large to be shown: take fewer columns")
        answer: dict[str, Any] = json.loads(self._bytes(size, deadline))
        return answer

    def _bytes(self, n: int, deadline: float) -> bytes:
        content = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            while len(content) < n:
                if not selector.select(max(deadline - monotonic(), 0)):
                    raise TimeoutError
                # Raw: what a buffer holds back, no selector sees.
                part = self._answers.raw.read(n - len(content))  # type: ignore[attr-defined]
                if not part:
                    raise EOFError
                content += part
        return bytes(content)

    def end(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._lines, self._answers):
            try:
                pipe.close()
            except OSError:
                continue  # what it had not read


class Statements:
    """Runs statements on an archive.

    Parameters
    ----------
    place : str
        Folder or address of the archive.
    seconds : float
        How long a statement may take.
    most_rows : int
        Rows of it that are returned.
    """

    def __init__(self, place: str, seconds: float, most_rows: int) -> None:
        self._place, self._seconds, self._most_rows = place, seconds, most_rows
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._lock = Lock()
        self._idle: list[_Jail] = []

    def run(self, sql: str, generation: str) -> dict[str, Any]:
        """Run a statement on a version of the archive.

        Raises
        ------
        QueryError
            If it is none that reads, DuckDB refuses it, or it takes too long or too much memory.
        """
        if not sql.strip() or len(sql) > LONGEST_SQL or not is_text(sql):
            raise RequestError(f"give a statement of SQL, of {LONGEST_SQL:,} characters at most")
        jail = self._taken(generation)
        try:
            answer = jail.answer(sql, self._seconds)
        except TimeoutError:
            jail.end()
            raise QueryError(
                f"the statement took longer than {self._seconds:g} s, and was stopped"
            ) from None
        except (EOFError, OSError):
            jail.end()
            raise QueryError("the statement needed more memory than it may have") from None
        except QueryError:
            jail.end()
            raise
        self._give_back(jail)
        if "error" in answer:
            raise QueryError(str(answer["error"]))
        _comment(answer["columns"], sql)
        return answer

    def _taken(self, generation: str) -> _Jail:
        with self._lock:
            old = [each for each in self._idle if not each.serves(generation)]
            for each in old:
                self._idle.remove(each)
                each.end()
            if self._idle:
                return self._idle.pop()
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="gphoton-db-sql-")
        return _Jail(self._place, generation, self._most_rows, self.folder)

    @property
    def folder(self) -> Path:
        """Where the processes are, and where nothing is: after the first statement."""
        assert self._folder is not None
        return Path(self._folder.name)

    def _give_back(self, jail: _Jail) -> None:
        with self._lock:
            if not self._idle:
                self._idle.append(jail)
                return
        jail.end()

    def close(self) -> None:
        """End all processes that wait for work."""
        with self._lock:
            for each in self._idle:
                each.end()
            self._idle.clear()
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None


def relations() -> dict[str, Any]:
    """Return what ``gphoton-db describe`` knows."""
    return {
        "relations": [
            {
                "name": entry.name,
                "kind": str(entry.kind),
                "signature": entry.signature,
                "comment": entry.summary,
                "text": entry.text,
                "columns": [
                    {"name": each.name, "unit": each.unit, "comment": each.text}
                    for each in entry.columns
                ],
                "parameters": [
                    {
                        "name": each.name,
                        "unit": each.unit,
                        "comment": each.text,
                        "default": each.default,
                    }
                    for each in entry.parameters
                ],
                "example": entry.example,
            }
            for entry in documentation()
        ]
    }


def comments_of(names: Collection[str]) -> dict[str, str]:
    """Return the units of the columns of some relations, and what is said of them."""
    return {
        each.name: f"[{each.unit}] {each.text}" if each.unit else each.text
        for entry in documentation()
        if entry.name in names
        for each in entry.columns
    }


def _comment(columns: list[dict[str, str]], sql: str) -> None:
    """Give columns what is said of those of their names in relations that a statement names."""
    known = comments_of(set(_WORD.findall(sql.lower())))
    for column in columns:
        column["comment"] = known.get(column["name"], "")
