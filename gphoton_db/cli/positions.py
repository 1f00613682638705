"""Shared parts of the commands that measure positions: options, and output of tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gphoton_db.cli.console import print_json, results
from gphoton_db.cli.tables import Justify, print_table
from gphoton_db.errors import GPhotonError

if TYPE_CHECKING:
    from astropy.table import Table
    from numpy.typing import NDArray

SHOWN_ROWS = 100

RaArgument = Annotated[
    str | None, typer.Argument(metavar="RA", help="Deg, or sexagesimal (hours): 21:33:58.3.")
]
DecArgument = Annotated[
    str | None, typer.Argument(metavar="DEC", help="Deg, or sexagesimal: -02:03:50.4.")
]
CatalogOption = Annotated[
    Path | None,
    typer.Option(help="File of positions: CSV, ECSV, Parquet, VOTable or FITS with ra and dec."),
]
RadiusOption = Annotated[float, typer.Option(help="Radius of the aperture, arcsec.")]
BandOption = Annotated[
    list[str] | None, typer.Option(help="NUV or FUV; may be repeated (default: both).")
]
RangeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--time", metavar="T0,T1", help="Time range, GALEX s; may be repeated (default: all)."
    ),
]
NonlinearOption = Annotated[
    bool, typer.Option("--nonlinear", help="Correct bright sources for non-linearity.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option(help="File: .ecsv, .csv, .fits, .parquet or .vot (default: print a table)."),
]
PlotOption = Annotated[
    Path | None,
    typer.Option("--plot", help="Draw the light curve to this file: .png, .pdf or .svg."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def pair_of(text: str, option: str) -> tuple[float, float]:
    """Return the two numbers of an option such as ``30,60``."""
    try:
        first, second = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is not two numbers with a comma between", param_hint=option
        ) from None
    return first, second


def ranges_of(time: list[str] | None) -> list[tuple[float, float]] | None:
    """Return the time ranges that were given."""
    return [pair_of(each, "--time") for each in time] if time else None


def check_place(ra: str | None, dec: str | None, catalog: Path | None) -> None:
    """Refuse a place that is missing, or given twice."""
    if (catalog is None) == (ra is None):
        raise typer.BadParameter(
            "give a position, RA DEC, or a --catalog of positions", param_hint="RA"
        )
    if catalog is not None and dec is not None:
        raise typer.BadParameter("give RA DEC or a --catalog, not both", param_hint="DEC")


def give_table(
    table: "Table",
    write: Any,
    output: Path | None,
    *,
    as_json: bool,
    shown: Sequence[str],
    files: Sequence[Path] = (),
) -> None:
    """Write a table to a file, or print it; and say which files there are.

    Parameters
    ----------
    table : Table
        The result.
    write : callable
        Called with the table and the file, if there is one.
    output : Path, optional
        The file.
    as_json : bool
        Whether the report (with a file) or the table itself is printed as JSON.
    shown : sequence of str
        Columns that are printed for a person.
    files : sequence of Path
        Other files that were written.
    """
    if output is not None:
        write(table, output)
        files = [output, *files]
    if as_json:
        report: dict[str, Any] = {"files": files, "meta": dict(table.meta)}
        print_json(report if output is not None else report | {"rows": rows_of(table)})
        return
    if output is None:
        _print(table, shown)
    for file in files:
        results.print(str(file), markup=False)


def rows_of(table: "Table") -> list[dict[str, Any]]:
    """Return the rows of a table as plain values; times as text."""
    columns = {}
    for name in table.colnames:
        column = table[name]
        values = column.isot if hasattr(column, "isot") else getattr(column, "value", column)
        columns[name] = values.tolist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _print(table: "Table", names: Sequence[str]) -> None:
    units = [getattr(table[name], "unit", None) or "" for name in names]
    print_rows(rows_of(table[:SHOWN_ROWS]), names, units, n_rows=len(table))


def print_columns(columns: Mapping[str, "NDArray[Any]"], units: Sequence[Any]) -> None:
    """Print columns of one length, at least one, as `give_table` prints a table."""
    values = [column[:SHOWN_ROWS].tolist() for column in columns.values()]
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]
    n_rows = len(next(iter(columns.values())))
    print_rows(rows, list(columns), units, n_rows=n_rows)


def print_rows(
    rows: Sequence[dict[str, Any]],
    names: Sequence[str],
    units: Sequence[Any],
    *,
    n_rows: int | None = None,
) -> None:
    """Print some columns of rows for a person; `n_rows` says how many there are, if more."""
    columns: list[tuple[str, Justify]] = [
        (f"{name}\n[dim]{unit}[/dim]", "right") for name, unit in zip(names, units, strict=True)
    ]
    texts = ([_text(row[name]) for name in names] for row in rows[:SHOWN_ROWS])
    n_rows = len(rows) if n_rows is None else n_rows
    rest = "--output FILE has all"
    print_table(columns, texts, shown=SHOWN_ROWS, n_rows=n_rows, rest=rest)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        # Times and positions need all of their digits, other numbers not.
        return (
            "" if value != value else f"{value:.3f}" if 1e5 < abs(value) < 1e12 else f"{value:.6g}"
        )
    return str(value)


def check_many(method: str, plot: Path | None) -> None:
    """Refuse what there is of one position only, for a catalogue."""
    if plot is not None:
        raise GPhotonError("--plot draws one position: give RA DEC instead of --catalog")
    if method != "photon":
        raise GPhotonError("--catalog is for --method photon: image has one position")
