"""How long does it take from telemetry to photometry, and in how much memory?  All is printed.

    python benchmarks/run.py [--events 18500000] [--repeat 2] [--depth 30]

Makes an NUV visit of that many events (28 minutes, 2,000 stars), then runs, each in a process of
its own with start-up included:

everything      ``gphoton-db run``: ingest, image and movie written, sources detected, photometry
                of all of them in the image and in every frame
no movie file   the same, without writing the movie
photons only    ``gphoton-db run --stop-after photons``: the part of it that is the ingest
light curves    10,000 positions in that visit, `Archive.lightcurves`, bins of the same depth

The aims, for 18 to 20 million events on two cores: 25 s and 1 GB; 12 s; 5 s for light curves.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.ingest import CORES, in_own_process  # noqa: E402
from benchmarks.telemetry import ECLIPSE, LEGS, LargeVisit, make_large_visit  # noqa: E402

N_POSITIONS = 10_000
KB_PER_UNIT = 1 if sys.platform != "darwin" else 1 / 1024


@dataclass(frozen=True)
class Run:
    """Seconds, processor seconds, peak resident memory (MB), and what was made."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    made: str


def pipeline(visit: LargeVisit, archive: Path, options: Sequence[str]) -> Run:
    """Run the command into a new archive."""
    shutil.rmtree(archive, ignore_errors=True)
    command = [sys.executable, "-m", "gphoton_db", "--archive", archive, "run", ECLIPSE, "NUV"]
    command += ["--raw6", visit.raw6, "--pointing", visit.pointing]
    command += ["--calibration", visit.calibration, "--json", *options]
    start = time.perf_counter()
    with subprocess.Popen(
        [str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        output = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        sys.exit(f"the run failed: {' '.join(map(str, command))}")
    (leg,) = json.loads(output)["legs"]
    sources = f"{leg['n_sources']:,} sources, " if leg["n_sources"] is not None else ""
    size = sum(Path(file).stat().st_size for file in leg["files"]) / 1e6
    made = f"{sources}{len(leg['files'])} files, {size:.0f} MB"
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * KB_PER_UNIT / 1024, made)


def light_curves(archive: Path, depth: float) -> Run:
    """Measure many positions of the visit, in this process; kernels are loaded before."""
    import numpy as np
    from astropy.table import Table

    from gphoton_db.archive import Archive

    rng = np.random.default_rng(2)
    radius, angle = 0.55 * np.sqrt(rng.random(N_POSITIONS)), 2 * np.pi * rng.random(N_POSITIONS)
    dec = LEGS[0].dec0 + radius * np.sin(angle)
    ra = LEGS[0].ra0 + radius * np.cos(angle) / np.cos(np.radians(dec))
    with Archive(archive) as opened:
        positions = Table({"ra": ra, "dec": dec})
        opened.lightcurves(positions[:10], step=depth)
        start, before = time.perf_counter(), time.process_time()
        table = opened.lightcurves(positions, step=depth)
        seconds, cpu = time.perf_counter() - start, time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KB_PER_UNIT / 1024
    return Run(seconds, cpu, peak, f"{len(table):,} rows")


def main() -> None:
    """Run everything and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=18_500_000)
    parser.add_argument("--repeat", type=int, default=2, help="the best of so many runs counts")
    parser.add_argument("--depth", type=float, default=30.0, help="length of a frame, s")
    options = parser.parse_args()
    depth = ("--depth", str(options.depth))
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
        folder = Path(name)
        archive = folder / "archive"
        visit = in_own_process(make_large_visit, folder / "visit", options.events)
        print(f"{visit.n_events:,} events, {visit.raw6.stat().st_size / 1e6:.0f} MB; {CORES} cores")
        small = in_own_process(make_large_visit, folder / "small", 200_000)
        pipeline(small, archive, depth)  # kernels are compiled before the clock runs
        runs = {
            "photons only": ("--stop-after", "photons"),
            "no movie file": (*depth, "--no-movie"),
            "everything": depth,
        }
        found = {
            name: min(
                (pipeline(visit, archive, chosen) for _ in range(options.repeat)),
                key=lambda run: run.seconds,
            )
            for name, chosen in runs.items()
        }
        curves = f"{N_POSITIONS:,} light curves"
        found[curves] = in_own_process(light_curves, archive, options.depth)
    whole = found["everything"].seconds
    for name, run in found.items():
        print(
            f"{name:22s} {run.seconds:7.2f} s ({run.seconds / whole:4.2f} x) "
            f"{run.cpu_seconds:7.2f} s of processors {run.peak_mb:6.0f} MB memory   {run.made}"
        )


if __name__ == "__main__":
    main()
