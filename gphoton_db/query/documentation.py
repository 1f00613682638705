"""What the catalogue's tables, views and macros hold, as the headers of their SQL files say it.

The same texts are what ``gphoton-db describe`` prints, the COMMENTs in the catalogue, and the
reference in ``docs/sql.md``, which `gphoton_db.query.reference` makes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from gphoton_db.errors import QueryError
from gphoton_db.paths import SEGMENTED
from gphoton_db.query.header import leading_comment, read_header, split_fields
from gphoton_db.query.named import QueryParameter, load_query
from gphoton_db.query.sql_files import literal, read_sql, sql_names

_MACRO = re.compile(r"MACRO\s+\w+\s*\((.*?)\)\s+AS\s+(TABLE\b)?", re.DOTALL)
_TABLE = re.compile(
    r"((?:^--[^\n]*\n)*)^CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*?)^\);", re.M | re.S
)
_COLUMN = re.compile(r"^ {4}([a-z]\w*) [A-Z][^\n]*?(?:-- (?:\[(.+?)\] )?([^\n]*))?$", re.M)
"""A column of a table: its name, and behind the dashes its [unit] and meaning."""


ALL_COLUMNS = "(all)"
"""Name of a line in a header that stands for the columns of the view that it ends with."""


class Kind(StrEnum):
    """What can be asked for by a name."""

    VIEW = "view"
    TABLE_MACRO = "table macro"
    MACRO = "macro"
    TABLE = "table"
    QUERY = "query"


_OBJECTS = {
    Kind.VIEW: "VIEW",
    Kind.TABLE: "TABLE",
    Kind.MACRO: "MACRO",
    Kind.TABLE_MACRO: "MACRO TABLE",
}
"""What COMMENT ON calls them."""


@dataclass(frozen=True)
class Field:
    """A column or a parameter.

    Parameters
    ----------
    name : str
        Its name.
    unit : str
        Empty where it has none.
    text : str
        What it is.
    default : str or None
        In SQL; None where a value must be given (and for columns).
    """

    name: str
    unit: str
    text: str
    default: str | None = None


@dataclass(frozen=True)
class Entry:
    """What the documentation has on one name.

    Parameters
    ----------
    name : str
        Its name.
    kind : Kind
        What it is.
    summary, text : str
        One line, and more in paragraphs.
    parameters : tuple of Field
        Of a macro or a named query.
    columns : tuple of Field
        Of the rows that it gives.
    returns : Field or None
        What a scalar macro gives; it has no name.
    example : str
        A statement, or a command; may be empty.
    """

    name: str
    kind: Kind
    summary: str
    text: str
    parameters: tuple[Field, ...] = ()
    columns: tuple[Field, ...] = ()
    returns: Field | None = None
    example: str = ""

    @property
    def signature(self) -> str:
        """How it is written in a statement, or on the command line."""
        if self.kind is Kind.QUERY:
            return " ".join(["gphoton-db query", self.name, *map(_option, self.parameters)])
        if self.kind in (Kind.MACRO, Kind.TABLE_MACRO):
            return f"{self.name}({', '.join(map(_argument, self.parameters))})"
        return self.name


@cache
def documentation() -> tuple[Entry, ...]:
    """Return an entry for every view, macro, table and query of the package.

    Raises
    ------
    QueryError
        If a header cannot be read.
    """
    views = [_entry(f"views/{name}.sql", name, Kind.VIEW) for name in sql_names("views")]
    macros = [_entry(f"macros/{name}.sql", name, None) for name in sql_names("macros")]
    queries = [query_entry(name) for name in sql_names("queries")]
    entries = [*views, *macros, *_tables(read_sql("schema.sql")), *queries]
    columns = {entry.name: entry.columns for entry in entries}
    entries = [replace(entry, columns=_all_columns(entry, columns)) for entry in entries]
    order = list(Kind)
    return tuple(sorted(entries, key=lambda entry: (order.index(entry.kind), entry.name)))


def query_entry(name: str, folder: Path | None = None) -> Entry:
    """Return the entry of a named query, of the package or in a user's folder.

    Raises
    ------
    QueryError
        If its file cannot be used.
    """
    query = load_query(name, folder)
    parameters = tuple(
        Field(p.name, p.unit, p.text, None if p.required else _written(p)) for p in query.parameters
    )
    columns = _fields(read_header(query.sql, query.source).sections.get("columns", []))
    return Entry(
        name, Kind.QUERY, query.summary, query.text, parameters, columns, None, query.example
    )


@cache
def comments(*, tables: bool = True) -> tuple[str, ...]:
    """Return statements that put the texts into a catalogue which has all views and macros.

    Parameters
    ----------
    tables : bool
        Those of tables too, which last; what is created or replaced needs its own anew.
    """
    statements = []
    for entry in documentation():
        if entry.kind is Kind.QUERY or (entry.kind is Kind.TABLE and not tables):
            continue
        text = literal("\n".join(plain_text(entry)))
        # Tables that grow with the archive are views of files.
        kind = Kind.VIEW if entry.name in SEGMENTED else entry.kind
        statements.append(f"COMMENT ON {_OBJECTS[kind]} {entry.name} IS {text}")
        if entry.kind in (Kind.VIEW, Kind.TABLE):
            statements += [
                f'COMMENT ON COLUMN {entry.name}."{column.name}" IS {literal(_described(column))}'
                for column in entry.columns
                if column.text
            ]
    return tuple(statements)


def plain_text(entry: Entry) -> Iterator[str]:
    """Yield the lines of an entry, for a terminal and for a COMMENT."""
    yield f"{entry.kind} {entry.signature}"
    yield entry.summary
    if entry.text:
        yield from ("", entry.text)
    for title, fields in (("parameters", entry.parameters), ("columns", entry.columns)):
        if fields:
            yield from ("", f"{title}:", *_aligned(fields))
    if entry.returns:
        yield from ("", f"returns: {_described(entry.returns)}")
    if entry.example:
        yield from ("", "example:", *(f"  {line}" for line in entry.example.splitlines()))


def parse_entry(sql: str, source: str, name: str, kind: Kind | None) -> Entry:
    """Return the entry of a view or, if `kind` is None, a macro.

    Raises
    ------
    QueryError
        If its header cannot be read, or has parameters other than the macro's.
    """
    header = read_header(sql, source)
    sections = header.sections
    parameters = _fields(sections.get("parameters", []))
    if kind is None:
        kind, defaults = _macro(sql, source)
        if [p.name for p in parameters] != list(defaults):
            raise QueryError(
                f"{source}: the header's parameters are {', '.join(p.name for p in parameters)}; "
                f"the macro's are {', '.join(defaults)}"
            )
        parameters = tuple(Field(p.name, p.unit, p.text, defaults[p.name]) for p in parameters)
    returns = split_fields(" ".join(sections["returns"]), 2) if "returns" in sections else None
    return Entry(
        name,
        kind,
        header.summary,
        header.text,
        parameters,
        _fields(sections.get("columns", [])),
        Field("", "" if len(returns) == 1 else returns[0], returns[-1]) if returns else None,
        "\n".join(sections.get("example", [])),
    )


def _entry(path: str, name: str, kind: Kind | None) -> Entry:
    return parse_entry(read_sql(path), path, name, kind)


def _all_columns(entry: Entry, columns: Mapping[str, tuple[Field, ...]]) -> tuple[Field, ...]:
    """Put the columns of a view in the place of ``(all)  the columns of photons``."""
    all_columns: list[Field] = []
    for column in entry.columns:
        name = column.text.rpartition(" ")[2]
        all_columns += columns[name] if column.name == ALL_COLUMNS else (column,)
    return tuple(all_columns)


def _macro(sql: str, source: str) -> tuple[Kind, dict[str, str | None]]:
    """Return which kind of macro it is, and its parameters with their defaults."""
    found = _MACRO.search(sql)
    if not found:
        raise QueryError(f"{source}: has no CREATE OR REPLACE MACRO name(...) AS")
    defaults: dict[str, str | None] = {}
    for part in filter(None, (part.strip() for part in found[1].split(","))):
        name, has_default, default = part.partition(":=")
        defaults[name.strip().strip('"')] = default.strip() if has_default else None
    return (Kind.TABLE_MACRO if found[2] else Kind.MACRO), defaults


def _tables(schema: str) -> Iterator[Entry]:
    for comment, name, body in _TABLE.findall(schema):
        sentences = " ".join(" ".join(leading_comment(comment.splitlines())).split())
        summary, dot, text = sentences.partition(". ")
        columns = tuple(Field(*found) for found in _COLUMN.findall(body))
        yield Entry(name, Kind.TABLE, summary + dot.strip(), text, columns=columns)


def _fields(lines: Sequence[str]) -> tuple[Field, ...]:
    return tuple(_field(line) for line in lines)


def _field(line: str) -> Field:
    name, *rest = line.split(maxsplit=1)
    *unit, text = split_fields(rest[0], 2) if rest else [""]
    return Field(name, unit[0] if unit else "", text)


def _written(parameter: QueryParameter) -> str:
    return "NULL" if parameter.default is None else str(parameter.default)


def _option(parameter: Field) -> str:
    option = f"--{parameter.name.replace('_', '-')} {(parameter.unit or 'value').upper()}"
    return option if parameter.default is None else f"[{option}]"


def _argument(parameter: Field) -> str:
    return parameter.name + (f" := {parameter.default}" if parameter.default else "")


def _described(field: Field) -> str:
    return f"{field.text} [{field.unit}]" if field.unit else field.text


def _aligned(fields: Sequence[Field]) -> Iterator[str]:
    names = [_argument(field) for field in fields]
    wide, unit = max(map(len, names)), max(len(field.unit) for field in fields)
    for name, field in zip(names, fields, strict=True):
        yield f"  {name:{wide}}  {field.unit:{unit}}  {field.text}".rstrip()
