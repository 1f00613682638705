"""How fast is the simulator, and how much memory does it take?  Printed as ratios.

    python benchmarks/simulate.py [--events 20000000] [--stars 10000]

Simulates a visit of that many events, and one of a quarter as many, each in a process of its own
with its kernels compiled before.  The time is printed as a ratio to what it takes to gzip the
same telemetry once more, on one thread, with the same settings.
"""

import argparse
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.ingest import CORES, in_own_process  # noqa: E402
from benchmarks.telemetry import ECLIPSE, LEGS, large_scene  # noqa: E402


@dataclass(frozen=True)
class Run:
    """One simulation: wall and processor time (s), peak resident memory (MB)."""

    n_events: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    raw6: Path


def write_calibration(folder: Path) -> None:
    """Make the calibration set."""
    from gphoton_db.simulate.synthetic_calibration import write_synthetic_calibration

    write_synthetic_calibration(folder)


def run_simulation(folder: Path, calibration: Path, n_events: int, n_stars: int) -> Run:
    """Simulate a visit and measure that."""
    from gphoton_db.mission import Band
    from gphoton_db.simulate.plan import LegPlan
    from gphoton_db.simulate.visit import simulate_visit

    simulate_visit(
        folder / "warm-up", calibration=calibration, band=Band.NUV, legs=[LegPlan(10.0, 5.0)]
    )
    start, cpu_start = time.perf_counter(), time.process_time()
    visit = simulate_visit(
        folder,
        calibration=calibration,
        band=Band.NUV,
        eclipse=ECLIPSE,
        legs=LEGS,
        scene=large_scene(n_events, calibration, n_stars=n_stars),
        event_truth=False,
    )
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_mb = peak / (1024 if sys.platform != "darwin" else 1024**2)
    return Run(visit.n_events, seconds, cpu_seconds, peak_mb, visit.raw6)


def compression_seconds(raw6: Path) -> float:
    """Time gzip on the plain telemetry."""
    from isal import igzip

    from gphoton_db.simulate.raw6_file import COMPRESSION_LEVEL

    with igzip.open(raw6) as file:
        plain = file.read()
    start = time.perf_counter()
    igzip.compress(plain, COMPRESSION_LEVEL)
    return time.perf_counter() - start


def main() -> None:
    """Run everything and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--stars", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
        folder = Path(name)
        calibration = folder / "calibration"
        in_own_process(write_calibration, calibration)
        quarter, whole = (
            in_own_process(run_simulation, folder / part, calibration, n_events, options.stars)
            for part, n_events in (("quarter", options.events // 4), ("whole", options.events))
        )
        floor = in_own_process(compression_seconds, whole.raw6)
        size_mb = whole.raw6.stat().st_size / 1e6
    print(f"{whole.n_events:,} events of {options.stars:,} stars, {size_mb:.0f} MB; {CORES} cores")
    lines = (
        ("simulation, all cores", whole.seconds, "s", f"{whole.seconds / floor:.1f} x gzip"),
        ("  million events per second", whole.n_events / whole.seconds / 1e6, "", ""),
        ("  processor time", whole.cpu_seconds, "s", f"{whole.cpu_seconds / whole.seconds:.2f} x"),
        ("gzip of the same telemetry", floor, "s", "one thread"),
        ("peak memory", whole.peak_mb, "MB", f"{whole.peak_mb / quarter.peak_mb:.2f} x a quarter"),
    )
    for label, value, unit, ratio in lines:
        print(f"{label:40s} {value:8.2f} {unit:4s} {ratio}")


if __name__ == "__main__":
    main()
