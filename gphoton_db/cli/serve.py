"""``gphoton-db serve``: the sky of the archive in a browser."""

from typing import TYPE_CHECKING, Annotated

import typer

from gphoton_db.cli.console import notes, print_archive, results
from gphoton_db.cli.kernels import compile_kernels
from gphoton_db.serve.options import ServeOptions
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.serve.server import Server


def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port; 0 takes one that is free.")] = ServeOptions.port,
    host: Annotated[
        str, typer.Option(help="Interface; all but the default lets other machines in.")
    ] = ServeOptions.host,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address, and open nothing.")
    ] = False,
    memory: Annotated[
        int, typer.Option(metavar="MB", help="Photons that are kept in memory, at most.")
    ] = ServeOptions.memory_mb,
) -> None:
    """Look at the archive in a browser: images binned live from photons, and light curves.

    It ends with Ctrl-C. It only reads; what is ingested meanwhile appears.
    """
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    options = ServeOptions(host=host, port=port, browser=not no_browser, memory_mb=memory)
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        compile_kernels("serve")
        archive.serve(options, on_start=_tell)


def _tell(server: "Server") -> None:
    results.print(server.address, markup=False, soft_wrap=True)
    notes.print(f"HiPS, for Aladin: {server.hips_address}NUV", style="dim", soft_wrap=True)
    notes.print("Ctrl-C ends it", style="dim")
