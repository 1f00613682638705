"""The SQL files of the package, and text that goes into SQL where no parameter can be bound."""

from functools import cache
from importlib.resources import files
from typing import Any

from gphoton_db.query.constants import with_constants

SHOWN_CHARACTERS = 100
"""Of a line of SQL that a message quotes."""


def read_sql(name: str) -> str:
    """Return the text of an SQL file, such as ``views/photons.sql``, with values for constants."""
    return with_constants(_read(name))


@cache
def _read(name: str) -> str:
    """Return the text of an SQL file as it stands in the package: several ask for the same."""
    text: str = _package().joinpath(*name.split("/")).read_text(encoding="utf-8")
    return text


def sql_names(folder: str) -> list[str]:
    """Return the names, without ending and in order, of the SQL files in a folder of the package.

    A folder that the package does not have holds none.
    """
    place = _package().joinpath(folder)
    if not place.is_dir():
        return []
    return sorted(f.name.removesuffix(".sql") for f in place.iterdir() if f.name.endswith(".sql"))


@cache
def _package() -> Any:
    """Return the folder; to find it takes longer than to read a file in it."""
    return files("gphoton_db.sql")


def literal(text: str) -> str:
    """Return `text` as an SQL string literal, quotes and all.

    For the few places where DuckDB takes no bound parameter: ATTACH, and view definitions.
    """
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return a name, quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def point_at(sql: str, start: int, end: int, message: str) -> str:
    """Return `message` with the place in `sql` that it is about, and that line, underlined.

    Parameters
    ----------
    sql : str
        The statement as it was written.
    start, end : int
        The words in question, ``sql[start:end]``.
    message : str
        What is wrong with them.
    """
    line_start = sql.rfind("\n", 0, start) + 1
    line_end = sql.find("\n", start)
    line = sql[line_start : line_end if line_end >= 0 else len(sql)]
    column = start - line_start
    width = max(min(end - start, len(line) - column), 1)
    # A long line is cut to what surrounds the words.
    left = max(0, column - SHOWN_CHARACTERS // 2) if len(line) > SHOWN_CHARACTERS else 0
    shown = line[left : left + SHOWN_CHARACTERS].replace("\t", " ").rstrip()
    marks = " " * (column - left) + "^" * min(width, SHOWN_CHARACTERS)
    place = f"line {sql.count(chr(10), 0, start) + 1}, column {column + 1}"
    return f"{place}: {message}\n  {shown}\n  {marks}"
