"""A folder with a simulated mission: files of every eclipse of a plan, and the list to ingest."""

import csv
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from gphoton_db.progress import Progress, no_progress
from gphoton_db.simulate.mission_plan import PlannedVisit
from gphoton_db.simulate.mission_visit import MadeVisit, simulate_planned
from gphoton_db.simulate.pointing_files import write_whole
from gphoton_db.simulate.synthetic_calibration import write_synthetic_calibration
from gphoton_db.simulate.visit_folder import CALIBRATION_FOLDER
from gphoton_db.system.cores import usable_cores
from gphoton_db.times import utc

STAGE = "eclipses"
"""What `on_progress` is told, with eclipses done and planned."""

LIST = "eclipses.csv"
"""A row for each band of each eclipse, to be given to ``ingest --eclipses``."""

PHOTONS = 500
"""About how many photons a leg gets by default."""

A_PROCESS = 25
"""Eclipses for which it is worth the seconds to start another process."""


@dataclass(frozen=True)
class MadeMission:
    """What was written.

    Parameters
    ----------
    folder : Path
        Has ``raw6``, ``pointing`` and the list.
    eclipses : Path
        The list.
    calibration : Path
        Directory of the set that it was made with.
    n_eclipses, n_legs, n_events : int
        How much; both bands.
    """

    folder: Path
    eclipses: Path
    calibration: Path
    n_eclipses: int
    n_legs: int
    n_events: int


def simulate_mission(
    folder: Path,
    plan: Sequence[PlannedVisit],
    *,
    calibration: Path | None = None,
    photons: int = PHOTONS,
    seed: int = 1,
    jobs: int | None = None,
    on_progress: Progress = no_progress,
) -> MadeMission:
    """Simulate every eclipse of a plan below `folder`, which `claim_folder` should have claimed.

    The files depend on the plan, `photons`, `seed` and the calibration alone.

    Parameters
    ----------
    folder : Path
        Gets ``raw6``, ``pointing`` (a folder an eclipse), ``eclipses.csv``, and a calibration.
    plan : sequence of PlannedVisit
        See `mission_plan.plan_mission`.
    calibration : Path, optional
        Directory of the set to invert; by default a synthetic one is made.
    photons : int
        About how many each leg gets in each band.
    seed : int
        Of the arrivals.
    jobs : int, optional
        Processes; one for each core by default, and none besides for short plans.
    on_progress : callable
        Told how many eclipses are done.

    Raises
    ------
    SimulationError
        If a calibration file is missing.
    OSError
        If the folder cannot be written.
    """
    if calibration is None:
        calibration = write_synthetic_calibration(folder / CALIBRATION_FOLDER)
    for name in ("raw6", "pointing"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    one = partial(simulate_planned, folder, calibration=calibration, photons=photons, seed=seed)
    n_events = 0
    with _made(one, plan, jobs) as visits:
        for done, visit in enumerate(visits, start=1):
            n_events += sum(visit.n_events.values())
            on_progress(STAGE, done, len(plan))
    return MadeMission(
        folder=folder,
        eclipses=write_whole(folder / LIST, _listed(plan).encode()),
        calibration=calibration,
        n_eclipses=len(plan),
        n_legs=sum(len(visit.boresights) * len(visit.bands) for visit in plan),
        n_events=n_events,
    )


@contextmanager
def _made(
    one: "partial[MadeVisit]", plan: Sequence[PlannedVisit], jobs: int | None
) -> Iterator[Iterator[MadeVisit]]:
    """Give the visits as they are made, by several processes if that is worth it."""
    jobs = min(jobs or usable_cores(), len(plan) // A_PROCESS)
    if jobs < 2:
        yield map(one, plan)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as executor:
        tasks = [executor.submit(one, visit) for visit in plan]
        try:
            yield (task.result() for task in as_completed(tasks))
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


def _listed(plan: Sequence[PlannedVisit]) -> str:
    """Return the list of what was simulated, as CSV."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("eclipse", "band", "survey", "target", "visit", "legs", "ra0", "dec0", "utc"))
    for visit in plan:
        (ra, dec), start = visit.boresights[0], utc(visit.start_ms)
        legs, when = len(visit.boresights), start.strftime("%Y-%m-%dT%H:%M:%S")
        for band in visit.bands:
            what = (visit.survey, visit.target, visit.visit)
            rows.writerow((visit.eclipse, band, *what, legs, ra, dec, when))
    return text.getvalue()
