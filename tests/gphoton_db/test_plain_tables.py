"""Tables for a pipe are those of rich, which is not loaded for simple ones."""

import io
from collections.abc import Sequence
from typing import Any

import pytest
from rich.console import Console

from gphoton_db.cli import tables
from gphoton_db.cli.console import Output
from gphoton_db.cli.shown_text import PIPE_WIDTH
from gphoton_db.cli.tables import Justify, print_table

COLUMNS: list[tuple[str, Justify]] = [("eclipse", "right"), ("band\n[dim]unit[/dim]", "left")]


class _Pipe(io.StringIO):
    encoding = "utf-8"


def printed(
    monkeypatch: pytest.MonkeyPatch, rows: Sequence[Sequence[str]], *, plain: bool
) -> tuple[str, bool]:
    """Return what is printed, and whether rich had a part in it."""
    pipe = _Pipe()
    console = Console(file=pipe, width=PIPE_WIDTH, soft_wrap=True, highlight=False, _environ={})
    by_rich: list[object] = []
    with monkeypatch.context() as patched:
        patched.setattr(tables, "results", Output(made=console))
        laid_out = tables._print_by_rich

        def by_rich_too(*table: Any) -> None:
            by_rich.append(table)
            laid_out(*table)

        patched.setattr(tables, "_print_by_rich", by_rich_too)
        if not plain:
            patched.setattr(tables, "_plain_table", lambda *_: None)
        print_table(COLUMNS, rows, shown=9, n_rows=len(rows), rest="")
    return pipe.getvalue(), bool(by_rich)


@pytest.mark.parametrize(
    ("rows", "plainly"),
    [
        ([], True),
        ([["23500", "NUV"], ["7", ""]], True),
        ([["1", "x" * (PIPE_WIDTH - 14)]], True),
        ([["1", "x" * PIPE_WIDTH]], False),
        ([["1", "[bold]b"]], False),
        ([["1", "two\nlines"]], False),
        ([["1", "µas"]], False),
    ],
)
def test_a_table_is_the_same_by_rich_and_without(
    monkeypatch: pytest.MonkeyPatch, rows: list[list[str]], plainly: bool
) -> None:
    expected, _ = printed(monkeypatch, rows, plain=False)
    found, by_rich = printed(monkeypatch, rows, plain=True)
    assert found == expected
    assert by_rich is not plainly
