"""What do jobs cost on a Dask cluster, against worker processes of our own?  In time and as ratios.

    python benchmarks/cluster.py [--jobs 1000] [--visits 60] [--cores 64]

Everything runs on this machine, so workers share its cores with the run and the scheduler:
processor time counts, of all processes together, and seconds are worth what the machine is.

engine      jobs that do nothing, by 1 and 2 workers: ms of processor a job, of which the start of
            workers and scheduler is taken off (a run of one job), and of time, from the end of the
            first job to that of the last
visits      small visits, ingested by 1 and 2 workers: one more of them, without the start (a run
            of two)
projection  47,000 eclipses on a cluster of so many cores, with its arithmetic
"""

import argparse
import logging
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.ingest import in_own_process  # noqa: E402
from benchmarks.many import FIRST_SMALL, Inputs, make_inputs  # noqa: E402
from benchmarks.no_job import NoJob  # noqa: E402
from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.intake.many.choose import executor_for  # noqa: E402
from gphoton_db.intake.many.executor import Executor, work_off  # noqa: E402
from gphoton_db.intake.many.messages import Ended  # noqa: E402

BANDS, PHOTONS = 74_000, 1e12
"""Of the mission: 47,000 eclipses in one or both bands."""

EVENTS_A_CORE_S, SMALL_BAND_S = 1.0e6, 1.1
"""Events that a core reduces in a second, and what a band takes without them, s of processor
(docs/mission-scale.md)."""

FIRST_VISITS = 2
"""A run of so many is the start: each of two workers has one."""

COMMIT_S, COMMIT_EVERY_S = 0.9, 30.0
"""A commit among 300,000 legs, and how often there is one."""

BYTES_READ, BYTES_WRITTEN = 6.6, 10.33
"""A photon: telemetry, gzipped, of eclipse 23500; and photon files."""


@dataclass(frozen=True)
class Cost:
    """Time that passed, and processor time of all processes, s."""

    seconds: float
    processor: float

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(self.seconds - other.seconds, self.processor - other.processor)


@contextmanager
def dask_workers(number: int) -> Iterator[str]:
    """Start a scheduler and workers of one thread each, and give their address."""
    import dask
    from distributed import LocalCluster

    with dask.config.set({"distributed.worker.memory.terminate": False}):
        cluster = LocalCluster(
            n_workers=number, threads_per_worker=1, dashboard_address=None, memory_limit=0
        )
    with closing(cluster):
        yield cluster.scheduler_address


def cost_of(work: Callable[[], None]) -> Cost:
    """Do some work in this process, which has done none before, and return what it took."""
    logging.disable(logging.WARNING)  # that the calibration is made up
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return Cost(seconds, sum(each.ru_utime + each.ru_stime for each in used))


def nothing_done(folder: Path, n_jobs: int, workers: int, dask: bool) -> Cost:
    """Return what so many jobs cost that do nothing; seconds without the start."""
    ends: list[float] = []

    def work_by(cluster: str | None) -> None:
        executor: Executor[int] = executor_for(cluster, jobs=workers, threads=1, n_jobs=n_jobs)
        executor.prepare((), lambda *_: None)
        jobs = ((k, NoJob(folder / f"{n_jobs}-{k}", folder)) for k in range(n_jobs))
        for _, said in work_off(executor, jobs):
            if isinstance(said, Ended):
                assert said.reason is None
                ends.append(time.perf_counter())

    cost = cost_of(partial(_by, workers if dask else None, work_by))
    assert len(ends) == n_jobs
    return Cost(ends[-1] - ends[0], cost.processor)


def visits_ingested(inputs: Inputs, root: Path, n_visits: int, workers: int, dask: bool) -> Cost:
    """Return what the ingest of small visits costs."""

    def work_by(cluster: str | None) -> None:
        with Archive(root) as archive:
            done = archive.ingest_many(
                range(FIRST_SMALL, FIRST_SMALL + n_visits),
                "NUV",
                jobs=workers,
                cluster=cluster,
                threads=1,
                raw6=inputs.raw6,
                pointing=inputs.pointing,
                calibration=inputs.calibration,
            )
        assert done.complete, done.failures[0]

    return cost_of(partial(_by, workers if dask else None, work_by))


def _by(workers: int | None, work: Callable[[str | None], None]) -> None:
    if workers is None:
        work(None)
        return
    with dask_workers(workers) as address:
        work(address)


def report_engine(folder: Path, n_jobs: int) -> float:
    """Print what the engine takes a job; return Dask's milliseconds of time with two workers."""
    print(f"engine: {n_jobs} jobs that do nothing, ms a job")
    took = 0.0
    for workers in (1, 2):
        for dask in (False, True):
            one, many = (
                in_own_process(nothing_done, folder, n, workers, dask) for n in (1, n_jobs + 1)
            )
            each = many - one
            took = 1000 * each.seconds / n_jobs
            name = "Dask" if dask else "local"
            print(
                f"  {name:5} {workers} workers: processor {1000 * each.processor / n_jobs:6.2f}, "
                f"time {took:6.2f}; start {one.processor:5.1f} s of processor"
            )
    return took


def report_visits(folder: Path, n_visits: int) -> None:
    """Print what one more small visit takes, and how that scales."""
    inputs = make_inputs(folder / "inputs", n_visits + FIRST_VISITS, 0, 200_000)
    print(f"visits: {n_visits} small ones, s of processor (of time) for each")
    for dask in (False, True):
        name, alone = "Dask" if dask else "local", 0.0
        for workers in (1, 2):
            few, many = (
                in_own_process(
                    visits_ingested, inputs, folder / f"{name}-{workers}-{n}", n, workers, dask
                )
                for n in (FIRST_VISITS, FIRST_VISITS + n_visits)
            )
            each = many - few
            alone = alone or each.seconds
            print(
                f"  {name:5} {workers} workers: {each.processor / n_visits:6.2f} "
                f"({each.seconds / n_visits:.2f}; {alone / each.seconds:.2f} times as fast as "
                f"one); start and {FIRST_VISITS} visits {few.processor:.1f} ({few.seconds:.1f})"
            )


def report_projection(cores: int, engine_ms: float) -> None:
    """Print what the whole mission takes."""
    events, bands = PHOTONS / EVENTS_A_CORE_S, BANDS * SMALL_BAND_S
    hours = (events + bands) / cores / 3600
    engine = BANDS * engine_ms / 1000
    print(f"projection: {BANDS:,} bands, {PHOTONS:.0e} photons, {cores} cores")
    print(f"  photons   {PHOTONS:.0e} / {EVENTS_A_CORE_S:.0e} a second = {events:,.0f} core s")
    print(f"  bands     {BANDS:,} x {SMALL_BAND_S} s = {bands:,.0f} core s")
    print(f"  workers   ({events:,.0f} + {bands:,.0f}) / {cores} cores = {hours:.1f} h")
    print(
        f"  deciding  {BANDS:,} x {engine_ms:.1f} ms = {engine / 60:.0f} min, "
        f"{engine / hours / 36:.1f} % of that time"
    )
    print(f"  commits   {COMMIT_S} s every {COMMIT_EVERY_S:.0f} s, in a thread beside: 3 %")
    for what, size in (("read", BYTES_READ), ("written", BYTES_WRITTEN)):
        rate = PHOTONS * size / (hours * 3600) / 1e6
        print(f"  disk      {size:.1f} bytes a photon {what}: {rate:,.0f} MB/s, shared by all")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--jobs", type=int, default=1000, help="jobs that do nothing")
    parser.add_argument("--visits", type=int, default=60, help="small visits")
    parser.add_argument("--cores", type=int, default=64, help="of the cluster of the projection")
    options = parser.parse_args()
    # Workers import this file by its name.
    os.environ["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
        engine_ms = report_engine(Path(name), options.jobs)
        report_visits(Path(name), options.visits)
    report_projection(options.cores, engine_ms)


if __name__ == "__main__":
    main()
