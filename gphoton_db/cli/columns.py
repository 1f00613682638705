"""Tables for a person as plain lines, in columns: a terminal library takes 2 ms for each row."""

from collections.abc import Iterable, Sequence

from gphoton_db.cli.console import results

GAP = "  "
"""Between columns."""


def print_columns(
    names: Sequence[str], rows: Iterable[Sequence[str]], *, numeric: Iterable[str] = ()
) -> None:
    """Print rows of text below the names of their columns; nothing where there are no rows.

    Parameters
    ----------
    names : sequence of str
        Of the columns.
    rows : iterable of sequences of str
        A text for each column.
    numeric : iterable of str
        Names of columns that are flush right.
    """
    listed = [tuple(row) for row in rows]
    if not listed:
        return
    right = set(numeric)
    widths = [max(map(len, column)) for column in zip(names, *listed, strict=True)]
    marks = [">" if name in right else "<" for name in names]
    form = GAP.join(f"{{:{mark}{width}}}" for mark, width in zip(marks, widths, strict=True))
    results.print(form.format(*names).rstrip(), style="bold", markup=False)
    results.print("\n".join(form.format(*row).rstrip() for row in listed), markup=False)
