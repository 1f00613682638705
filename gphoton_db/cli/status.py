"""``gphoton-db status``: what is in the archive."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from gphoton_db.cli.console import notes, print_archive, print_json, results
from gphoton_db.settings import Settings


def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
) -> None:
    """Say what is in the archive, and which ingests failed."""
    from gphoton_db.archive import Archive
    from gphoton_db.query.sql_files import read_sql

    settings: Settings = context.obj
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        legs = archive.legs()
        failures = archive.query(read_sql("queries/failed_ingests.sql")).rows()
        size = archive.query("SELECT coalesce(sum(size_bytes), 0) AS n FROM leg_files").rows()
        if as_json:
            print_json(
                {
                    "archive": archive.paths.root,
                    "legs": [asdict(leg) for leg in legs],
                    "n_photons": sum(leg.n_photons for leg in legs),
                    "size_bytes": int(size[0]["n"]),
                    "failed_ingests": failures,
                }
            )
            return
    print_legs(legs)
    n_photons = sum(leg.n_photons for leg in legs)
    megabytes = int(size[0]["n"]) / 1e6
    results.print(
        f"{len(legs)} leg{'s' * (len(legs) != 1)}, {n_photons:,} photons, {megabytes:,.1f} MB"
    )
    for failure in failures:
        notes.print(
            f"failed: e{failure['eclipse']:05d} {failure['band']}: {failure['message']}",
            markup=False,
            style="red",
        )


def print_legs(legs: list[Any]) -> None:
    """Print a table of legs."""
    from gphoton_db.calibration import short_identifier

    if not legs:
        return
    table = Table(box=None, header_style="bold")
    for name in ("eclipse", "band", "leg"):
        table.add_column(name)
    for name in ("ra0", "dec0", "exposure [s]", "photons", "unflagged", "B/photon"):
        table.add_column(name, justify="right")
    table.add_column("pointing")
    table.add_column("calibration")
    for leg in legs:
        table.add_row(
            str(leg.eclipse),
            leg.band,
            str(leg.leg),
            f"{leg.ra0:.4f}",
            f"{leg.dec0:+.4f}",
            f"{leg.exposure:,.1f}",
            f"{leg.n_photons:,}",
            f"{leg.n_unflagged:,}",
            f"{leg.size_bytes / max(leg.n_photons, 1):.1f}",
            leg.pointing_source,
            short_identifier(leg.calibration),
        )
    results.print(table)
