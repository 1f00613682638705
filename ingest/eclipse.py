"""From one raw6 file to the finished Parquet files of its legs: the data's path, top down."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from gphoton_db.aspect.pointing import Leg, Pointing
from gphoton_db.calibration import CalibrationSet
from gphoton_db.calibration.kept import LoadCalibration
from gphoton_db.errors import PointingError
from gphoton_db.ingest.ahead import ReducedAhead
from gphoton_db.ingest.ghosts import flag_ghosts
from gphoton_db.ingest.leg import EclipseReduction, LegPhotons, collect_leg
from gphoton_db.ingest.losses import lost_part
from gphoton_db.ingest.photons import (
    FULL_PRECISION,
    STORED_PRECISION,
    PhotonFile,
    plan_parts,
    write_part,
)
from gphoton_db.ingest.raw6 import Raw6Reader, open_raw6
from gphoton_db.ingest.scan import Scan, Telemetry, scan_telemetry
from gphoton_db.ingest.scratch import Scratch
from gphoton_db.ingest.solution import Solution, solve
from gphoton_db.mission import Band, centre_scale, stim_positions
from gphoton_db.paths import photon_file
from gphoton_db.progress import Progress, counter, no_progress

logger = logging.getLogger(__name__)

LARGEST_LOSS = 0.25
"""Part of the photons with good aspect that may end without a position, and nothing is said."""


@dataclass(frozen=True)
class ReductionOptions:
    """How to reduce, where there is a choice.

    Parameters
    ----------
    full_precision : bool
        Keep positions and responses to the last bit (larger files).
    clamp_separation : bool
        Use the nearest layer where the stim separation leaves the distortion cube.
    threads : int
        Worker threads.
    generation : str
        Name of the ingest, which is part of the names of its files.
    """

    full_precision: bool = False
    clamp_separation: bool = False
    threads: int = 2
    generation: str = "reduced"


@dataclass(frozen=True, eq=False)
class ReducedLeg:
    """A leg with its photon files written (still outside of any archive)."""

    leg: Leg
    photons: LegPhotons
    files: tuple[PhotonFile, ...]


@dataclass(frozen=True, eq=False)
class ReducedEclipse:
    """What came of one band of an eclipse.

    Parameters
    ----------
    eclipse, band
        Which it is.
    legs
        Those that have events.
    calibration
        What they were calibrated with.
    telemetry
        What was found in it (its scratch file is closed).
    solution
        What the stims and the pointing gave.
    warnings
        What is odd about telemetry and calibration, and may be right.
    """

    eclipse: int
    band: Band
    legs: tuple[ReducedLeg, ...]
    calibration: CalibrationSet
    telemetry: Telemetry
    solution: Solution
    warnings: tuple[str, ...] = ()


def reduce_eclipse(
    raw6: Path,
    eclipse: int,
    band: Band,
    pointing: Pointing,
    calibration_directory: Path,
    output: Path,
    options: ReductionOptions,
    on_progress: Progress = no_progress,
    load: LoadCalibration = CalibrationSet.load,
) -> ReducedEclipse:
    """Reduce one raw6 file into photon files below `output`.

    Files are named ``<leg>/<part>.parquet``.  Memory stays bounded whatever the length of the
    telemetry: what does not fit a chunk is parked in nameless scratch files below `output`.

    Parameters
    ----------
    raw6 : Path
        Telemetry file.
    eclipse, band
        What it must hold.
    pointing : Pointing
        Of the eclipse.
    calibration_directory : Path
        Holds the calibration files.
    output : Path
        Folder for the photon files and the scratch files.
    options : ReductionOptions
        Choices.
    on_progress : callable
        Told how far each stage is.
    load : callable
        Loads the calibration; of a process that reduces many bands, one that keeps it.

    Raises
    ------
    GPhotonError
        One of its kinds, when telemetry, pointing or calibration cannot be used.
    OSError
        When the disk is full or not writable.
    """
    with (
        ThreadPoolExecutor(options.threads, thread_name_prefix="reduce") as executor,
        Scratch(output) as raw_scratch,
        Scratch(output) as photon_scratch,
        open_raw6(raw6, eclipse, band) as reader,
    ):
        try:
            loading = executor.submit(load, calibration_directory, band, eclipse)
            # Arrow looks for pandas with its first array; now a core has nothing else to do.
            executor.submit(pa.array, [0])
            ahead = ReducedAhead(executor, pointing, loading, photon_scratch)
            telemetry = _scan(reader, eclipse, band, pointing, raw_scratch, ahead.note, on_progress)
            observed = _observed_legs(pointing, telemetry)
            calibration = loading.result()
            solution = solve(
                telemetry, pointing, calibration, clamp_separation=options.clamp_separation
            )
            photons = _reduce_legs(
                ahead, telemetry, observed, solution.reduction, photon_scratch, on_progress
            )
            files = _write_legs(
                executor, photons, eclipse, calibration, output, options, on_progress
            )
        except BaseException:
            executor.shutdown(cancel_futures=True)
            raise
    legs = tuple(map(ReducedLeg, (leg for leg, _ in observed), photons, files))
    odd = _oddities(pointing, legs, telemetry, calibration)
    return ReducedEclipse(eclipse, band, legs, calibration, telemetry, solution, odd)


LegRows = tuple[Leg, tuple[int, int]]
"""A leg, and the first and the end of its rows of telemetry."""


def _scan(
    reader: Raw6Reader,
    eclipse: int,
    band: Band,
    pointing: Pointing,
    scratch: Scratch,
    on_scan: Callable[[Scan], None],
    on_progress: Progress,
) -> Telemetry:
    return scan_telemetry(
        reader,
        pointing.legs,
        centre_scale(band, eclipse),
        stim_positions(band, eclipse),
        scratch,
        on_rows=counter(on_progress, "reading", reader.layout.n_rows),
        on_scan=on_scan,
    )


def _observed_legs(pointing: Pointing, telemetry: Telemetry) -> list[LegRows]:
    """Return the legs that have events, with their rows of telemetry."""
    both = list(zip(pointing.legs, telemetry.leg_rows, strict=True))
    observed = [(leg, rows) for leg, rows in both if rows[0] < rows[1]]
    if not observed:
        aspect = [leg.aspect for leg in pointing.legs]
        raise PointingError(
            f"eclipse {pointing.eclipse}: no pointing for these times: the telemetry covers "
            f"t = {telemetry.first_ms / 1000:.3f} to {telemetry.last_ms / 1000:.3f} s, the aspect "
            f"{aspect[0].time_ms[0] / 1000:.3f} to {aspect[-1].time_ms[-1] / 1000:.3f} s"
        )
    return observed


def _oddities(
    pointing: Pointing,
    legs: tuple[ReducedLeg, ...],
    telemetry: Telemetry,
    calibration: CalibrationSet,
) -> tuple[str, ...]:
    """Return what is odd, with what was logged before; legs without photons are logged here."""
    heard = {leg.leg.number for leg in legs}
    said = [
        f"eclipse {pointing.eclipse} leg {leg.number} has no events"
        for leg in pointing.legs
        if leg.number not in heard
    ]
    for leg in legs:
        lost = lost_part(leg.photons.ticks, leg.leg.aspect, telemetry.stims.t_ms)
        if lost > LARGEST_LOSS:
            said.append(
                f"eclipse {pointing.eclipse} leg {leg.leg.number}: {100 * lost:.0f} % of its "
                "photons with good aspect have no position: off the detector, or where a "
                "calibration table has no value (gphoton-db calibration verify)"
            )
    for message in said:
        logger.warning("%s", message)
    return (*telemetry.warnings, *calibration.warnings, *said)


def _flag_ghosts(photons: list[LegPhotons], observed: list[LegRows]) -> list[LegPhotons]:
    return [
        flag_ghosts(leg_photons, leg.boresight.ra0)
        for leg_photons, (leg, _) in zip(photons, observed, strict=True)
    ]


def _reduce_legs(
    ahead: ReducedAhead,
    telemetry: Telemetry,
    observed: list[LegRows],
    reduction: EclipseReduction,
    scratch: Scratch,
    on_progress: Progress,
) -> list[LegPhotons]:
    count = counter(on_progress, "reducing", sum(rows[1] - rows[0] for _, rows in observed))
    started = [(leg, ahead.submit(telemetry, leg, rows, reduction)) for leg, rows in observed]
    photons = [
        collect_leg(leg.number, int(leg.aspect.time_ms[0]), scratch, tasks, count)
        for leg, tasks in started
    ]
    telemetry.scratch.close()  # the system has other use for its pages
    return _flag_ghosts(photons, observed) if reduction.csp.corrections.active else photons


def _write_legs(
    executor: ThreadPoolExecutor,
    legs: list[LegPhotons],
    eclipse: int,
    calibration: CalibrationSet,
    output: Path,
    options: ReductionOptions,
    on_progress: Progress,
) -> list[tuple[PhotonFile, ...]]:
    count = counter(on_progress, "writing", sum(int(leg.ticks.events.sum()) for leg in legs))
    started: list[list[Future[PhotonFile]]] = []
    for leg in legs:
        started.append([])
        for part, batches in enumerate(plan_parts(leg)):
            path = output / str(leg.number) / f"{part}.parquet"
            started[-1].append(
                executor.submit(
                    write_part,
                    leg,
                    part,
                    batches,
                    path,
                    calibration,
                    FULL_PRECISION if options.full_precision else STORED_PRECISION,
                    photon_file(calibration.band, eclipse, leg.number, options.generation, part),
                )
            )
    files: list[tuple[PhotonFile, ...]] = []
    for tasks in started:
        written = []
        for task in tasks:
            written.append(task.result())
            count(written[-1].n_photons)
        files.append(tuple(written))
    return files
