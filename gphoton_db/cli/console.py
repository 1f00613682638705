"""Output of the command line: results to standard output, the rest to standard error."""

import io
import json
import math
import os
import sys
from codecs import getincrementaldecoder
from datetime import date, time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from gphoton_db.cli.shown_text import visible
from gphoton_db.remote.files import shown

if TYPE_CHECKING:
    from rich.console import Console
    from typing_extensions import Buffer


def counted(n: int, thing: str) -> str:
    """Return a number of things: ``1 leg``, ``2,000 legs``."""
    return f"{n:,} {thing}{'s' * (n != 1)}"


class Output:
    """Prints texts that a terminal does not obey; only colours of our own reach it.

    rich is loaded where there is a terminal, or markup: it takes longer than all that is printed.

    Parameters
    ----------
    errors : bool
        To standard error.
    made : Console, optional
        What prints, in the place of one that is made when it is needed.
    """

    def __init__(self, *, errors: bool = False, made: "Console | None" = None) -> None:
        self._errors = errors
        self._made = made

    @property
    def file(self) -> IO[str]:
        """Where the texts go."""
        if self._made is not None:
            return self._made.file
        return sys.stderr if self._errors else sys.stdout

    @property
    def is_terminal(self) -> bool:
        """Whether a person looks at it, as rich sees it."""
        if self._made is None and not any(map(os.environ.get, _SAYS_WHAT_IT_IS)):
            return self.file.isatty()
        return self.console.is_terminal

    @property
    def console(self) -> "Console":
        """What lays out tables, and colours."""
        if self._made is None:
            from gphoton_db.cli.rich_console import made

            self._made = made(errors=self._errors)
        return self._made

    def print(
        self,
        *objects: Any,
        style: str | None = None,
        markup: bool = True,
        end: str = "\n",
        soft_wrap: bool = True,
    ) -> None:
        """Print texts, or tables of rich, as rich's own ``print`` does."""
        plain = all(isinstance(each, str) and "\t" not in each for each in objects)
        text = " ".join(objects) if plain else ""
        if not plain or (markup and "[" in text) or self.is_terminal:
            self.console.print(*objects, style=style, markup=markup, end=end, soft_wrap=soft_wrap)
            return
        self.file.write(visible(text) + end)
        self.file.flush()


_SAYS_WHAT_IT_IS = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "JUPYTER_COLUMNS")
"""Variables by which rich takes for a terminal what is none, and the other way round."""

notes = Output(errors=True)
"""For messages to a person."""

results = Output()
"""For what the command was asked for."""


class _VisibleBytes(io.RawIOBase):
    """Text that is written to a terminal, which does not obey it.

    Parameters
    ----------
    file : BinaryIO
        The terminal.
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self._decoder = getincrementaldecoder("utf-8")("backslashreplace")

    def writable(self) -> bool:
        """Return that it can be written to."""
        return True

    def write(self, content: "Buffer", /) -> int:
        """Write a part of the text."""
        whole = bytes(content)
        self._file.write(visible(self._decoder.decode(whole)).encode())
        return len(whole)

    def flush(self) -> None:
        """Show what was written."""
        self._file.flush()


def standard_output() -> BinaryIO:
    """Return where bytes of text go that were asked for: as they are, unless to a terminal."""
    sys.stdout.flush()
    if sys.stdout.isatty():
        return cast("BinaryIO", _VisibleBytes(sys.stdout.buffer))
    return sys.stdout.buffer


def print_json(value: Any) -> None:
    """Print a result for machines: one JSON document on standard output."""
    sys.stdout.write(to_json(value))


def to_json(value: Any) -> str:
    """Return a result as a JSON document; numbers that JSON does not know (NaN) are null."""
    return json.dumps(_plain(value), allow_nan=False, indent=2) + "\n"


def print_archive(root: Path) -> None:
    """Say which archive is in use."""
    notes.print(f"archive: {shown(root)}", style="dim", markup=False)


def _plain(value: Any) -> Any:
    match value:
        case None | str() | int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case date() | time():
            return value.isoformat()
        case bytes():
            return value.hex()
    return str(value)
