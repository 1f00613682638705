"""Output of the command line: results to standard output, the rest to standard error."""

import json
import math
import sys
from datetime import date, time
from pathlib import Path
from typing import Any

from rich.console import Console

notes = Console(stderr=True, highlight=False, soft_wrap=True)
"""For messages to a person."""

_PIPE_WIDTH = None if sys.stdout.isatty() else 160
results = Console(highlight=False, soft_wrap=True, width=_PIPE_WIDTH)
"""For what the command was asked for."""


def print_json(value: Any) -> None:
    """Print a result for machines: one JSON document on standard output."""
    sys.stdout.write(to_json(value))


def to_json(value: Any) -> str:
    """Return a result as a JSON document; numbers that JSON does not know (NaN) are null."""
    return json.dumps(_plain(value), allow_nan=False, indent=2) + "\n"


def print_archive(root: Path) -> None:
    """Say which archive is in use."""
    notes.print(f"archive: {root}", style="dim", markup=False)


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
