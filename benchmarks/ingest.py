"""How fast and how small is an ingest?  Everything is printed as a ratio to its floor.

    python benchmarks/ingest.py [--events 18500000]

Makes a visit of that many events (about 11,000 a second over 28 minutes), then, each in a
process of its own:

floor     decompress the telemetry, decode it, and write the very columns that the ingest wrote to
          Parquet with the same settings: what no ingest could do without; spread over the cores
ingest    the whole command ``gphoton-db ingest``, start-up included, on one core and on all

and the peak memory of the command for this visit and for one a quarter as long.
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
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
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


def floor_seconds(visit: LargeVisit, archive: Path, scratch: Path) -> dict[str, float]:
    """Time the unavoidable parts on one thread."""
    import pyarrow.parquet as pq

    from gphoton_db.ingest.kernels.decode import unpack_rows
    from gphoton_db.ingest.photons import parquet_settings
    from gphoton_db.ingest.raw6 import event_times_ms, open_raw6
    from gphoton_db.mission import Band
    from gphoton_db.schemas import PHOTONS

    with open_raw6(visit.raw6, ECLIPSE, Band.NUV) as reader:
        layout = reader.layout
        blocks = list(islice(reader.blocks(), 8))  # for the decoding
        n_decoded = sum(len(rows) for rows in blocks)
    spent = dict.fromkeys(("decompress", "decode", "write"), 0.0)
    with open_raw6(visit.raw6, ECLIPSE, Band.NUV) as reader:
        start = time.perf_counter()
        for _ in reader.blocks():
            pass
        spent["decompress"] = time.perf_counter() - start
    unpack_rows(blocks[0], layout.first_byte)  # compiled, or loaded, before the clock runs
    event_times_ms(blocks[0], layout)
    for rows in blocks:
        start = time.perf_counter()
        unpack_rows(rows, layout.first_byte)
        event_times_ms(rows, layout)
        spent["decode"] += (time.perf_counter() - start) * visit.n_events / n_decoded
    for part in sorted(archive.glob("photons/**/*.parquet")):
        table = pq.read_table(part, partitioning=None, schema=PHOTONS)
        gc.collect()
        start = time.perf_counter()
        with pq.ParquetWriter(scratch, PHOTONS, **parquet_settings()) as writer:
            writer.write_table(table, row_group_size=122_880)
        spent["write"] += time.perf_counter() - start
    return spent


def main() -> None:
    """Run everything and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=18_500_000)
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many runs counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
        folder = Path(name)
        short = in_own_process(make_large_visit, folder / "short", options.events // 4)
        visit = in_own_process(make_large_visit, folder / "long", options.events)
        print(f"{visit.n_events:,} events, {visit.raw6.stat().st_size / 1e6:.0f} MB; {CORES} cores")
        first = run_ingest(short, folder / "archive", CORES)
        quarter = run_ingest(short, folder / "archive", CORES)
        single = run_ingest(visit, folder / "archive", 1)
        runs = [run_ingest(visit, folder / "archive", CORES) for _ in range(options.repeat)]
        best = min(runs, key=lambda run: run.seconds)
        floors = [
            in_own_process(floor_seconds, visit, folder / "archive", folder / "floor.parquet")
            for _ in range(options.repeat)
        ]
        floor = {part: min(f[part] for f in floors) for part in floors[0]}
    report(visit, floor, first, quarter, single, best)


def report(
    visit: LargeVisit, floor: dict[str, float], first: Run, quarter: Run, single: Run, best: Run
) -> None:
    """Print what was measured."""
    spread = sum(floor.values()) / CORES
    parts = ", ".join(f"{part} {seconds:.2f} s" for part, seconds in floor.items())
    bytes_each = best.report["size_bytes"] / best.report["n_photons"]
    reduction = float(best.report["seconds"])
    lines = (
        (f"floor on one thread ({parts})", sum(floor.values()), "s", f"{spread:.2f} s spread"),
        ("ingest, all cores", best.seconds, "s", f"{best.seconds / spread:.2f} x floor spread"),
        ("  of that after start-up", reduction, "s", f"{reduction / spread:.2f} x floor spread"),
        ("  million events per second", visit.n_events / best.seconds / 1e6, "", ""),
        ("  processor time", best.cpu_seconds, "s", ""),
        ("ingest, one thread", single.seconds, "s", f"{single.seconds / best.seconds:.2f} x all"),
        ("peak memory", best.peak_mb, "MB", f"{best.peak_mb / quarter.peak_mb:.2f} x of a quarter"),
        ("photon files", bytes_each, "B/photon", f"{bytes_each / 14:.2f} x telemetry"),
        ("first run ever, short visit", first.seconds, "s", "kernels are compiled"),
        ("next run, short visit", quarter.seconds, "s", f"{quarter.seconds / first.seconds:.2f} x"),
    )
    for name, value, unit, ratio in lines:
        print(f"{name:68s} {value:8.2f} {unit:8s} {ratio}")


if __name__ == "__main__":
    main()
