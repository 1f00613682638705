"""``gphoton-db publish``: a copy of the archive that is read from afar."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from gphoton_db.cli.console import counted, notes, print_archive, print_json, results
from gphoton_db.cli.products import JsonOption
from gphoton_db.cli.progress import progress_of
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.publish.publish import Published


def publish(
    context: typer.Context,
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="A folder, or s3://bucket/folder.")
    ],
    prune: Annotated[
        bool,
        typer.Option(
            "--prune",
            help="Remove, in the end, files that only earlier versions have; who has one of these "
            "open gets errors then.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing; say what would be.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Publish the archive in a folder or a bucket, to be read from afar.

    Readers give its address in the place of the archive: gphoton-db --archive https://... .  Files
    that are there are not copied again, and readers see the version before until this one is whole.
    """
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        with progress_of("publish", quiet=as_json) as tell:
            done = archive.publish(target, prune=prune, dry_run=dry_run, on_progress=tell)
    if as_json:
        print_json(asdict(done))
    else:
        _print(done)


def _print(done: "Published") -> None:
    how = "would be copied" if done.dry_run else "copied"
    results.print(
        f"{done.target}: {counted(done.n_files, 'file')}, {done.n_bytes / 1e6:,.1f} MB; "
        f"{how}: {done.n_copied:,}, {done.n_bytes_copied / 1e6:,.1f} MB",
        markup=False,
    )
    if done.n_pruned:
        gone = "would be removed" if done.dry_run else "removed"
        results.print(f"{counted(done.n_pruned, 'file')} of earlier versions {gone}")
    notes.print(
        f"readers {'would ' * done.dry_run}see {done.catalogue}"
        + ("" if done.changed else ", as before"),
        style="dim",
    )
