"""Texts as they are shown: without what a terminal obeys, and how wide where there is none."""

import re

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that a terminal obeys instead of showing them, but for tabs and ends of lines."""

PIPE_WIDTH = 160
"""Of tables that go to no terminal, in characters."""


def visible(text: str) -> str:
    r"""Return a text with control characters as they are written in Python, such as ``\x1b``.

    Names and values come from files, which may be a stranger's: a terminal must not obey them.
    """
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)
