"""Tables for a person on the terminal, of which only the first rows are printed."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from gphoton_db.cli.console import notes, results
from gphoton_db.cli.shown_text import PIPE_WIDTH

if TYPE_CHECKING:
    from rich.console import OverflowMethod

Justify = Literal["left", "right"]

FOLDED_WIDTH = 8
"""Columns that are narrower than this on the terminal, in the mean, are cut off and not folded."""

_DIM = re.compile(r"\[/?dim\]")
"""The markup of units in heads: of what goes to no terminal nothing is left of it."""


def escape(text: str) -> str:
    """Return a text as it is in the markup of rich."""
    if "[" not in text and not text.endswith("\\"):
        return text
    from rich.markup import escape as escape_markup

    return escape_markup(text)


def print_table(
    columns: Sequence[tuple[str, Justify]],
    rows: Iterable[Sequence[Any]],
    *,
    shown: int,
    n_rows: int,
    rest: str,
    more: bool = False,
) -> None:
    """Print the first rows of a table, and say on standard error what is left out.

    Parameters
    ----------
    columns : sequence of (str, str)
        Heads, in the markup of rich, and on which side their columns are flush.
    rows : iterable of sequences of str
        The rows that are printed, in the markup of rich.
    shown, n_rows : int
        How many these are at the most, and how many there are.
    more : bool
        Whether there are more than `n_rows`, which nobody counted.
    rest : str
        How to get the others: ``--format csv prints all``.
    """
    listed = [list(row) for row in rows]
    plain = None if results.is_terminal else _plain_table(columns, listed)
    if plain is not None:
        results.print(plain, markup=False)
    else:
        _print_by_rich(columns, listed)
    if n_rows > shown:
        many = f"more than {n_rows:,}" if more else f"{n_rows:,}"
        notes.print(f"({shown} of {many} rows; {rest})", markup=False)


def _plain_table(
    columns: Sequence[tuple[str, Justify]], rows: Sequence[Sequence[Any]]
) -> str | None:
    """Return a table as rich lays it out for a pipe; None where that takes more than counting."""
    heads = [_DIM.sub("", head).split("\n") for head, _ in columns]
    texts = [line for head in heads for line in head] + [text for row in rows for text in row]
    simple = all(isinstance(t, str) and t.isascii() and t.isprintable() for t in texts)
    if not heads or not simple or any("[" in t or "\\" in t or "  " in t for t in texts):
        return None
    encoding = str(getattr(results.file, "encoding", "")).lower()
    if any(t != t.strip() for t in texts) or "utf" not in encoding:
        return None
    height = max(map(len, heads))
    padded = [[""] * (height - len(head)) + head for head in heads]
    lines = list(zip(*padded, strict=True))
    widths = [max(map(len, column)) for column in zip(*lines, *rows, strict=True)]
    if sum(widths) + 3 * len(widths) + 1 > PIPE_WIDTH:
        return None
    marks = [">" if side == "right" else "<" for _, side in columns]
    cells = [f"{{:{mark}{width}}}" for mark, width in zip(marks, widths, strict=True)]
    return _drawn(lines, rows, widths, cells)


def _drawn(
    heads: Sequence[Sequence[str]],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    cells: Sequence[str],
) -> str:
    """Return a table within the lines of rich; `cells` are forms of texts."""

    def ruled(left: str, dash: str, between: str, right: str) -> str:
        return left + between.join(dash * (width + 2) for width in widths) + right

    def barred(bar: str, line: Sequence[str]) -> str:
        return f"{bar} {f' {bar} '.join(cells).format(*line)} {bar}"

    return "\n".join(
        (
            ruled("┏", "━", "┳", "┓"),
            *(barred("┃", line) for line in heads),
            ruled("┡", "━", "╇", "┩"),
            *(barred("│", row) for row in rows),
            ruled("└", "─", "┴", "┘"),
        )
    )


def _print_by_rich(columns: Sequence[tuple[str, Justify]], rows: Sequence[Sequence[Any]]) -> None:
    from rich.table import Table

    # Folded, names and digits can all be read; of very many columns that would be single letters.
    overflow: OverflowMethod = "fold"
    if results.console.width < FOLDED_WIDTH * len(columns):
        overflow = "ellipsis"
    table = Table(header_style="bold")
    for head, side in columns:
        table.add_column(head, justify=side, overflow=overflow)
    for row in rows:
        table.add_row(*row)
    results.print(table)
