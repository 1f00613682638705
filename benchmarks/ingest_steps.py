"""Where does the processor time of a reduction go?  Nanoseconds an event, step by step.

    python benchmarks/ingest_steps.py [--events 18500000] [--threads 1] [--repeat 5]

Makes the visit of `benchmarks/ingest.py` and reduces it, each time in a process of its own, with
a clock around the functions of `STEPS`: each counts the time of its own thread, less that of
steps within it.  Medians are printed.  To compare two states of the program, run this in both in
turns with `--visit` naming the same folder.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.ingest import in_own_process  # noqa: E402
from benchmarks.telemetry import ECLIPSE, make_large_visit  # noqa: E402
from gphoton_db.mission import Band  # noqa: E402

INGEST = "gphoton_db.ingest"
STEPS = (
    (f"{INGEST}.raw6", "_read_into", "decompress"),
    (f"{INGEST}.scan", "event_times_ms", "decode times"),
    (f"{INGEST}.scan", "_check_times", "check times"),
    (f"{INGEST}.scan", "stims_in_block", "find stims; kernels are loaded"),
    (f"{INGEST}.scan", "park", "park telemetry"),
    (f"{INGEST}.leg", "reduce_rows", "reduce (the kernel)"),
    (f"{INGEST}.leg", "count_ticks", "ticks"),
    (f"{INGEST}.leg", "_on_detector", "first and last on the detector"),
    (f"{INGEST}.leg", "group_by_pixel", "group by place"),
    (f"{INGEST}.leg", "reorder", "bring into groups"),
    (f"{INGEST}.scratch", "Scratch.append", "write scratch files"),
    (f"{INGEST}.scan", "Telemetry.read", "read parked telemetry"),
    (f"{INGEST}.leg", "LegPhotons.read", "read parked photons"),
    (f"{INGEST}.photons", "order_by_cell", "sort by cell"),
    (f"{INGEST}.photons", "lay_out", "response, mask, rounding, columns"),
    ("pyarrow.parquet", "ParquetWriter.write_table", "encode and compress"),
    (f"{INGEST}.photons", "seal", "checksums of pages (seal)"),
    (f"{INGEST}.photons", "describe", "SHA-256, onto the disk"),
    ("gphoton_db.calibration", "CalibrationSet.load", "calibration"),
    (f"{INGEST}.eclipse", "solve", "stim solution, pointing"),
    (f"{INGEST}.ahead", "solve_ahead", "the same with the stims so far"),
)


class Clock:
    """Processor time of each step, of all threads."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._within = threading.local()

    def around(self, function: Callable[..., Any], label: str) -> Callable[..., Any]:
        """Return the function with a clock around it."""

        @wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            outer = getattr(self._within, "seconds", 0.0)
            self._within.seconds = 0.0
            start = time.thread_time()
            try:
                return function(*arguments, **named)
            finally:
                seconds = time.thread_time() - start
                with self._lock:
                    self.spent[label] += seconds - self._within.seconds
                self._within.seconds = outer + seconds

        return timed

    def watch(self, module: str, name: str, label: str) -> None:
        """Put a clock around a function, or a method, of a module."""
        owner: Any = import_module(module)
        *holders, last = name.split(".")
        for holder in holders:
            owner = getattr(owner, holder)
        setattr(owner, last, self.around(getattr(owner, last), label))


def step_seconds(folder: Path, threads: int) -> dict[str, float]:
    """Reduce the visit below a folder once; return the seconds of each step, and of all."""
    from gphoton_db.aspect.read import read_pointing
    from gphoton_db.calibration import CalibrationSet
    from gphoton_db.ingest.eclipse import ReductionOptions, reduce_eclipse

    clock = Clock()
    for step in STEPS:
        clock.watch(*step)
    start = time.process_time()
    with tempfile.TemporaryDirectory(dir=folder) as output:
        reduce_eclipse(
            next((folder / "raw6").glob("*raw6.fits.gz")),
            ECLIPSE,
            Band.NUV,
            read_pointing(folder / "pointing", ECLIPSE),
            folder / "calibration",
            Path(output),
            ReductionOptions(threads=threads),
            load=CalibrationSet.load,  # the default was bound before the clock was put around it
        )
    total = time.process_time() - start
    rest = total - clock.spent.total()
    return {**clock.spent, "all else": rest, "reduction": total}


def events_of(folder: Path) -> int:
    """Return how many events the telemetry of a visit has."""
    from gphoton_db.ingest.raw6 import open_raw6

    with open_raw6(next((folder / "raw6").glob("*raw6.fits.gz")), ECLIPSE, Band.NUV) as reader:
        return reader.layout.n_rows


def main() -> None:
    """Reduce the visit as often as asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=18_500_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=5, help="the median of so many runs counts")
    parser.add_argument("--visit", type=Path, help="folder to keep the visit in, and to find it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
        folder = options.visit or Path(name)
        if not (folder / "raw6").is_dir():
            in_own_process(make_large_visit, folder, options.events)
        n = in_own_process(events_of, folder)
        in_own_process(step_seconds, folder, options.threads)  # kernels are compiled
        runs = [
            in_own_process(step_seconds, folder, options.threads) for _ in range(options.repeat)
        ]
    print(f"{n:,} events, {options.threads} threads, medians of {len(runs)}, processor time")
    for label in (*dict.fromkeys(step[2] for step in STEPS), "all else", "reduction"):
        ns = median(run.get(label, 0.0) for run in runs) / n * 1e9
        print(f"{label:40s} {ns:7.1f} ns an event")


if __name__ == "__main__":
    main()
