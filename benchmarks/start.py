"""How long until the program answers, and how long does its first use take?  All is printed.

    python benchmarks/start.py [--repeat 3] [--part commands] [--part ingest]

Everything is a ratio to ``python -c "import duckdb"``, timed in the same run.  Each part is a
function that gets that floor, and returns lines:

commands    processor time of commands that only read, on an archive of a made-up visit, each run
            in turn with ``import duckdb``: the medians of seven, beside what is aimed at
ingest      an ingest of 3,000 events, the fewest that can be reduced, into a new archive, and the
            commit in it: processor time as above, and by the clock, which means something where
            nothing else runs
first use   what the first ``ingest`` and the first ``run`` after an install take longer than the
            next ones, because kernels are compiled: side by side in several processes, as the
            commands do it, and in the process itself, as it goes
"""

import argparse
import os
import resource
import shutil
import statistics
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
from benchmarks.telemetry import (  # noqa: E402
    ECLIPSE,
    LargeVisit,
    make_large_visit,
    make_small_visit,
)

FLOOR = (sys.executable, "-c", "import duckdb")

SIDE_BY_SIDE = "from gphoton_db.cli import main; main()"
AS_IT_GOES = (
    "from gphoton_db.system import compiling\n"
    "compiling.missing_groups = lambda groups: []\n" + SIDE_BY_SIDE
)
"""Programs for ``python -c``: with everything that is compiled ahead, and with nothing of it."""


COMMIT_TIMED = (
    "import time\n"
    "from gphoton_db.catalogue.catalogue import Catalogue\n"
    "commit = Catalogue.commit\n"
    "def timed(*arguments):\n"
    "    start = time.perf_counter(), time.process_time()\n"
    "    commit(*arguments)\n"
    "    print('commit', time.perf_counter() - start[0], time.process_time() - start[1])\n"
    "Catalogue.commit = timed\n" + SIDE_BY_SIDE
)
"""Program for ``python -c`` that prints seconds and processor seconds of each commit."""

REPEATS = 7


@dataclass(frozen=True)
class Spent:
    """Seconds, and processor seconds, those of child processes included."""

    seconds: float
    cpu_seconds: float
    output: str = ""

    def over(self, other: "Spent") -> "Spent":
        """Return how much more it is than another."""
        return Spent(self.seconds - other.seconds, self.cpu_seconds - other.cpu_seconds)


def timed(command: Sequence[str], *, folder: Path = ROOT, **environment: str) -> Spent:
    """Run a command in a process of its own; Python may keep bytecode, as after an install.

    The package is taken from `folder`.
    """
    compiled = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env={**compiled, **environment}, capture_output=True, check=False
    )
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: failed\n{done.stderr.decode()}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(seconds, cpu, done.stdout.decode())


def floor_of(repeat: int) -> float:
    """Return the seconds that everything is compared with."""
    return min(timed(FLOOR).seconds for _ in range(repeat))


COMMANDS = {
    ("--version",): 1.5,
    ("--help",): 1.5,
    ("sql", "SELECT 1"): 3.0,
    ("status",): 3.0,
    ("describe", "photons"): 3.0,
    ("search",): 3.0,
    ("lightcurve", "--step", "visit", "{ra}", "{dec}"): 6.0,
}
"""Words of commands, and how many times as long as ``import duckdb`` they may take."""


def commands(_: float) -> list[str]:
    """Return a line for each command."""
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
        folder = Path(name)
        visit = in_own_process(make_large_visit, folder / "visit", 200_000)
        _ingest_and_run(folder, visit, SIDE_BY_SIDE, "kernels")
        start = (sys.executable, "-c", SIDE_BY_SIDE, "--archive", str(folder / "archive"))
        at = "SELECT ra0, dec0 FROM legs"
        place = timed([*start, "sql", at, "--format", "csv"]).output.splitlines()[1].split(",")
        position = dict(zip(("ra", "dec"), place, strict=True))
        lines = []
        for words, aim in COMMANDS.items():
            named = [word.format(**position) for word in words]
            spent, floor = _alternating([*start, *named], NUMBA_CACHE_DIR=str(folder / "kernels"))
            lines.append(
                f"{' '.join(words):40s} {spent:6.3f} s of processors {spent / floor:5.1f} x "
                f"(aim {aim} x)"
            )
    return lines


def _alternating(command: Sequence[str], **environment: str) -> tuple[float, float]:
    """Return the median processor seconds of a command, and of the floor, run in turn."""
    timed(command, **environment)  # once for the caches
    pairs = [
        (timed(command, **environment).cpu_seconds, timed(FLOOR).cpu_seconds)
        for _ in range(REPEATS)
    ]
    spent, floor = (statistics.median(each) for each in zip(*pairs, strict=True))
    return spent, floor


def ingest(_: float) -> list[str]:
    """Return a line for an ingest of few events, and one for its commit."""
    wholes, commits, floors = [], [], []
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
        folder = Path(name)
        visit = in_own_process(make_small_visit, folder / "visit")
        for turn in range(REPEATS + 1):
            whole = _ingested(folder, visit)
            floor = timed(FLOOR).cpu_seconds
            if turn:  # the first is for the caches
                wholes.append(whole)
                commits.append(_commit_of(whole.output))
                floors.append(floor)
    floor = statistics.median(floors)
    return [
        _line_by_clock(f"ingest of {visit.n_events:,} events", wholes, floor, aim=1.5),
        _line_by_clock("commit in an empty archive", commits, floor, aim=0.1),
    ]


def _ingested(folder: Path, visit: LargeVisit) -> Spent:
    """Ingest a visit into a new archive, in a process that also prints what its commit took."""
    archive = folder / "archive"
    shutil.rmtree(archive, ignore_errors=True)
    start = (sys.executable, "-c", COMMIT_TIMED, "--archive", str(archive))
    caches = {"NUMBA_CACHE_DIR": str(folder / "kernels"), "XDG_CACHE_HOME": str(folder / "cache")}
    return timed([*start, *_words_of_ingest(visit)], **caches)


def _commit_of(output: str) -> Spent:
    (line,) = (line for line in output.splitlines() if line.startswith("commit "))
    seconds, cpu_seconds = map(float, line.split()[1:])
    return Spent(seconds, cpu_seconds)


def _line_by_clock(name: str, spent: Sequence[Spent], floor: float, *, aim: float) -> str:
    cpu = statistics.median(each.cpu_seconds for each in spent)
    clock = statistics.median(each.seconds for each in spent)
    return (
        f"{name:40s} {cpu:6.3f} s of processors {cpu / floor:5.1f} x   "
        f"{clock:6.3f} s by the clock (aim {aim} s)"
    )


def first_use(floor: float) -> list[str]:
    """Return a line for each command and each way to compile."""
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
        folder = Path(name)
        visit = in_own_process(make_large_visit, folder / "visit", 200_000)
        package = _without_kernels(folder / "package")
        first = {
            "side by side": _ingest_and_run(folder, visit, SIDE_BY_SIDE, "beside", package),
            "as it goes": _ingest_and_run(folder, visit, AS_IT_GOES, "serial", package),
        }
        warm = _ingest_and_run(folder, visit, SIDE_BY_SIDE, "beside", package)
    lines = []
    for how, spent in first.items():
        compiling = {name: spent[name].over(warm[name]) for name in spent}
        compiling["both"] = Spent(
            sum(each.seconds for each in compiling.values()),
            sum(each.cpu_seconds for each in compiling.values()),
        )
        for name, more in compiling.items():
            lines.append(
                f"first {name:6s} compiling {how:12s} {more.seconds:7.2f} s "
                f"{more.seconds / floor:7.1f} x   {more.cpu_seconds:7.2f} s of processors"
            )
    return lines


def _without_kernels(folder: Path) -> Path:
    """Copy the package as an install has it; what is compiled beside ours would be taken over."""
    for name in ("gphoton_db", "aspect", "ingest", "products", "sql"):
        inside = folder / "gphoton_db" / ("" if name == "gphoton_db" else name)
        shutil.copytree(ROOT / name, inside, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _ingest_and_run(
    folder: Path, visit: LargeVisit, program: str, cache: str, package: Path = ROOT
) -> dict[str, Spent]:
    """Ingest a visit into a new archive and run the pipeline on it, with a cache of kernels."""
    archive = folder / "archive"
    shutil.rmtree(archive, ignore_errors=True)
    start = (sys.executable, "-c", program, "--archive", str(archive))
    kernels = str(folder / cache)
    words = {
        "ingest": _words_of_ingest(visit),
        "run": ["run", str(ECLIPSE), "NUV", "--depth", "30"],
    }
    return {
        name: timed([*start, *each], folder=package, NUMBA_CACHE_DIR=kernels)
        for name, each in words.items()
    }


def _words_of_ingest(visit: LargeVisit) -> list[str]:
    sources = ("--raw6", visit.raw6, "--pointing", visit.pointing, "--calibration")
    return ["ingest", str(ECLIPSE), "NUV", *map(str, sources), str(visit.calibration)]


PARTS = {"commands": commands, "ingest": ingest, "first-use": first_use}


def main() -> None:
    """Run all parts and print their lines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many runs counts")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as bytecode:
        # An installed package has its bytecode, whatever the environment says of new one.
        os.environ["PYTHONPYCACHEPREFIX"] = bytecode
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        floor = floor_of(options.repeat)
        print(f'python -c "import duckdb": {floor:.2f} s; {CORES} cores')
        for name in options.part or PARTS:
            for line in PARTS[name](floor):
                print(line)


if __name__ == "__main__":
    main()
