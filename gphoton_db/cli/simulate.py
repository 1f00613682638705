"""``gphoton-db simulate``: telemetry with a known answer, to be ingested like the mission's."""

import shlex
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gphoton_db.cli.console import print_json, results
from gphoton_db.cli.ingest import Threads, typed_bands
from gphoton_db.cli.kernels import compile_kernels
from gphoton_db.cli.progress import WorkProgress
from gphoton_db.cli.simulate_mission import MissionChoices, check_no_visit, run_mission
from gphoton_db.mission import Band
from gphoton_db.progress import no_progress

if TYPE_CHECKING:
    from gphoton_db.simulate.scene_file import VisitPlan
    from gphoton_db.simulate.visit import Visit
    from gphoton_db.simulate.visit_folder import SimulationOptions

SHORTEST_S = 30
"""Of a leg: a reduction needs 2,001 stims, which is 27 s of a visit."""

PhotonsOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="About how many events each band's raw6 file gets, stims included: "
        "the background is made to fit (default: the scene's own background).  With --mission, "
        "about how many photons each leg gets, without stims (default: 500).",
    ),
]
SceneOption = Annotated[
    Path | None,
    typer.Option(help="Scene file, in TOML (default: the built-in scene)."),
]
LegsOption = Annotated[
    int | None, typer.Option(min=1, max=99, help="Legs of the built-in scene (default: 1).")
]
DurationOption = Annotated[
    int | None,
    typer.Option(
        min=SHORTEST_S, help="Length of each leg of the built-in scene, s (default: 120)."
    ),
]
OutputOption = Annotated[
    Path, typer.Option(help="Folder to write to; it may only hold earlier simulations.")
]
CalibrationOption = Annotated[
    Path | None,
    typer.Option(help="Calibration to invert (default: a synthetic one, made in the folder)."),
]
EclipseArgument = Annotated[
    int | None, typer.Argument(help="Eclipse number: 1-37423 or 38150-47000.")
]
BandsArgument = Annotated[
    list[str] | None, typer.Argument(metavar="BAND...", help="NUV, FUV or both.")
]
MissionOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Simulate so many small eclipses instead, spread over the mission's ten years: "
        "surveys, times, bands and gaps like the mission's.",
    ),
]
SurveyOption = Annotated[
    list[str] | None,
    typer.Option(help="With --mission: only this survey, AIS, MIS or DIS; may be repeated."),
]
EventTruth = Annotated[
    bool,
    typer.Option(
        "--event-truth/--no-event-truth",
        help="Whether to write where each single event came from.",
    ),
]


def simulate(
    eclipse: EclipseArgument = None,
    bands: BandsArgument = None,
    mission: MissionOption = None,
    survey: SurveyOption = None,
    photons: PhotonsOption = None,
    legs: LegsOption = None,
    duration: DurationOption = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random numbers.")] = 1,
    output: OutputOption = Path("gphoton-simulated"),
    scene: SceneOption = None,
    calibration: CalibrationOption = None,
    event_truth: EventTruth = True,
    threads: Threads = None,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
) -> None:
    """Simulate the telemetry and pointing of an eclipse, with the truth about each event.

    With --mission, many small eclipses like the mission's, without the truth, for tests of scale.
    """
    if mission is None:
        if eclipse is None or not bands:
            raise typer.BadParameter("give an eclipse and its bands, or --mission")
        if survey:
            raise typer.BadParameter("goes with --mission", param_hint="--survey")
        from gphoton_db.simulate.visit_folder import SimulationOptions

        chosen = typed_bands(bands)
        _check_scene_options(scene, legs, duration)
        plan = _plan(scene, legs, duration)
        options = SimulationOptions(calibration, photons, seed, event_truth, threads)
        _simulate_one(eclipse, chosen, plan, output, options, as_json=as_json)
        return
    of_one = {"ECLIPSE": eclipse, "BAND": bands, "--scene": scene, "--legs": legs}
    check_no_visit({**of_one, "--duration": duration})
    choices = MissionChoices(survey, photons, seed, calibration, threads)
    compile_kernels("simulate")
    run_mission(mission, output, choices, as_json=as_json)


def _simulate_one(
    eclipse: int,
    bands: list[Band],
    plan: "VisitPlan",
    output: Path,
    options: "SimulationOptions",
    *,
    as_json: bool,
) -> None:
    from gphoton_db.simulate.visit_folder import check_simulated_eclipse, claim_folder

    check_simulated_eclipse(eclipse)
    claim_folder(output, "gphoton-db simulate", of_others=True)
    compile_kernels("simulate")
    visits = run_simulation(output, plan, eclipse, bands, options, quiet=as_json)
    if as_json:
        print_json(
            {
                "folder": output,
                "visits": [visit_as_dict(visit) for visit in visits],
                "next": ingest_command(output, visits),
            }
        )
        return
    for visit in visits:
        print_visit(visit)
    results.print(f"next: {ingest_command(output, visits)}", markup=False)


def run_simulation(
    folder: Path,
    plan: "VisitPlan",
    eclipse: int,
    bands: list[Band],
    options: "SimulationOptions | None" = None,
    *,
    quiet: bool = False,
) -> "tuple[Visit, ...]":
    """Simulate some bands of a visit; show how far it is, unless `quiet`."""
    from gphoton_db.simulate.visit_folder import simulate_bands

    with nullcontext() if quiet else WorkProgress(f"e{eclipse:05d}") as shown:
        return simulate_bands(
            folder,
            plan,
            eclipse=eclipse,
            bands=bands,
            options=options,
            on_progress=shown or no_progress,
        )


def visit_as_dict(visit: "Visit") -> dict[str, Any]:
    """Return what was written of a visit in one band, for machines."""
    return {
        "eclipse": visit.eclipse,
        "band": str(visit.band),
        "n_legs": len(visit.legs),
        "n_events": visit.n_events,
        "raw6": visit.raw6,
        "pointing": visit.pointing,
        "tables": visit.consolidated,
        "source_truth": visit.source_truth,
        "event_truth": visit.event_truth,
        "calibration": visit.calibration,
    }


def print_visit(visit: "Visit") -> None:
    """Print what was written of a visit in one band, on one line."""
    n_legs = len(visit.legs)
    results.print(
        f"e{visit.eclipse:05d} {visit.band}: simulated: {visit.n_events:,} events, "
        f"{n_legs} leg{'s' * (n_legs != 1)}, {visit.raw6}",
        markup=False,
    )


def simulate_command(
    eclipse: int, bands: list[Band], *, legs: int, duration: int, output: Path
) -> str:
    """Return the command that simulates the built-in scene."""
    words = ["gphoton-db", "simulate", eclipse, *bands, "--legs", legs, "--duration", duration]
    return shlex.join(map(str, [*words, "--output", output]))


def ingest_command(folder: Path, visits: "tuple[Visit, ...]") -> str:
    """Return the command that adds visits to an archive in their own folder."""
    # raw6/ is where an archive looks for it; the other two may be set to others of the user's.
    words = ["gphoton-db", "--archive", folder, "ingest", visits[0].eclipse]
    words += [visit.band for visit in visits]
    words += ["--pointing", visits[0].pointing, "--calibration", visits[0].calibration]
    return shlex.join(map(str, words))


def _check_scene_options(scene: Path | None, legs: int | None, duration: int | None) -> None:
    if scene is None:
        return
    for option, value in (("--legs", legs), ("--duration", duration)):
        if value is not None:
            raise typer.BadParameter(
                f"the scene file names its legs: change the [[leg]] tables of {scene} instead",
                param_hint=option,
            )


def _plan(scene: Path | None, legs: int | None, duration: int | None) -> "VisitPlan":
    from gphoton_db.simulate.built_in import built_in_plan
    from gphoton_db.simulate.scene_file import read_scene

    if scene is not None:
        return read_scene(scene)
    return built_in_plan(legs=legs or 1, duration=duration or 120)
