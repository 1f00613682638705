"""The comment at the top of every SQL file: what it gives, with which parameters and columns.

::

    -- One line: what it gives.
    --
    -- Any further explanation, in sentences.
    --
    -- parameters:
    --   step      s        length of a bin
    -- columns:
    --   cps       1/s      counts a second,
    --                      corrected for dead time
    -- example:
    --   SELECT * FROM lightcurve(323.4928, -2.064);

Fields of a line are two or more blanks apart; a line that begins deeper goes on with the one
before it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from gphoton_db.errors import QueryError

SECTIONS = ("parameters", "columns", "returns", "example")
"""What a header may have after its text."""

_SECTION = re.compile(rf"({'|'.join(SECTIONS)}):\s*(.*)")
_GOES_ON = re.compile(r"\s{8,}")
_GAP = re.compile(r"\s{2,}")


@dataclass(frozen=True)
class Header:
    """A header, in parts.

    Parameters
    ----------
    summary : str
        Its first line.
    text : str
        Its sentences; paragraphs are separated by an empty line.
    sections : dict of str to list of str
        The lines of each section that it has, those that go on joined.
    """

    summary: str
    text: str
    sections: dict[str, list[str]] = field(default_factory=dict)


def read_header(sql: str, source: str) -> Header:
    """Return the header of an SQL file.

    Parameters
    ----------
    sql : str
        The file's text.
    source : str
        What errors call it.

    Raises
    ------
    QueryError
        If it does not begin with a comment, or has a section twice.
    """
    lines = leading_comment(sql.splitlines())
    if not lines or not lines[0].strip():
        raise QueryError(f"{source}: begin with a comment: -- one line that says what it gives")
    sentences: list[str] = []
    sections: dict[str, list[str]] = {}
    section: str | None = None
    for line in lines[1:]:
        found = _SECTION.fullmatch(line.strip())
        if found:
            section = found[1]
            if section in sections:
                raise QueryError(f"{source}: its header has {section}: twice")
            sections[section] = [found[2]] if found[2] else []
        elif section is None:
            sentences.append(line.strip())
        elif line.strip():
            _add(sections[section], line, joined=section != "example")
    return Header(lines[0].strip(), _paragraphs(sentences), sections)


def leading_comment(lines: Sequence[str]) -> list[str]:
    """Return the lines of the comment that `lines` begin with, without its dashes."""
    comment = []
    for line in lines:
        if not line.startswith("--"):
            break
        comment.append(line.removeprefix("--").removeprefix(" "))
    return comment


def split_fields(line: str, most: int) -> list[str]:
    """Return the fields of a line, of which the last one may hold any blanks."""
    return _GAP.split(line.strip(), maxsplit=most - 1)


def _add(lines: list[str], line: str, *, joined: bool) -> None:
    if joined and lines and _GOES_ON.match(line):
        lines[-1] = f"{lines[-1]} {line.strip()}"
    else:
        lines.append(line.strip())


def _paragraphs(sentences: list[str]) -> str:
    text = "\n".join(sentences).strip()
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
