"""Errors of DuckDB about a statement, with the place in it and with similar names."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import duckdb

from gphoton_db.query.sql_files import point_at
from gphoton_db.query.statement import Statement

LISTED_NAMES = 5
"""Names that a message lists at the most."""

_MISSING_ENTRY = "MISSING_ENTRY"
_COLUMN_NOT_FOUND = "COLUMN_NOT_FOUND"

_NOT_IN_TABLE = re.compile(r'(?:Table|Values list) "(.+)" does not have a column named "(.+)"')
_WORD = re.compile(r'(?:"(?:[^"]|"")*"|[\w.])+|.', re.DOTALL)

_DISABLED = " - file system operations are disabled by configuration"

_CONFINED = (
    "a statement sees the archive and no other file; gphoton-db sql --file (files= in Python) "
    "names others that it may read"
)

_NAMES = """
SELECT table_name FROM duckdb_tables() WHERE NOT internal
UNION
SELECT view_name FROM duckdb_views() WHERE NOT internal
"""

_COLUMNS = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"

_MACROS = """
SELECT function_name, function_type, parameters
FROM duckdb_functions()
WHERE NOT internal AND function_type IN ('macro', 'table_macro')
    -- Text of the index, which nobody calls.
    AND NOT regexp_matches(function_name, '^legs_of_(patch|block|merged)_')
"""


@dataclass(frozen=True)
class _Complaint:
    """DuckDB's error, as it gives it with ``errors_as_json``."""

    kind: str
    message: str
    subtype: str = ""
    missing: str = ""
    name: str = ""
    candidates: tuple[str, ...] = ()
    position: int | None = None


def explained_error(
    connection: duckdb.DuckDBPyConnection, statement: Statement, error: duckdb.Error
) -> str:
    """Return what is wrong with a statement, where, and what may have been meant.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the catalogue, whose names are suggested.
    statement : Statement
        What was run.
    error : duckdb.Error
        What DuckDB said, best with its setting ``errors_as_json``.
    """
    complaint = _read(error)
    if complaint is None:
        return str(error).strip()
    if complaint.subtype == _MISSING_ENTRY:
        message = _no_such_entry(connection, statement, complaint)
    elif complaint.subtype == _COLUMN_NOT_FOUND:
        message = _no_such_column("here", complaint.name, complaint.candidates)
    elif found := _NOT_IN_TABLE.match(complaint.message):
        similar = re.findall('"([^"]+)"', complaint.message[found.end() :])
        similar = similar or _columns_of_views(connection, statement)
        message = _no_such_column(f'in "{found[1]}"', found[2], similar)
    elif _DISABLED in complaint.message:
        message = f"{complaint.message.partition(_DISABLED)[0]}: {_CONFINED}"
    else:
        message = f"{complaint.kind} Error: {complaint.message}"
    words = _place(statement.sql, complaint)
    return point_at(statement.sql, *words, message) if words else message


def _read(error: duckdb.Error) -> _Complaint | None:
    text = str(error)
    try:
        content = json.loads(text[text.index("{") :])
        position = content.get("position")
        return _Complaint(
            kind=content["exception_type"],
            message=content["exception_message"].strip(),
            subtype=content.get("error_subtype", ""),
            missing=content.get("type", ""),
            name=content.get("name", ""),
            candidates=tuple(filter(None, content.get("candidates", "").split(","))),
            position=None if position is None else int(position),
        )
    except (ValueError, KeyError, AttributeError):
        return None  # an error of DuckDB's Python module, in words


def _no_such_column(where: str, name: str, similar: Sequence[str]) -> str:
    close = _similar(name, similar)
    message = f'there is no column "{name}" {where}{_meant(close)}'
    if similar and not close:
        message += f"; the most similar ones are {', '.join(_quoted(similar[:LISTED_NAMES]))}"
    return message


def _no_such_entry(
    connection: duckdb.DuckDBPyConnection, statement: Statement, complaint: _Complaint
) -> str:
    """Say what a missing table or function may be, of those in the catalogue."""
    macros = {name: (kind, names) for name, kind, names in connection.execute(_MACROS).fetchall()}
    wanted = "macro" if complaint.missing == "Scalar Function" else "table_macro"
    of_this_kind = [name for name, (kind, _) in macros.items() if kind == wanted]
    if complaint.missing == "Table":
        what = "table or view"
        views = [str(name) for (name,) in connection.execute(_NAMES).fetchall()]
        known = [*statement.subqueries, *views, *of_this_kind]
    else:
        what = complaint.missing.lower()
        known = [*of_this_kind, *complaint.candidates]
    message = f'there is no {what} "{complaint.name}"'
    if complaint.name in macros:
        kind, parameters = macros[complaint.name]
        before = "FROM " if kind == "table_macro" else "SELECT "
        return f"{message}, but a macro: {before}{complaint.name}({', '.join(parameters)})"
    return message + _meant(_similar(complaint.name, known))


def _columns_of_views(connection: duckdb.DuckDBPyConnection, statement: Statement) -> list[str]:
    """Return the columns of the views in a statement, of which DuckDB says none."""
    words = {word.lower() for word in re.findall(r"\w+", statement.sql)}
    rows = connection.execute(_COLUMNS).fetchall()
    return [str(column) for view, column in rows if view in words]


def _similar(name: str, names: Sequence[str]) -> list[str]:
    return get_close_matches(name, list(dict.fromkeys(names)), n=2, cutoff=0.7)


def _meant(names: Sequence[str]) -> str:
    return f"; did you mean {' or '.join(_quoted(names))}?" if names else ""


def _quoted(names: Sequence[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _place(sql: str, complaint: _Complaint) -> tuple[int, int] | None:
    """Return which words of the statement the error is about, where that is certain.

    In a view or a macro the position is one in its own definition.
    """
    if complaint.position is None:
        return None
    start = len(sql.encode()[: complaint.position].decode(errors="ignore"))
    if complaint.kind == "Parser" and start >= len(sql.rstrip()):
        return len(sql.rstrip()), len(sql.rstrip()) + 1
    word = _WORD.match(sql, start)
    # Of `legs.nothing` the error may name the last part only.
    name = word[0].rpartition(".")[2].strip('"') if word else ""
    if word and name and name.lower() in f"{complaint.name} {complaint.message}".lower():
        return word.span()
    return None
