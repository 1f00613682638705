"""``gphoton-db sql``: one read-only statement, its rows in the format of choice."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gphoton_db.cli.console import counted, notes, print_archive
from gphoton_db.cli.rows import (
    FilesOption,
    FormatOption,
    OutputOption,
    chosen_format,
    give_rows,
    stopped_by_ctrl_c,
)
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.catalogue.reads import QueryReads


def sql(
    context: typer.Context,
    statement: Annotated[str, typer.Argument(help="One statement that reads, such as SELECT.")],
    output_format: FormatOption = None,
    output: OutputOption = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Run the statement, and print which legs and row groups it read, not its rows.",
        ),
    ] = False,
    seconds: Annotated[
        float | None, typer.Option("--time-limit", min=0.001, help="Seconds that it may take.")
    ] = None,
    memory: Annotated[
        str | None, typer.Option("--memory-limit", help="Memory that it may use, such as 4GB.")
    ] = None,
    files: FilesOption = None,
) -> None:
    """Run a read-only SQL statement on the archive."""
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    chosen = chosen_format(output_format, output)
    with stopped_by_ctrl_c(), Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        if explain:
            reads = archive.reads(statement, files=files or ())
            give_rows(reads.files.stream(), chosen, output)
            notes.print(_sum_up(reads))
            return
        limits: dict[str, Any] = {"seconds": seconds, "memory": memory, "files": files or ()}
        with archive.stream(statement, **limits) as rows:
            give_rows(rows, chosen, output)


def _sum_up(reads: "QueryReads") -> str:
    files = reads.files.rows()
    opened = sum(row["files_opened"] for row in files if row["other_file"] is None)
    read, there = (sum(row[name] for row in files) for name in ("row_groups_read", "row_groups"))
    legs = {(row["eclipse"], row["band"], row["leg"]) for row in files if row["kind"]}
    return (
        f"{counted(reads.n_rows, 'row')} in {reads.seconds:.3f} s, from "
        f"{counted(len(legs), 'leg')}: opened {opened:,} of the archive's "
        f"{counted(reads.n_listed, 'file')}, and read {read:,} of their "
        f"{counted(there, 'row group')}"
    )
