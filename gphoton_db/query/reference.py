"""The reference in ``docs/sql.md``: its part between two marks is made from the SQL files.

``python -m gphoton_db.query.reference docs/sql.md`` renews it.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from gphoton_db.errors import QueryError
from gphoton_db.query.documentation import Entry, Field, Kind, documentation

BEGIN = "<!-- made by python -m gphoton_db.query.reference docs/sql.md; do not edit by hand -->"
END = "<!-- end of what is made -->"

_TITLES = {
    Kind.VIEW: "Views",
    Kind.TABLE_MACRO: "Table macros",
    Kind.MACRO: "Scalar macros",
    Kind.TABLE: "Tables",
    Kind.QUERY: "Named queries",
}


def reference() -> str:
    """Return the reference of all names, in Markdown."""
    lines: list[str] = []
    for kind, title in _TITLES.items():
        lines += [f"## {title}", ""]
        for entry in documentation():
            if entry.kind is kind:
                lines += _lines(entry)
    return "\n".join(lines)


def renewed(document: str) -> str:
    """Return a document with the reference between its marks.

    Raises
    ------
    QueryError
        If it does not have the two marks.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise QueryError(f"the document needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def _lines(entry: Entry) -> Iterator[str]:
    yield from (f"### `{entry.name}`", "", _escaped(entry.summary), "")
    if entry.parameters or entry.kind in (Kind.MACRO, Kind.TABLE_MACRO):
        yield from (f"`{entry.signature}`", "")
    if entry.text:
        yield from (_escaped(entry.text), "")
    if entry.returns:
        unit = f", {entry.returns.unit}" if entry.returns.unit else ""
        yield from (f"Returns: {_escaped(entry.returns.text)}{unit}.", "")
    yield from _table("parameter", entry.parameters)
    yield from _table("column", entry.columns)
    if entry.example:
        language = "console" if entry.kind is Kind.QUERY else "sql"
        prompt = "$ " if entry.kind is Kind.QUERY else ""
        yield from (f"```{language}", f"{prompt}{entry.example}", "```", "")


def _table(title: str, fields: Sequence[Field]) -> Iterator[str]:
    if fields:
        yield from (f"| {title} | unit | meaning |", "|---|---|---|")
        yield from (f"| `{f.name}` | {f.unit} | {_escaped(f.text)} |" for f in fields)
        yield ""


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def main() -> None:
    """Renew the reference in the file that the command line names."""
    document = Path(sys.argv[1])
    document.write_text(renewed(document.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
