"""Consoles of rich whose texts a terminal does not obey."""

import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from gphoton_db.cli.shown_text import PIPE_WIDTH, visible


class _Visible(Console):
    def render_str(self, text: str, **options: Any) -> Text:
        """Return a text as it is to be printed; all strings go through this."""
        return super().render_str(visible(text), **options)


def made(*, errors: bool) -> Console:
    """Return a console for standard error, or for standard output."""
    width = None if errors or sys.stdout.isatty() else PIPE_WIDTH
    # A name such as :100: is no picture.
    return _Visible(stderr=errors, highlight=False, soft_wrap=True, emoji=False, width=width)
