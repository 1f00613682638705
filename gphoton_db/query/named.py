"""Named queries: SQL files with declared parameters, of the package and of the user.

A file ``NAME.sql`` holds one statement that reads, under a header (see `gphoton_db.query.header`)
that declares every ``$parameter``: its name, with a default if it may be left out, its type, unit
and meaning::

    -- parameters:
    --   ra                DOUBLE   deg     right ascension of the source
    --   radius := 12.8    DOUBLE   arcsec  radius of the aperture
    --   band := NULL      BAND             NUV or FUV; both if it is left out

Values are bound to the statement and never become a part of its text.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from gphoton_db.errors import GPhotonError, QueryError
from gphoton_db.mission import Band
from gphoton_db.query.header import read_header, split_fields
from gphoton_db.query.parameters import bound_value
from gphoton_db.query.sql_files import read_sql, sql_names

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


def _whole(value: Any) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise ValueError("not a whole number")
    whole = int(value)
    if abs(whole) >= 2**63:
        raise ValueError("more than 64 bits")
    return whole


def _truth(value: Any) -> bool:
    if isinstance(value, str):
        return {"true": True, "false": False}[value.strip().lower()]
    return bool(value)


def _time(value: Any) -> datetime:
    value = bound_value(value, "time")
    from gphoton_db.times import utc_moment  # with numpy

    return utc_moment(value if isinstance(value, datetime) else str(value))


TYPES: Mapping[str, Callable[[Any], Any]] = {
    "DOUBLE": _number,
    "BIGINT": _whole,
    "VARCHAR": str,
    "BOOLEAN": _truth,
    "TIMESTAMP": _time,
    "BAND": lambda value: str(Band.parse(value)),
}
"""Types of parameters, and how a value becomes one."""


@dataclass(frozen=True)
class QueryParameter:
    """A declared parameter.

    Parameters
    ----------
    name : str
        Without the ``$``.
    type : str
        One of `TYPES`.
    unit : str
        Empty where it has none.
    text : str
        What it is.
    required : bool
        Whether it has no default.
    default : object
        Value when it is left out; None is NULL.
    """

    name: str
    type: str
    unit: str
    text: str
    required: bool
    default: Any = None

    def value(self, given: Any) -> Any:
        """Return `given` as a value of the parameter's type; None (NULL) stays what it is.

        Raises
        ------
        QueryError
            If it is not one.
        """
        if given is None:
            return None
        try:
            return TYPES[self.type](self._number_of(given))
        except (GPhotonError, ValueError, TypeError, KeyError, OverflowError) as error:
            unit = f" ({self.unit})" if self.unit else ""
            raise QueryError(
                f"parameter {self.name}{unit} must be a {self.type}, not {given!r}: {error}"
            ) from None

    def _number_of(self, given: Any) -> Any:
        """Return what was given; of a quantity, its value in the parameter's unit."""
        return given.to_value(self.unit) if hasattr(given, "unit") else given


@dataclass(frozen=True)
class NamedQuery:
    """A statement with a name.

    Parameters
    ----------
    name : str
        The file's, without its ending.
    source : str
        The file.
    summary, text : str
        What it gives, in a line, and more about it.
    parameters : tuple of QueryParameter
        In the order of their declaration.
    example : str
        How to call it; may be empty.
    sql : str
        The file's text.
    """

    name: str
    source: str
    summary: str
    text: str
    parameters: tuple[QueryParameter, ...]
    example: str
    sql: str

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the value of every parameter.

        Raises
        ------
        QueryError
            If one that has no default is not given, one is given that it does not have, or a
            value is not of the parameter's type.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                names = ", ".join(known) or "none"
                raise QueryError(f"{self.name} has no parameter {name!r}; it has {names}")
        missing = [p.name for p in self.parameters if p.required and p.name not in given]
        if missing:
            raise QueryError(f"{self.name} needs a value for {', '.join(missing)}")
        return {p.name: p.value(given.get(p.name, p.default)) for p in self.parameters}


def query_names(folder: Path | None = None) -> list[str]:
    """Return the names of all named queries: the package's, and those in a user's folder.

    Raises
    ------
    QueryError
        If the folder cannot be read.
    """
    return sorted({*sql_names("queries"), *_own_files(folder)})


def own_query_names(folder: Path | None) -> list[str]:
    """Return the names of the named queries in a user's folder.

    Raises
    ------
    QueryError
        If the folder cannot be read.
    """
    return list(_own_files(folder))


def load_query(name: str, folder: Path | None = None) -> NamedQuery:
    """Return a named query; one in the user's folder comes before the package's of that name.

    Raises
    ------
    QueryError
        If there is none, or its file cannot be used.
    """
    own = _own_files(folder).get(name)
    if own:
        try:
            return parse_query(name, own.read_text(encoding="utf-8"), str(own))
        except (OSError, UnicodeDecodeError) as error:
            raise QueryError(f"{own}: cannot be read as text ({error})") from None
    if name in sql_names("queries"):
        return parse_query(name, read_sql(f"queries/{name}.sql"), f"queries/{name}.sql")
    names = query_names(folder)
    close = get_close_matches(name, names)
    meant = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(names)}"
    raise QueryError(f"there is no named query {name!r}; {meant}")


def parse_query(name: str, sql: str, source: str) -> NamedQuery:
    """Return the named query that the text of a file is.

    Raises
    ------
    QueryError
        If its header is faulty, it is not one statement, or its parameters are not those that
        the header declares.
    """
    if not _NAME.fullmatch(name):
        raise QueryError(f"{source}: a query's name is of small letters, digits and _, not {name}")
    header = read_header(sql, source)
    lines = header.sections.get("parameters", [])
    parameters = tuple(_parameter(line, source) for line in lines)
    declared = [parameter.name for parameter in parameters]
    used = _used_parameters(sql, source)
    if len(set(declared)) < len(declared):
        raise QueryError(f"{source}: declares a parameter twice")
    if set(declared) != used:
        undeclared, unused = sorted(used - set(declared)), sorted(set(declared) - used)
        raise QueryError(
            f"{source}: the parameters of the statement and of the header differ: "
            f"not declared: {', '.join(undeclared) or 'none'}; "
            f"not used: {', '.join(unused) or 'none'}"
        )
    example = "\n".join(header.sections.get("example", []))
    return NamedQuery(name, source, header.summary, header.text, parameters, example, sql)


def _own_files(folder: Path | None) -> dict[str, Path]:
    if folder is None:
        return {}
    if not folder.is_dir():
        raise QueryError(f"{folder}: is no folder; the setting queries names one with .sql files")
    return {path.stem: path for path in sorted(folder.glob("*.sql"))}


def _used_parameters(sql: str, source: str) -> set[str]:
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryError(f"{source}: {str(error).strip()}") from None
    return {str(name) for statement in statements for name in statement.named_parameters}


def _parameter(line: str, source: str) -> QueryParameter:
    fields = split_fields(line, 4)
    if len(fields) == 3:
        fields.insert(2, "")
    name, has_default, default = (part.strip() for part in fields[0].partition(":="))
    if len(fields) != 4 or not _NAME.fullmatch(name) or fields[1] not in TYPES:
        raise QueryError(
            f"{source}: cannot read the parameter {line!r}: write its name (:= default), type "
            f"({', '.join(TYPES)}), unit and meaning, two blanks or more apart"
        )
    parameter = QueryParameter(name, fields[1], fields[2], fields[3], not has_default)
    if not has_default or default.upper() == "NULL":
        return parameter
    try:
        value = parameter.value(default.strip("'"))
    except QueryError as error:
        raise QueryError(f"{source}: {error}") from None
    return replace(parameter, default=value)
