"""``gphoton-db query``: named queries, whose parameters are options of the command line."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from gphoton_db.cli.console import notes, print_archive, results
from gphoton_db.cli.rows import (
    FilesOption,
    Format,
    FormatOption,
    OutputOption,
    chosen_format,
    give_rows,
    stopped_by_ctrl_c,
)
from gphoton_db.errors import QueryError
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.query.named import NamedQuery, QueryParameter

_TYPES: dict[str, type] = {
    "DOUBLE": float,
    "BIGINT": int,
    "BOOLEAN": bool,
}


def query(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="Name of the query (default: list all).")
    ] = None,
) -> None:
    """Run a named query; `gphoton-db query NAME --help` explains it."""
    from gphoton_db.query.named import load_query

    settings: Settings = context.obj
    if name is None:
        _list(settings.queries)
        return
    named = load_query(name, settings.queries)
    command = typer.main.get_command(_application(named, settings))
    code = command.main(
        args=context.args, prog_name=f"{context.command_path} {name}", standalone_mode=False
    )
    raise typer.Exit(code or 0)


def _list(folder: Path | None) -> None:
    from gphoton_db.query.named import load_query, query_names

    table = Table(box=None, header_style="bold")
    for title in ("query", "parameters", "gives"):
        table.add_column(title)
    for name in query_names(folder):
        try:
            named = load_query(name, folder)
        except QueryError as error:
            notes.print(f"left out: {error}", style="red", markup=False)
            continue
        options = [f"{_option(p)}" if p.required else f"\\[{_option(p)}]" for p in named.parameters]
        table.add_row(name, " ".join(options), named.summary)
    results.print(table)


def _application(named: "NamedQuery", settings: Settings) -> typer.Typer:
    """Return a command line of one command: the query."""
    explained = "\n\n".join(filter(None, [named.summary, named.text, named.example]))
    application = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    application.command(help=explained)(_with_options(named, _runner(named, settings)))
    return application


def _runner(named: "NamedQuery", settings: Settings) -> Callable[..., None]:
    def run(
        output_format: Format | None,
        output: Path | None,
        own_files: list[Path] | None = None,
        **values: Any,
    ) -> None:
        from gphoton_db.archive import Archive

        chosen = chosen_format(output_format, output)
        given = named.values(values)
        with stopped_by_ctrl_c(), Archive(settings.archive) as archive:
            print_archive(archive.paths.root)
            with archive.stream(named.sql, given or None, files=own_files or ()) as rows:
                give_rows(rows, chosen, output)

    return run


def _with_options(named: "NamedQuery", run: Callable[..., None]) -> Callable[..., None]:
    """Give the function the parameters of the query, for typer to see."""
    parameters = [*map(_parameter, named.parameters)]
    options: dict[str, Any] = {"output_format": FormatOption, "output": OutputOption}
    if "file" not in {declared.name for declared in named.parameters}:
        options["own_files"] = FilesOption
    for name, kind in options.items():
        parameters.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        )
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _parameter(declared: "QueryParameter") -> inspect.Parameter:
    kind: Any = _TYPES.get(declared.type, str)
    unit = f", {declared.unit}" if declared.unit else ""
    flags = _option(declared)
    if declared.type == "BOOLEAN":
        flags += f"/--no-{flags.removeprefix('--')}"
    option = typer.Option(flags, help=f"{declared.text}{unit}")
    required = declared.required
    return inspect.Parameter(
        declared.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if required else declared.default,
        annotation=Annotated[kind if required else kind | None, option],
    )


def _option(declared: "QueryParameter") -> str:
    return "--" + declared.name.replace("_", "-")
