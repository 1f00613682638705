"""How long do fields of many visits take, and how much memory?  One process for each answer.

    python benchmarks/mission_fields.py ARCHIVE QUESTION RA DEC

The questions are those of `QUESTIONS`; what is printed is a line of JSON: seconds by the clock and
of processor (the better of two runs), and the peak of the process's resident memory, MB.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gphoton_db.archive import Archive  # noqa: E402

STEP = 30

QUESTIONS: Mapping[str, Callable[[Archive, float, float], object]] = {
    "status": lambda archive, ra, dec: archive.status(),
    "cone": lambda archive, ra, dec: archive.query(f"FROM cone({ra}, {dec}, 30)").arrow(),
    "legs_at": lambda archive, ra, dec: archive.query(f"FROM legs_at({ra}, {dec})").arrow(),
    "SQL light curve": lambda archive, ra, dec: archive.query(
        f"FROM lightcurve({ra}, {dec}, step := {STEP})"
    ).arrow(),
    "Python light curve": lambda archive, ra, dec: archive.lightcurve(ra, dec, step=STEP),
}


@dataclass(frozen=True)
class Cost:
    """What an answer took: seconds by the clock, of processor, and MB of resident memory."""

    clock: float
    processor: float
    memory: float


def measure(root: Path, question: str, ra: float, dec: float) -> Cost:
    """Ask twice in this process."""
    best = [float("inf"), float("inf")]
    with Archive(root) as archive:
        for _ in range(2):
            clock, processor = time.perf_counter(), time.process_time()
            QUESTIONS[question](archive, ra, dec)
            took = time.perf_counter() - clock, time.process_time() - processor
            best = [min(pair) for pair in zip(best, took, strict=True)]
    return Cost(best[0], best[1], _peak_mb())


def _peak_mb() -> float:
    # What getrusage says is at least the peak of the process that started this one.
    lines = Path("/proc/self/status").read_text().splitlines()
    ((size,),) = ([line.split()[1]] for line in lines if line.startswith("VmHWM:"))
    return int(size) / 1000


def in_own_process(root: Path, question: str, ra: float, dec: float) -> Cost:
    """Ask in a process of its own, so that its peak of memory is that of this question."""
    command = [sys.executable, __file__, str(root), question, repr(ra), repr(dec)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def report(root: Path, visits: int, ra: float, dec: float) -> None:
    """Print a line for each question."""
    for question in QUESTIONS:
        cost = in_own_process(root, question, ra, dec)
        print(
            f"{visits:4d} visits, {question:20s} {cost.clock:7.2f} s, "
            f"{cost.processor:7.2f} s of processor, {cost.memory:6.0f} MB",
            flush=True,
        )


def main() -> None:
    """Ask one question, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", type=Path)
    parser.add_argument("question", choices=list(QUESTIONS))
    parser.add_argument("ra", type=float)
    parser.add_argument("dec", type=float)
    options = parser.parse_args()
    print(json.dumps(asdict(measure(options.archive, options.question, options.ra, options.dec))))


if __name__ == "__main__":
    main()
