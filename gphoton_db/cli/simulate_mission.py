"""``gphoton-db simulate --mission``: many small eclipses like the mission's, for tests of scale."""

import shlex
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gphoton_db.cli.console import print_json, results
from gphoton_db.cli.progress import WorkProgress
from gphoton_db.progress import no_progress

if TYPE_CHECKING:
    from gphoton_db.simulate.mission_folder import MadeMission


@dataclass(frozen=True)
class MissionChoices:
    """What a user may choose of a mission; None: the default."""

    surveys: list[str] | None
    photons: int | None
    seed: int
    calibration: Path | None
    jobs: int | None


def run_mission(n_eclipses: int, output: Path, choices: MissionChoices, *, as_json: bool) -> None:
    """Simulate so many eclipses, and report what was made."""
    from gphoton_db.simulate.mission_folder import PHOTONS, simulate_mission
    from gphoton_db.simulate.mission_plan import SURVEYS, plan_mission
    from gphoton_db.simulate.visit_folder import claim_folder

    surveys = [name.upper() for name in choices.surveys or SURVEYS]
    plan = plan_mission(n_eclipses, seed=choices.seed, surveys=surveys)
    claim_folder(output, "gphoton-db simulate", of_others=True)
    with nullcontext() if as_json else WorkProgress("mission") as shown:
        made = simulate_mission(
            output,
            plan,
            calibration=choices.calibration,
            photons=choices.photons or PHOTONS,
            seed=choices.seed,
            jobs=choices.jobs,
            on_progress=shown or no_progress,
        )
    if as_json:
        print_json(mission_as_dict(made))
        return
    results.print(
        f"mission: simulated: {made.n_eclipses:,} eclipse{'s' * (made.n_eclipses != 1)}, "
        f"{made.n_legs:,} leg{'s' * (made.n_legs != 1)}, "
        f"{made.n_events:,} events, {made.folder}",
        markup=False,
    )
    results.print(f"next: {ingest_mission_command(made)}", markup=False)


def check_no_visit(values: dict[str, Any]) -> None:
    """Refuse what is of a single visit, each under the name that a user gave it."""
    for name, value in values.items():
        if value:
            raise typer.BadParameter(
                "a mission has eclipses, bands and legs of its own: leave it out, or leave out "
                "--mission",
                param_hint=name,
            )


def mission_as_dict(made: "MadeMission") -> dict[str, Any]:
    """Return what was made of a mission, for machines."""
    return {
        "folder": made.folder,
        "eclipses": made.eclipses,
        "n_eclipses": made.n_eclipses,
        "n_legs": made.n_legs,
        "n_events": made.n_events,
        "calibration": made.calibration,
        "next": ingest_mission_command(made),
    }


def ingest_mission_command(made: "MadeMission") -> str:
    """Return the command that ingests a mission into an archive in its own folder."""
    words = ["gphoton-db", "--archive", made.folder, "ingest", "--eclipses", made.eclipses]
    words += ["--pointing", made.folder / "pointing", "--calibration", made.calibration]
    return shlex.join(map(str, words))
