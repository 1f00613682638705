"""Rows of a query, in the format of choice, on standard output or in a file."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from gphoton_db.cli.console import counted, notes, standard_output
from gphoton_db.cli.row_formats import WRITERS
from gphoton_db.cli.tables import Justify, escape, print_table
from gphoton_db.errors import GPhotonError
from gphoton_db.system.durable import written_beside

if TYPE_CHECKING:
    import pyarrow as pa

    from gphoton_db.query.row_stream import PlainRows, RowStream

SHOWN_ROWS = 200
"""Rows that the format ``table`` prints at the most."""

COUNTED_ROWS = 1_000_000
"""So far the format ``table`` counts rows that it does not print: all would take too long."""

_Columns = list[tuple[str, Justify]]
"""Heads, in the markup of rich, and on which side the columns are flush."""

_Texts = Iterator[list[str]]
"""Rows in the markup of rich."""

_Batches = Iterator[tuple[int, Callable[[int], _Texts]]]
"""Numbers of rows, and what returns the first so many of these."""


class Format(StrEnum):
    """Output formats of a query."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format", help="Format of the rows (default: by the output's ending, else table)."
    ),
]
OutputOption = Annotated[Path | None, typer.Option("--output", help="Write to this file.")]
FilesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--file", help="A file or folder outside of the archive that it may read; can be repeated."
    ),
]


def chosen_format(output_format: Format | None, output: Path | None) -> Format:
    """Return the format that the options name.

    Raises
    ------
    typer.BadParameter
        If it needs a file, and there is none.
    """
    chosen = output_format or _format_of(output)
    if chosen is Format.PARQUET and output is None:
        raise typer.BadParameter("parquet needs an --output file", param_hint="--format")
    return chosen


def give_rows(stream: "RowStream", chosen: Format, output: Path | None) -> None:
    """Print rows, or write them to a file, as they come."""
    if output is None and chosen is Format.TABLE:
        print_rows(stream)
    elif output is None:
        _encode(stream, chosen, standard_output())
    else:
        n_rows = _write(stream, chosen, output)
        notes.print(f"{counted(n_rows, 'row')} written to {output}", markup=False)


@contextmanager
def stopped_by_ctrl_c() -> Iterator[None]:
    """End the command with 130 at Ctrl-C, as shells know it, and with a word instead of nothing."""
    try:
        yield
    except KeyboardInterrupt:
        notes.print("stopped")
        raise typer.Exit(130) from None


def _format_of(output: Path | None) -> Format:
    ending = output.suffix.lstrip(".").lower() if output else ""
    return Format(ending) if ending in [f.value for f in Format] else Format.TABLE


def print_rows(stream: "RowStream") -> None:
    """Print rows for a person, at most `SHOWN_ROWS` of them."""
    plain = stream.plain()
    columns, batches = _of_arrow(stream) if plain is None else _of_plain(plain)
    rows: list[list[str]] = []
    n_rows = 0
    for n_more, first in batches:
        rows += first(max(SHOWN_ROWS - n_rows, 0))
        n_rows += n_more
        if n_rows > COUNTED_ROWS:
            break
    n_rows, more = min(n_rows, COUNTED_ROWS), n_rows > COUNTED_ROWS
    rest = "--format csv prints all"
    print_table(columns, rows, shown=SHOWN_ROWS, n_rows=n_rows, rest=rest, more=more)


def _of_plain(rows: "PlainRows") -> tuple[_Columns, _Batches]:
    """Return columns and rows of plain values as `print_rows` takes them."""
    from gphoton_db.query.plain_rows import text_of

    def first(batch: Sequence[tuple[Any, ...]], n_rows: int) -> _Texts:
        return ([escape(text_of(value)) for value in row] for row in batch[:n_rows])

    columns = map(_column, rows.names, rows.numeric)
    return list(columns), ((len(batch), partial(first, batch)) for batch in rows.batches)


def _of_arrow(stream: "RowStream") -> tuple[_Columns, _Batches]:
    """Return columns and rows of Arrow as `print_rows` takes them."""
    from gphoton_db.query.plain import text_of

    kinds = stream.schema.types
    marks = ("int", "float", "double", "decimal")
    numeric = [any(mark in str(kind) for mark in marks) for kind in kinds]

    def first(batch: "pa.RecordBatch", n_rows: int) -> _Texts:
        for row in _shown_values(batch.slice(0, n_rows), stream):
            yield [escape(text_of(*pair)) for pair in zip(row, kinds, strict=True)]

    columns = map(_column, stream.schema.names, numeric)
    return list(columns), ((batch.num_rows, partial(first, batch)) for batch in stream.batches)


def _column(name: str, numeric: bool) -> tuple[str, Justify]:
    return escape(name), "right" if numeric else "left"


def _shown_values(batch: "pa.RecordBatch", stream: "RowStream") -> Iterator[tuple[Any, ...]]:
    """Return rows of Python's values; decimals, and times that Python does not have, apart."""
    from gphoton_db.query.plain import shown_values

    names = stream.schema.names
    columns = [shown_values(*pair) for pair in zip(batch.columns, names, strict=True)]
    return zip(*columns, strict=True)


def _write(stream: "RowStream", chosen: Format, output: Path) -> int:
    try:
        with written_beside(output) as temporary, temporary.open("wb") as file:
            return _encode(stream, chosen, file)
    except OSError as error:
        raise GPhotonError(f"{output}: cannot be written ({error.strerror or error})") from None


def _encode(stream: "RowStream", chosen: Format, file: BinaryIO) -> int:
    """Write rows in a format for machines; a table for people becomes CSV."""
    import pyarrow as pa

    try:
        return WRITERS["csv" if chosen is Format.TABLE else chosen.value](stream, file)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise GPhotonError(f"the rows cannot be written as {chosen}: {error}") from None
