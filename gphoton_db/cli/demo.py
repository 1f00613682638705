"""``gphoton-db demo``: a visit is simulated, ingested and looked at, with nothing but the program.

What is looked at is in `demo_looks`.
"""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gphoton_db.cli.console import print_json, results
from gphoton_db.cli.demo_looks import ECLIPSE, STEPS, Step
from gphoton_db.cli.ingest_report import print_report, report_as_dict
from gphoton_db.cli.kernels import compile_kernels
from gphoton_db.cli.progress import StageProgress
from gphoton_db.cli.rows import print_rows
from gphoton_db.cli.simulate import (
    ingest_command,
    print_visit,
    run_simulation,
    simulate_command,
    visit_as_dict,
)
from gphoton_db.cli.status import print_legs
from gphoton_db.mission import Band
from gphoton_db.remote.address import address_of, is_address, only_read

if TYPE_CHECKING:
    from gphoton_db.archive import Archive
    from gphoton_db.intake.ingest_band import IngestReport
    from gphoton_db.simulate.visit import Visit

LEGS, DURATION_S = 2, 120
BANDS = [Band.FUV, Band.NUV]


def demo(
    context: typer.Context,
    output: Annotated[
        Path | None,
        typer.Option(
            help="Folder to write to, which becomes the archive; it may only hold an earlier "
            "demonstration (default: that of --archive, or gphoton-demo)."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
) -> None:
    """Simulate a visit, ingest it and look at it: needs no data and no network."""
    archive = context.find_root().params["archive"]
    _demonstrate(_folder(output, Path(archive) if archive else None), as_json=as_json)


def _demonstrate(output: Path, *, as_json: bool) -> None:
    from gphoton_db.archive import Archive
    from gphoton_db.simulate.built_in import built_in_plan
    from gphoton_db.simulate.visit_folder import claim_folder

    claim_folder(output, "gphoton-db demo")
    plan = built_in_plan(legs=LEGS, duration=DURATION_S)
    if not as_json:
        _print_command(
            simulate_command(ECLIPSE, BANDS, legs=LEGS, duration=DURATION_S, output=output)
        )
    compile_kernels("demo")
    visits = run_simulation(output, plan, ECLIPSE, BANDS, quiet=as_json)
    if not as_json:
        for visit in visits:
            print_visit(visit)
        _print_command(ingest_command(output, visits))
    with Archive(output) as archive:
        reports = [_ingest(archive, visit, quiet=as_json) for visit in visits]
        if not as_json:
            _print_command(shlex.join(["gphoton-db", "--archive", str(output), "status", "--legs"]))
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


def _folder(output: Path | None, archive: Path | None) -> Path:
    """Return the folder to write to, which is the archive's own."""
    if output is not None and archive is not None and output.resolve() != archive.resolve():
        raise typer.BadParameter(
            f"the demonstration's folder is its archive, and --archive names another: {archive}",
            param_hint="--output",
        )
    folder = output or archive or Path("gphoton-demo")
    if is_address(folder):
        raise only_read(address_of(folder))
    return folder


def _ingest(archive: "Archive", visit: "Visit", *, quiet: bool) -> "IngestReport":
    with StageProgress(f"e{visit.eclipse:05d} {visit.band}") as shown:
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
            print_rows(look.rows.stream())
        for file in look.files:
            results.print(str(file), markup=False)
    return {
        "title": look.title,
        "command": look.command,
        "rows": None if look.rows is None else look.rows.rows(),
        "files": look.files,
    }


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
  gphoton-db {archive} serve                  the sky in a browser
  gphoton-db {archive} shell
  gphoton-db {archive} sql "SELECT * FROM photons LIMIT 5"
  gphoton-db simulate 23457 NUV --photons 1000000""",
        markup=False,
    )
