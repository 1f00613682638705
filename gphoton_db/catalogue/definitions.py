"""The texts of the catalogue's views and macros, as they stand in the package."""

import hashlib
import re
from functools import cache
from graphlib import TopologicalSorter

from gphoton_db.query.sql_files import read_sql, sql_names

ROOT_VARIABLE = "gphoton_root"
"""DuckDB variable that overrides where the archive is."""

SEGMENT_PATHS = "macros/segment_paths.sql"
"""The macro that `segments.define_tables` defines, before all others and at each commit."""

_USED = re.compile(r"\b(\w+)\(|\b(?:FROM|JOIN) (\w+)")
"""What a statement uses: macros are called, views stand behind FROM."""

_TABLE = re.compile(r"^(CREATE TABLE IF NOT EXISTS (\w+) \(.*?^\);)", re.M | re.S)

_READ_FILES = "leg_paths( merged_paths("
"""What the view of a kind of file uses in the place of ``$source``."""


@cache
def sql_version() -> str:
    """Return a hash of the text of all views and macros, and of what is said of the tables.

    Of the files by name: their order by use takes longer, and every start asks for this.
    """
    text = "\n".join([*_texts().values(), read_sql("schema.sql")])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _texts() -> dict[str, str]:
    """Return path and text of every macro and view, in the order of their paths."""
    return {
        (path := f"{folder}/{name}.sql"): read_sql(path)
        for folder in ("macros", "views")
        for name in sql_names(folder)
    }


@cache
def in_order() -> dict[str, str]:
    """Return name and text of every macro and view, each after those that it uses.

    All but `SEGMENT_PATHS` and the views of tables, which are there already.
    The order is the same in every process.
    """
    texts = {
        path.rpartition("/")[2].removesuffix(".sql"): text
        for path, text in _texts().items()
        if path != SEGMENT_PATHS
    }
    used = {
        name: _USED.findall(text[start_of(text) :].replace("$source", _READ_FILES))
        for name, text in texts.items()
    }
    graph = {
        name: sorted({a or b for a, b in found if (a or b) in texts} - {name})
        for name, found in used.items()
    }
    return {name: texts[name] for name in TopologicalSorter(graph).static_order()}


@cache
def table_statements() -> dict[str, str]:
    """Return name and definition of every table, those that are files included."""
    return {name: text for text, name in _TABLE.findall(read_sql("schema.sql"))}


def start_of(text: str) -> int:
    """Return where the statement starts, behind the comment."""
    match = re.search(r"^[A-Z]", text, re.MULTILINE)
    assert match is not None
    return match.start()
