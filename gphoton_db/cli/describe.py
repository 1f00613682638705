"""``gphoton-db describe``: what the tables, views, macros and named queries hold."""

from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from gphoton_db.cli.console import notes, print_json, results
from gphoton_db.errors import QueryError
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.query.documentation import Entry


def describe(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="Name of a view, macro, table or query (default: all).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
) -> None:
    """Describe a view, macro, table or named query: columns, units, parameters, example."""
    from gphoton_db.query.documentation import plain_text

    settings: Settings = context.obj
    entries = _entries(settings.queries)
    chosen = [entry for entry in entries if name is None or entry.name == name.lower()]
    if not chosen:
        close = get_close_matches(str(name), [entry.name for entry in entries])
        meant = f"did you mean {' or '.join(close)}?" if close else "gphoton-db describe lists them"
        raise QueryError(f"there is no view, macro, table or query {name!r}; {meant}")
    if as_json:
        print_json([{**asdict(entry), "signature": entry.signature} for entry in chosen])
    elif name is None:
        _list(entries)
    else:
        results.print("\n\n".join("\n".join(plain_text(entry)) for entry in chosen), markup=False)


def _entries(folder: Path | None) -> "list[Entry]":
    """Return the package's entries, and those of a user's own queries in place of its namesakes."""
    from gphoton_db.query.documentation import documentation, query_entry
    from gphoton_db.query.named import own_query_names

    own = {}
    for name in own_query_names(folder):
        try:
            own[name] = query_entry(name, folder)
        except QueryError as error:
            notes.print(f"left out: {error}", style="red", markup=False)
    return [each for each in documentation() if each.name not in own] + list(own.values())


def _list(entries: "list[Entry]") -> None:
    table = Table(box=None, header_style="bold")
    for title in ("kind", "name", "holds"):
        table.add_column(title)
    for entry in entries:
        table.add_row(entry.kind, escape(entry.name), escape(entry.summary))
    results.print(table)
