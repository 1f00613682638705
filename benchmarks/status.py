"""Does `status` take as long whatever the archive holds?  As ratios to an archive of 10 legs.

    python benchmarks/status.py [--legs 10,1000,30000] [--repeat 7]

Archives of so many legs (rows of the catalogue; their files are not there), and on each, one after
the other in turns, the medians of so many processes with start-up included:

status            what a person asks first
status --json     the same for a machine
status --legs     the first 200 legs

and below them `python -c "import duckdb"`, what no command can do without.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.many import (  # noqa: E402
    FIRST_SMALL,
    Inputs,
    grown,
    make_inputs,
    one_by_one,
    run_quietly,
)

COMMANDS = {
    "status": ["status"],
    "status --json": ["status", "--json"],
    "status --legs": ["status", "--legs"],
}


@dataclass(frozen=True)
class Run:
    """Wall and processor time of a process, seconds, and what it printed, bytes."""

    seconds: float
    cpu_seconds: float
    printed: int


def run(command: list[str]) -> Run:
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        output = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"failed: {' '.join(command)}")
    return Run(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, len(output))


def median(runs: list[Run]) -> Run:
    return Run(
        statistics.median(each.seconds for each in runs),
        statistics.median(each.cpu_seconds for each in runs),
        runs[0].printed,
    )


def report(roots: dict[int, Path], repeat: int) -> None:
    """Measure in turns, so that whatever else the machine does slows down all alike."""
    floor: list[Run] = []
    runs: dict[tuple[str, int], list[Run]] = {(name, n): [] for name in COMMANDS for n in roots}
    for _ in range(repeat):
        floor.append(run([sys.executable, "-c", "import duckdb"]))
        for name, n in runs:
            command = [sys.executable, "-m", "gphoton_db", "--archive", str(roots[n])]
            runs[name, n].append(run([*command, *COMMANDS[name]]))
    least, (first, *_) = median(floor), roots
    for (name, n), each in runs.items():
        found, small = median(each), median(runs[name, first])
        ratio, cpu_ratio = found.seconds / small.seconds, found.cpu_seconds / small.cpu_seconds
        print(
            f"{name:14s} {n:6d} legs {found.seconds:6.2f} s {found.cpu_seconds:6.2f} s of processor"
            f"  {ratio:5.2f} x ({cpu_ratio:.2f}) {first} legs"
            f"  {found.seconds / least.seconds:5.1f} x import duckdb  {found.printed:,} bytes"
        )
    print(f"import duckdb {'':12s} {least.seconds:6.2f} s {least.cpu_seconds:6.2f} s of processor")


def make_archives(folder: Path, numbers: list[int]) -> dict[int, Path]:
    inputs: Inputs = make_inputs(folder / "inputs", 1, 0, 1_000_000)
    run_quietly(one_by_one, inputs, folder / "one", [FIRST_SMALL])
    roots = {n: folder / f"legs-{n}" for n in numbers}
    for n, root in roots.items():
        grown(folder / "one", root, n)
    return roots


def main() -> None:
    """Run everything and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--legs", default="10,1000,30000", help="sizes of archives")
    parser.add_argument("--repeat", type=int, default=7, help="the median of so many counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
        numbers = [int(n) for n in options.legs.split(",")]
        report(make_archives(Path(name), numbers), options.repeat)


if __name__ == "__main__":
    main()
