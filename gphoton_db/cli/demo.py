"""``gphoton-db demo``: a visit is simulated, ingested and looked at, with nothing but the program.

`STEPS` lists what is looked at, in order: a further look is a further function there.
"""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gphoton_db.cli.console import print_json, results
from gphoton_db.cli.ingest import print_report, report_as_dict
from gphoton_db.cli.progress import ReductionProgress
from gphoton_db.cli.simulate import (
    ingest_command,
    print_visit,
    run_simulation,
    simulate_command,
    visit_as_dict,
)
from gphoton_db.cli.sql import print_table
from gphoton_db.cli.status import print_legs
from gphoton_db.mission import Band

if TYPE_CHECKING:
    from gphoton_db.archive import Archive
    from gphoton_db.ingestion import IngestReport
    from gphoton_db.query import QueryResult
    from gphoton_db.simulate.visit import Visit

ECLIPSE, LEGS, DURATION_S = 23456, 2, 120
BANDS = [Band.FUV, Band.NUV]

FLARE_BOX_DEG = 0.003
"""Half a side of the square about the flare star whose photons are counted: 11 arcsec."""


@dataclass(frozen=True, eq=False)
class Look:
    """What a step of the demonstration found.

    Parameters
    ----------
    title : str
        What it shows.
    command : str
        What to type to see it again.
    rows : QueryResult, optional
        What a statement returned.
    files : tuple of Path
        What was written.
    """

    title: str
    command: str
    rows: "QueryResult | None" = None
    files: tuple[Path, ...] = ()


Step = Callable[["Archive", Path], Look]
"""Looks at the archive; the path is its folder as it was typed."""


def look_at_legs(archive: "Archive", folder: Path) -> Look:
    """Show how long each leg was seen, and how many photons a second came."""
    statement = f"""
    SELECT band, leg, round(t0 - min(t0) OVER (), 1) AS start, round(exposure, 1) AS exposure,
           n_unflagged AS photons, round(n_unflagged / exposure, 1) AS per_second
    FROM legs WHERE eclipse = {ECLIPSE} ORDER BY band, leg"""
    return _query(
        "the legs: times in seconds, exposure without dead time", statement, archive, folder
    )


def look_at_flags(archive: "Archive", folder: Path) -> Look:
    """Show what became of all photons."""
    statement = f"""
    SELECT flags, count(*) FILTER (WHERE band = 'FUV') AS fuv,
           count(*) FILTER (WHERE band = 'NUV') AS nuv,
           count(*) FILTER (WHERE mask) AS on_hotspots, round(avg(detrad), 1) AS detrad
    FROM photons WHERE eclipse = {ECLIPSE} GROUP BY flags ORDER BY flags"""
    return _query(
        "what became of the photons: 0 is good, 7 is outside of the good pointing, "
        "12 is off the detector",
        statement,
        archive,
        folder,
    )


def look_at_flare(archive: "Archive", folder: Path) -> Look:
    """Show the flare star's light curve in both bands."""
    from gphoton_db.simulate.built_in import CENTRE

    (ra0, ra1), (dec0, dec1) = ((v - FLARE_BOX_DEG, v + FLARE_BOX_DEG) for v in CENTRE)
    statement = f"""
    SELECT 10 * floor((t - began) / 10)::INT AS second,
           round(sum(1 / response) FILTER (WHERE band = 'FUV') / 10, 1) AS fuv,
           round(sum(1 / response) FILTER (WHERE band = 'NUV') / 10, 1) AS nuv,
           bar(sum(1 / response) FILTER (WHERE band = 'NUV') / 10, 0, 200, 30) AS nuv_bar
    FROM photons, (SELECT min(t0) AS began FROM legs WHERE eclipse = {ECLIPSE})
    WHERE eclipse = {ECLIPSE} AND leg = 0 AND flags = 0 AND response > 0
      AND ra BETWEEN {ra0:.4f} AND {ra1:.4f} AND dec BETWEEN {dec0:.4f} AND {dec1:.4f}
    GROUP BY ALL ORDER BY second"""
    return _query(
        "the flare star: photons a second, corrected for the response", statement, archive, folder
    )


STEPS: tuple[Step, ...] = (look_at_legs, look_at_flags, look_at_flare)


def demo(
    output: Annotated[
        Path, typer.Option(help="Folder to write to; it may only hold an earlier demonstration.")
    ] = Path("gphoton-demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
) -> None:
    """Simulate a visit, ingest it and look at it: needs no data and no network."""
    from gphoton_db.archive import Archive
    from gphoton_db.simulate.built_in import built_in_plan
    from gphoton_db.simulate.visit_folder import claim_folder

    claim_folder(output, "gphoton-db demo")
    plan = built_in_plan(legs=LEGS, duration=DURATION_S)
    if not as_json:
        _print_command(
            simulate_command(ECLIPSE, BANDS, legs=LEGS, duration=DURATION_S, output=output)
        )
    visits = run_simulation(output, plan, ECLIPSE, BANDS, quiet=as_json)
    if not as_json:
        for visit in visits:
            print_visit(visit)
        _print_command(ingest_command(output, visits))
    with Archive(output) as archive:
        reports = [_ingest(archive, visit, quiet=as_json) for visit in visits]
        if not as_json:
            _print_command(shlex.join(["gphoton-db", "--archive", str(output), "status"]))
            print_legs(archive.legs())
        looks = [_look(step, archive, output, quiet=as_json) for step in STEPS]
        if as_json:
            print_json(
                {
                    "folder": output,
                    "visits": [visit_as_dict(visit) for visit in visits],
                    "ingests": [report_as_dict(each, archive.paths.root) for each in reports],
                    "looks": looks,
                }
            )
        else:
            _print_ending(output)


def _ingest(archive: "Archive", visit: "Visit", *, quiet: bool) -> "IngestReport":
    with ReductionProgress(f"e{visit.eclipse:05d} {visit.band}") as shown:
        report = archive.ingest(
            visit.eclipse,
            visit.band,
            raw6=visit.raw6,
            pointing=visit.pointing,
            calibration=visit.calibration,
            force=True,
            on_progress=shown,
        )
    if not quiet:
        print_report(report, archive.paths.root)
    return report


def _look(step: Step, archive: "Archive", folder: Path, *, quiet: bool) -> dict[str, Any]:
    """Take a step, print what it found unless `quiet`, and return it for machines."""
    look = step(archive, folder)
    if not quiet:
        _print_command(look.command, title=look.title)
        if look.rows is not None:
            print_table(look.rows)
        for file in look.files:
            results.print(str(file), markup=False)
    return {
        "title": look.title,
        "command": look.command,
        "rows": None if look.rows is None else look.rows.rows(),
        "files": look.files,
    }


def _query(title: str, statement: str, archive: "Archive", folder: Path) -> Look:
    start = shlex.join(["gphoton-db", "--archive", str(folder), "sql"])
    return Look(title, f'{start} "{statement}"', archive.query(statement))


def _print_command(command: str, *, title: str | None = None) -> None:
    results.print()
    if title is not None:
        results.print(f"# {title}", style="dim", markup=False)
    results.print(f"$ {command}", style="bold", markup=False)


def _print_ending(folder: Path) -> None:
    archive = shlex.join(["--archive", str(folder)])
    results.print(
        f"""
{folder} now holds
  gphoton.duckdb, photons/, ticks/, aspect/   the archive
  raw6/, pointing/, tables/                   what it was made from, in the mission's own formats
  truth/                                      where every event really came from
  calibration-synthetic/                      made-up calibration: nothing here is GALEX's
try next
  gphoton-db {archive} shell
  gphoton-db {archive} sql "SELECT * FROM photons LIMIT 5"
  gphoton-db simulate 23457 NUV --photons 1000000""",
        markup=False,
    )
