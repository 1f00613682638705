"""Where the command line talks: results to standard output, everything else to standard error."""

import json
import sys
from datetime import datetime
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
    json.dump(value, sys.stdout, default=_plain, indent=2)
    sys.stdout.write("\n")


def print_archive(root: Path) -> None:
    """Say which archive is in use."""
    notes.print(f"archive: {root}", style="dim", markup=False)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)
