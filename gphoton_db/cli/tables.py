"""Tables for a person on the terminal, of which only the first rows are printed."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from gphoton_db.cli.console import notes, results

if TYPE_CHECKING:
    from rich.console import OverflowMethod

Justify = Literal["left", "right"]

FOLDED_WIDTH = 8
"""Columns that are narrower than this on the terminal, in the mean, are cut off and not folded."""


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
    from rich.table import Table

    # Folded, names and digits can all be read; of very many columns that would be single letters.
    overflow: OverflowMethod = "fold"
    if results.width < FOLDED_WIDTH * len(columns):
        overflow = "ellipsis"
    table = Table(header_style="bold")
    for head, side in columns:
        table.add_column(head, justify=side, overflow=overflow)
    for row in rows:
        table.add_row(*row)
    results.print(table)
    if n_rows > shown:
        many = f"more than {n_rows:,}" if more else f"{n_rows:,}"
        notes.print(f"({shown} of {many} rows; {rest})", markup=False)
