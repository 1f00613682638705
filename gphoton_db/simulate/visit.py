"""One simulated visit: its files on disk, and the truth behind them."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pyarrow.parquet import ParquetWriter

from gphoton_db.aspect.pointing import Leg
from gphoton_db.errors import SimulationError
from gphoton_db.mission import Band
from gphoton_db.paths import raw6_name
from gphoton_db.progress import Progress, no_progress
from gphoton_db.simulate.attitude import reported
from gphoton_db.simulate.budget import expected_of
from gphoton_db.simulate.observation import Observation, observe
from gphoton_db.simulate.plan import Detector, LegPlan
from gphoton_db.simulate.pointing_files import (
    write_asprta,
    write_consolidated,
    write_scst,
    write_whole,
)
from gphoton_db.simulate.raw6_file import Raw6Rows, write_raw6
from gphoton_db.simulate.scene import Scene
from gphoton_db.simulate.telemetry import Portion, portions
from gphoton_db.simulate.truth import (
    Truth,
    append_truth,
    open_event_truth,
    read_event_truth,
    sources_csv,
)

STAGE = "simulating"
"""What `on_progress` is told, with events done and expected."""


@dataclass(frozen=True, eq=False)
class Visit:
    """A simulated visit on disk.

    Parameters
    ----------
    raw6 : Path
        The telemetry.
    n_events : int
        Its number of rows.
    pointing : Path
        Directory of the asprta files and the scst file.
    consolidated : Path
        Directory of the `aspect`, `boresight` and `metadata` tables.
    calibration : Path
        The calibration directory that it was made with.
    legs : tuple of Leg
        The pointing that was written.
    fuv_temperature : float
        deg C.
    source_truth : Path
        CSV of everything that shines (`truth.sources_csv`).
    event_truth : Path or None
        Parquet file of what each event is.
    """

    eclipse: int
    band: Band
    raw6: Path
    n_events: int
    pointing: Path
    consolidated: Path
    calibration: Path
    legs: tuple[Leg, ...]
    scene: Scene
    fuv_temperature: float
    source_truth: Path
    event_truth: Path | None

    @cached_property
    def truth(self) -> Truth:
        """Return what each event is, in the file's order.

        Raises
        ------
        SimulationError
            If the visit was made without.
        """
        if self.event_truth is None:
            raise SimulationError(f"{self.raw6}: simulated without event_truth; simulate it again")
        return read_event_truth(self.event_truth)


def simulate_visit(
    directory: Path,
    *,
    calibration: Path,
    band: Band,
    eclipse: int = 23500,
    legs: Sequence[LegPlan] = (LegPlan(323.4928, -2.064),),
    scene: Scene | None = None,
    detector: Detector | None = None,
    seed: int = 1,
    event_truth: bool = True,
    threads: int | None = None,
    on_progress: Progress = no_progress,
) -> Visit:
    """Make the telemetry, the pointing and the truth of a visit below `directory`.

    Both bands of one visit have the same pointing files when their `legs` are the same and the
    detectors' temperatures are.  A seed makes the same bytes whatever `threads` is.

    Parameters
    ----------
    directory : Path
        Gets ``raw6/``, ``pointing/``, ``tables/`` and ``truth/``.
    calibration : Path
        Directory of the calibration set to invert, real or synthetic.
    legs : sequence of LegPlan
        The pointings.  What of the scene is in none of their fields is just not seen; a user's
        scene is better checked first (`budget.check_scene`).
    event_truth : bool
        Whether to write what each event is, too: some 17 bytes each.
    threads : int, optional
        One for each processor by default.

    Raises
    ------
    SimulationError
        If there is no leg, a leg keeps no aspect, `seed` is negative, or a calibration file is
        missing.
    """
    if seed < 0:
        raise SimulationError(f"seed: must be 0 or more, not {seed}")
    detector = detector or Detector()
    observation = observe(
        legs, scene or Scene(), detector, band=band, eclipse=eclipse, calibration=calibration
    )
    known = reported(observation.timeline.legs, legs)
    files = _EventFiles.below(directory, observation, event_truth=event_truth)
    n_events = files.simulate(observation, calibration, seed, threads, on_progress)
    _write_pointing(directory, observation, known)
    return Visit(
        eclipse=eclipse,
        band=band,
        raw6=files.raw6,
        n_events=n_events,
        pointing=directory / "pointing",
        consolidated=directory / "tables",
        calibration=calibration,
        legs=known,
        scene=observation.scene,
        fuv_temperature=detector.fuv_temperature,
        source_truth=_write_source_truth(directory / "truth", observation),
        event_truth=files.event_truth,
    )


@dataclass(frozen=True)
class _EventFiles:
    """Where the files of events go; `event_truth` is None when it is not wanted."""

    directory: Path
    raw6: Path
    event_truth: Path | None
    old_event_truth: Path

    @classmethod
    def below(
        cls, directory: Path, observation: Observation, *, event_truth: bool
    ) -> "_EventFiles":
        eclipse, band = observation.eclipse, observation.band
        truth = directory / "truth" / f"e{eclipse:05d}-{band.letter}d-events.parquet"
        raw6 = directory / "raw6" / raw6_name(eclipse, band)
        return cls(directory, raw6, truth if event_truth else None, truth)

    def simulate(
        self,
        observation: Observation,
        calibration: Path,
        seed: int,
        threads: int | None,
        on_progress: Progress,
    ) -> int:
        """Write the files, whole or not at all, and return the number of events."""
        for folder in (self.raw6.parent, self.old_event_truth.parent):
            folder.mkdir(parents=True, exist_ok=True)
        made = portions(
            observation,
            calibration,
            seed=seed,
            event_truth=self.event_truth is not None,
            threads=threads or _processors(),
        )
        with TemporaryDirectory(dir=self.directory, prefix=".simulating-") as name:
            raw6, truth = Path(name, "raw6"), Path(name, "truth")
            with open_event_truth(truth) as writer:
                expected = round(expected_of(observation, observation.background))
                rows = _rows(made, writer, partial(on_progress, STAGE), expected)
                n_events = write_raw6(
                    raw6, rows, eclipse=observation.eclipse, band=observation.band
                )
            # Old event truth must not stay beside new events.
            self.old_event_truth.unlink(missing_ok=True)
            raw6.replace(self.raw6)
            if self.event_truth is not None:
                truth.replace(self.event_truth)
        on_progress(STAGE, n_events, n_events)
        return n_events


def _rows(
    made: Iterator[Portion],
    writer: ParquetWriter,
    on_progress: Callable[[int, int], None],
    expected: int,
) -> Iterator[Raw6Rows]:
    """Yield the rows of each portion, after its truth was written."""
    done = 0
    for portion in made:
        if portion.truth is not None:
            append_truth(writer, portion.truth)
        yield portion.rows
        done += len(portion.rows)
        on_progress(min(done, expected), expected)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _write_source_truth(directory: Path, observation: Observation) -> Path:
    name = f"e{observation.eclipse:05d}-{observation.band.letter}d-sources.csv"
    return write_whole(directory / name, sources_csv(observation).encode())


def _write_pointing(directory: Path, observation: Observation, known: Sequence[Leg]) -> None:
    legs, eclipse = observation.timeline.legs, observation.eclipse
    temperature = observation.detector.fuv_temperature
    every_ms, known_ms = (
        np.concatenate([leg.aspect.time_ms for leg in either]) for either in (legs, known)
    )
    write_asprta(directory / "pointing", known, eclipse=eclipse)
    write_scst(
        directory / "pointing",
        legs,
        missing_ms=np.setdiff1d(every_ms, known_ms),
        eclipse=eclipse,
        fuv_temperature=temperature,
    )
    write_consolidated(directory / "tables", known, eclipse=eclipse, fuv_temperature=temperature)
