"""How fast and how small is an ingest?  Everything is printed as a ratio to its floor.

    python benchmarks/ingest.py [--events 18500000]

Makes a visit of that many events (about 11,000 a second over 28 minutes), then, each in a
process of its own:

floor     decompress the telemetry, decode it, and write the very columns that the ingest wrote to
          Parquet with the same settings: what no ingest could do without; spread over the cores
ingest    the whole command ``gphoton-db ingest``, start-up included, on one core and on all

and the peak memory of the command for this visit and for one a quarter as long.  Floor and ingest
take turns, five times; medians are printed, and how far the runs lie apart.  Where others use the
machine, only the ratio of processor times says something.  `ingest_steps.py` shows the steps.
"""

import argparse
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.telemetry import ECLIPSE, LargeVisit, make_large_visit  # noqa: E402

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Run:
    """One run of the command: wall and processor time (s), peak resident memory (MB)."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    report: dict[str, Any]


def in_own_process(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a function in a new process: what it needs of memory is then nobody else's."""
    context = get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        return executor.submit(function, *arguments).result()


def run_ingest(visit: LargeVisit, archive: Path, threads: int) -> Run:
    """Run the command into a new archive."""
    shutil.rmtree(archive, ignore_errors=True)
    command = [sys.executable, "-m", "gphoton_db", "--archive", archive, "ingest", ECLIPSE, "NUV"]
    command += ["--raw6", visit.raw6, "--pointing", visit.pointing]
    command += ["--calibration", visit.calibration, "--threads", threads, "--json"]
    start = time.perf_counter()
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, "NUMBA_CACHE_DIR": str(archive.parent / "kernels")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        output = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        sys.exit(f"the ingest failed: {' '.join(map(str, command))}")
    peak = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak, json.loads(output)["ingests"][0])


@dataclass(frozen=True)
class Floor:
    """What no ingest could do without, on one thread: seconds by the clock, and of processors."""

    seconds: dict[str, float]
    cpu_seconds: float

    @property
    def all_seconds(self) -> float:
        """The parts together."""
        return sum(self.seconds.values())


def run_floor(visit: LargeVisit, archive: Path, scratch: Path) -> Floor:
    """Time the unavoidable parts on one thread."""
    import pyarrow.parquet as pq

    from gphoton_db.ingest.kernels.decode import unpack_rows
    from gphoton_db.ingest.photons import ROW_GROUP_PHOTONS, parquet_settings
    from gphoton_db.ingest.raw6 import event_times_ms, open_raw6
    from gphoton_db.mission import Band
    from gphoton_db.schemas import PHOTONS

    with open_raw6(visit.raw6, ECLIPSE, Band.NUV) as reader:
        layout = reader.layout
        blocks = list(islice(reader.blocks(), 8))  # for the decoding
        share = sum(len(rows) for rows in blocks) / visit.n_events
    spent = Spent()
    with open_raw6(visit.raw6, ECLIPSE, Band.NUV) as reader, spent.on("decompress"):
        for _ in reader.blocks():
            pass
    unpack_rows(blocks[0], layout.first_byte)  # compiled, or loaded, before the clock runs
    for rows in blocks:
        with spent.on("decode", 1 / share):
            unpack_rows(rows, layout.first_byte)
            event_times_ms(rows, layout)
    for part in sorted(archive.glob("photons/**/*.parquet")):
        table = pq.read_table(part, partitioning=None, schema=PHOTONS)
        gc.collect()
        with spent.on("write"), pq.ParquetWriter(scratch, PHOTONS, **parquet_settings()) as writer:
            writer.write_table(table, row_group_size=ROW_GROUP_PHOTONS)
    return Floor(dict(spent.seconds), spent.cpu_seconds)


class Spent:
    """Seconds spent on parts of the work."""

    def __init__(self) -> None:
        self.seconds = Counter[str]()
        self.cpu_seconds = 0.0

    @contextmanager
    def on(self, part: str, times: float = 1.0) -> Iterator[None]:
        """Add what is done within, which stands for `times` as much."""
        start, cpu_start = time.perf_counter(), time.process_time()
        yield
        self.seconds[part] += (time.perf_counter() - start) * times
        self.cpu_seconds += (time.process_time() - cpu_start) * times


def main() -> None:
    """Run everything and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=18_500_000)
    parser.add_argument("--repeat", type=int, default=5, help="the median of so many runs counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
        folder = Path(name)
        short = in_own_process(make_large_visit, folder / "short", options.events // 4)
        visit = in_own_process(make_large_visit, folder / "long", options.events)
        print(f"{visit.n_events:,} events, {visit.raw6.stat().st_size / 1e6:.0f} MB; {CORES} cores")
        first = run_ingest(short, folder / "archive", CORES)
        quarter = run_ingest(short, folder / "archive", CORES)
        single = run_ingest(visit, folder / "archive", 1)
        floors, runs = [], []
        for _ in range(options.repeat):  # in turns: the machine's speed changes by the minute
            scratch = folder / "floor.parquet"
            floors.append(in_own_process(run_floor, visit, folder / "archive", scratch))
            runs.append(run_ingest(visit, folder / "archive", CORES))
    report(visit, floors, runs, (first, quarter, single))


def report(
    visit: LargeVisit, floors: list[Floor], runs: list[Run], others: tuple[Run, Run, Run]
) -> None:
    """Print what was measured."""
    first, quarter, single = others
    spread = median(floor.all_seconds for floor in floors) / CORES
    floor_cpu = median(floor.cpu_seconds for floor in floors)
    parts = ", ".join(
        f"{part} {median(floor.seconds[part] for floor in floors):.2f} s"
        for part in floors[0].seconds
    )
    seconds, cpu = (median(getattr(r, name) for r in runs) for name in ("seconds", "cpu_seconds"))
    slowest, fastest = max(run.seconds for run in runs), min(run.seconds for run in runs)
    peak = max(run.peak_mb for run in runs)
    bytes_each = runs[0].report["size_bytes"] / runs[0].report["n_photons"]
    reduction = median(float(run.report["seconds"]) for run in runs)
    lines = (
        (f"floor on one thread ({parts})", spread * CORES, "s", f"{spread:.2f} s spread"),
        ("  processor time", floor_cpu, "s", ""),
        ("ingest, all cores", seconds, "s", f"{seconds / spread:.2f} x floor spread"),
        (f"  medians of {len(runs)}; fastest", fastest, "s", f"slowest {slowest:.2f} s"),
        ("  of that after start-up", reduction, "s", f"{reduction / spread:.2f} x floor spread"),
        ("  million events per second", visit.n_events / seconds / 1e6, "", ""),
        ("  processor time", cpu, "s", f"{cpu / floor_cpu:.2f} x the floor's"),
        ("ingest, one thread", single.seconds, "s", f"{single.seconds / seconds:.2f} x all"),
        ("peak memory", peak, "MB", f"{peak / quarter.peak_mb:.2f} x of a quarter"),
        ("photon files", bytes_each, "B/photon", f"{bytes_each / 14:.2f} x telemetry"),
        ("first run ever, short visit", first.seconds, "s", "kernels are compiled"),
        ("next run, short visit", quarter.seconds, "s", f"{quarter.seconds / first.seconds:.2f} x"),
    )
    for name, value, unit, ratio in lines:
        print(f"{name:68s} {value:8.2f} {unit:8s} {ratio}")


if __name__ == "__main__":
    main()
