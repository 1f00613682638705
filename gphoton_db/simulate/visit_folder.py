"""A folder with a synthetic visit in one or both bands, and with nothing else in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gphoton_db.errors import SimulationError
from gphoton_db.mission import Band, Epoch, epoch_of
from gphoton_db.progress import Progress, no_progress
from gphoton_db.simulate.budget import scene_with_events
from gphoton_db.simulate.scene import Scene
from gphoton_db.simulate.scene_file import VisitPlan
from gphoton_db.simulate.synthetic_calibration import write_synthetic_calibration
from gphoton_db.simulate.visit import Visit, simulate_visit

MARK = "SYNTHETIC.txt"
"""The file that tells a folder of the simulator from any other."""

MARK_TEXT = "Made up by {maker}: synthetic telemetry and calibration, not GALEX's.\n"

CALIBRATION_FOLDER = "calibration-synthetic"


@dataclass(frozen=True)
class SimulationOptions:
    """What `simulate_bands` may be told.

    Parameters
    ----------
    calibration : Path, optional
        Directory of the calibration set to invert; by default a synthetic one is made.
    n_photons : int, optional
        About how many events each band's raw6 file gets, stims included, by changing the scene's
        background; by default the background stays as it is.
    seed : int
        Of all that is random; a scene file's random stars have their own.
    event_truth : bool
        Whether the truth of every single event is written.
    threads : int, optional
        All cores by default.
    """

    calibration: Path | None = None
    n_photons: int | None = None
    seed: int = 1
    event_truth: bool = True
    threads: int | None = None


def simulate_bands(
    directory: Path,
    plan: VisitPlan,
    *,
    eclipse: int,
    bands: Iterable[Band],
    options: SimulationOptions | None = None,
    on_progress: Progress = no_progress,
) -> tuple[Visit, ...]:
    """Simulate one visit in some bands below `directory`, which `claim_folder` should have claimed.

    Raises
    ------
    SimulationError
        If the eclipse is one that the simulator has no model of, or the scene cannot be simulated.
    """
    check_simulated_eclipse(eclipse)
    options, bands = options or SimulationOptions(), tuple(bands)
    calibration = options.calibration
    if calibration is None:
        calibration = write_synthetic_calibration(directory / CALIBRATION_FOLDER, bands=bands)
    # A visit of more legs may have been here before.
    for stale in (directory / "pointing").glob(f"e{eclipse:05d}-*"):
        stale.unlink()
    return tuple(
        simulate_visit(
            directory,
            calibration=calibration,
            band=band,
            eclipse=eclipse,
            legs=plan.legs,
            scene=_scene(plan, options.n_photons, band, eclipse, calibration),
            detector=plan.detector,
            seed=options.seed,
            event_truth=options.event_truth,
            threads=options.threads,
            on_progress=_of_band(band, on_progress),
        )
        for band in bands
    )


def _scene(
    plan: VisitPlan, n_photons: int | None, band: Band, eclipse: int, calibration: Path
) -> Scene:
    """Return the scene of a plan, with the background that makes so many events."""
    if n_photons is None:
        return plan.scene
    return scene_with_events(
        n_photons,
        legs=plan.legs,
        scene=plan.scene,
        detector=plan.detector,
        band=band,
        eclipse=eclipse,
        calibration=calibration,
    )


def _of_band(band: Band, on_progress: Progress) -> Progress:
    return lambda stage, done, total: on_progress(f"{band} {stage}", done, total)


def check_simulated_eclipse(eclipse: int) -> None:
    """Refuse eclipses that the simulator has no model of.

    Raises
    ------
    SimulationError
        If `eclipse` is not positive, or lies in 37424-38149 (bad electronics) or beyond 47000
        (drift scans).
    """
    epoch = epoch_of(eclipse)
    if eclipse < 1 or epoch in (Epoch.BAD_ELECTRONICS, Epoch.CAUSE):
        where = "is not an eclipse" if eclipse < 1 else f"lies in {epoch.value}"
        raise SimulationError(
            f"eclipse {eclipse} {where}, of which the simulator has no model: "
            "choose one of 1-37423 or of 38150-47000"
        )


def claim_folder(directory: Path, maker: str, *, of_others: bool = False) -> Path:
    """Make a folder for what `maker` (a command) will write, or return the one that it made before.

    Parameters
    ----------
    of_others : bool
        Whether the folder of another maker of synthetic visits will do.

    Raises
    ------
    SimulationError
        If there is anything else in it, which would be overwritten or taken for synthetic.
    """
    mark, text = directory / MARK, MARK_TEXT.format(maker=maker)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if mark.exists():
            if of_others or mark.read_text(encoding="utf-8") == text:
                return directory
        elif not any(directory.iterdir()):
            mark.write_text(text, encoding="utf-8")
            return directory
    except (OSError, UnicodeDecodeError) as error:
        raise SimulationError(f"{directory}: cannot be written ({error})") from None
    raise SimulationError(
        f"{directory} is there already and was not made by {maker}, which might overwrite what is "
        "in it: choose another --output"
    )
