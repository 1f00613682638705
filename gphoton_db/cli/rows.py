"""Rows of a query, in the format of choice, on standard output or in a file."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer
from rich.markup import escape

from gphoton_db.cli.console import notes, print_json, to_json
from gphoton_db.cli.tables import Justify, print_table
from gphoton_db.errors import GPhotonError
from gphoton_db.system.durable import written_beside

if TYPE_CHECKING:
    from gphoton_db.query.query import QueryResult

SHOWN_ROWS = 200
"""Rows that the format ``table`` prints at the most."""


class Format(StrEnum):
    """Output formats of a query."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


FormatOption = Annotated[
    Format | None,
    typer.Option("--format", help="(default: by the output's ending, else table)"),
]
OutputOption = Annotated[Path | None, typer.Option("--output", help="Write to this file.")]


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


def give_rows(result: "QueryResult", chosen: Format, output: Path | None) -> None:
    """Print rows, or write them to a file."""
    if output is None:
        _print(result, chosen)
    else:
        _write(result, chosen, output)
        notes.print(f"{len(result):,} rows written to {output}", markup=False)


def _format_of(output: Path | None) -> Format:
    ending = output.suffix.lstrip(".").lower() if output else ""
    return Format(ending) if ending in [f.value for f in Format] else Format.TABLE


def _print(result: "QueryResult", chosen: Format) -> None:
    if chosen is Format.TABLE:
        print_rows(result)
    elif chosen is Format.JSON:
        print_json(result.rows())
    else:
        _encode(result, chosen, sys.stdout.buffer)


def print_rows(result: "QueryResult") -> None:
    """Print rows for a person, at most `SHOWN_ROWS` of them."""
    columns: list[tuple[str, Justify]] = []
    for field in result.table.schema:
        numeric = any(mark in str(field.type) for mark in ("int", "float", "double", "decimal"))
        columns.append((escape(field.name), "right" if numeric else "left"))
    rows = (
        [escape("" if value is None else str(value)) for value in row.values()]
        for row in result.table.slice(0, SHOWN_ROWS).to_pylist()
    )
    rest = "--format csv prints all"
    print_table(columns, rows, shown=SHOWN_ROWS, n_rows=len(result), rest=rest)


def _write(result: "QueryResult", chosen: Format, output: Path) -> None:
    try:
        with written_beside(output) as temporary, temporary.open("wb") as file:
            _encode(result, chosen, file)
    except OSError as error:
        raise GPhotonError(f"{output}: cannot be written ({error.strerror or error})") from None


def _encode(result: "QueryResult", chosen: Format, file: BinaryIO) -> None:
    """Write rows in a format for machines; a table for people becomes CSV."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    try:
        if chosen is Format.JSON:
            file.write(to_json(result.rows()).encode())
        elif chosen is Format.PARQUET:
            pa.parquet.write_table(result.table, file, compression="zstd")
        else:
            pa.csv.write_csv(result.table, file)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise GPhotonError(f"the rows cannot be written as {chosen}: {error}") from None
