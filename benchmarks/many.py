"""How fast are many eclipses at once, and what does a commit cost?  In seconds and as ratios.

    python benchmarks/many.py [--small 30] [--large 4] [--events 4000000] [--legs 10,10000,50000]

Reductions, each in a process of its own with start-up included: 30 visits of 7,000 events, then 4
of 4 million,

one by one     `Archive.ingest` of one after the other, all cores each
threads        the same by two threads of one process, one core each
many, N jobs   `Archive.ingest_many`

Commits, in an archive with so many legs (rows of the catalogue; their files are not there):

commit         of nothing but a line in the log: what every ingest pays
look           `Catalogue.bands`: what is there, asked once by every run
"""

import argparse
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from astropy.io import fits  # noqa: E402

from benchmarks.ingest import CORES, in_own_process  # noqa: E402
from benchmarks.telemetry import LEGS, large_scene  # noqa: E402
from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.catalogue.catalogue import Catalogue  # noqa: E402
from gphoton_db.catalogue.file import locked  # noqa: E402
from gphoton_db.intake.stage import Attempt  # noqa: E402
from gphoton_db.mission import Band  # noqa: E402
from gphoton_db.paths import SEGMENTED, ArchivePaths, raw6_name  # noqa: E402
from gphoton_db.simulate.plan import LegPlan  # noqa: E402
from gphoton_db.simulate.pointing_files import write_asprta  # noqa: E402
from gphoton_db.simulate.raw6_file import write_raw6  # noqa: E402
from gphoton_db.simulate.scene import Scene  # noqa: E402
from gphoton_db.simulate.synthetic_calibration import write_synthetic_calibration  # noqa: E402
from gphoton_db.simulate.visit import Visit, simulate_visit  # noqa: E402

FIRST_SMALL, FIRST_LARGE = 20000, 21000
SMALL_LEGS = (LegPlan(323.5, -2.0, duration=60),)

GROW = (
    "INSERT INTO legs BY NAME SELECT each.* REPLACE (100000 + range AS eclipse, "
    "(range * 137.508) % 360 AS ra0, (range * 61.8) % 120 - 60 AS dec0) FROM each, range(?)",
    "INSERT INTO leg_files BY NAME SELECT each.* REPLACE (100000 + range AS eclipse, "
    "replace(path, '/eclipse=' || eclipse || '/', '/eclipse=' || (100000 + range) || '/') AS path) "
    "FROM each, range(?)",
    "INSERT INTO ingests BY NAME SELECT each.* REPLACE (100000 + range AS eclipse, "
    "generation || range AS generation) FROM each, range(?)",
    *(
        f"INSERT INTO {table} BY NAME SELECT each.* REPLACE (100000 + range AS eclipse) "
        "FROM each, range(?)"
        for table in ("shutter_gaps", "coverage", "eclipses")
    ),
)
"""Repeat the rows of the one eclipse that there is."""


@dataclass(frozen=True)
class Inputs:
    """Files of many eclipses, in folders."""

    raw6: Path
    pointing: Path
    calibration: Path

    def add(self, visit: Visit, eclipse: int) -> None:
        """Give the events of a visit another number."""
        with fits.open(visit.raw6) as hdus:
            path = self.raw6 / raw6_name(eclipse, Band.NUV)
            write_raw6(path, [np.asarray(hdus[1].data)], eclipse=eclipse, band=Band.NUV)
        write_asprta(self.pointing, visit.legs, eclipse=eclipse)


def make_inputs(folder: Path, n_small: int, n_large: int, events: int) -> Inputs:
    inputs = Inputs(folder / "raw6", folder / "pointing", folder / "calibration")
    inputs.raw6.mkdir(parents=True)
    write_synthetic_calibration(inputs.calibration)
    simulate = partial(
        simulate_visit, calibration=inputs.calibration, band=Band.NUV, event_truth=False
    )
    small = simulate(folder / "small", legs=SMALL_LEGS, scene=Scene(background=40.0))
    large = simulate(folder / "large", legs=LEGS, scene=large_scene(events, inputs.calibration))
    for k in range(n_small):
        inputs.add(small, FIRST_SMALL + k)
    for k in range(n_large):
        inputs.add(large, FIRST_LARGE + k)
    return inputs


def one_by_one(inputs: Inputs, root: Path, eclipses: Sequence[int]) -> None:
    with Archive(root) as archive:
        for eclipse in eclipses:
            _ingest(archive, inputs, None, eclipse)


def by_threads(inputs: Inputs, root: Path, eclipses: Sequence[int]) -> None:
    with Archive(root) as archive, ThreadPoolExecutor(CORES) as executor:
        list(executor.map(partial(_ingest, archive, inputs, 1), eclipses))


def _ingest(archive: Archive, inputs: Inputs, threads: int | None, eclipse: int) -> None:
    archive.ingest(
        eclipse,
        "NUV",
        raw6=inputs.raw6 / raw6_name(eclipse, Band.NUV),
        pointing=inputs.pointing,
        calibration=inputs.calibration,
        threads=threads,
    )


def many(jobs: int, inputs: Inputs, root: Path, eclipses: Sequence[int]) -> None:
    with Archive(root) as archive:
        report = archive.ingest_many(
            eclipses,
            "NUV",
            jobs=jobs,
            raw6=inputs.raw6,
            pointing=inputs.pointing,
            calibration=inputs.calibration,
        )
        if not report.complete:
            sys.exit(f"failed: {report.failures[0]}")


def run_quietly(
    how: Callable[[Inputs, Path, Sequence[int]], None],
    inputs: Inputs,
    root: Path,
    eclipses: Sequence[int],
) -> None:
    logging.disable(logging.WARNING)  # that the calibration is made up
    how(inputs, root, eclipses)


def report_reductions(inputs: Inputs, folder: Path, sets: dict[str, range], repeat: int) -> None:
    ways = {"one by one": one_by_one, "threads": by_threads}
    ways |= {f"many, {jobs} job{'s' * (jobs > 1)}": partial(many, jobs) for jobs in (1, CORES)}
    in_own_process(run_quietly, one_by_one, inputs, folder / "compiled", [FIRST_SMALL])
    for name, eclipses in sets.items():
        first = None
        for way, how in ways.items():
            seconds = []
            for k in range(repeat):
                root = folder / f"{name}-{way}-{k}"
                start = time.perf_counter()
                in_own_process(run_quietly, how, inputs, root, eclipses)
                seconds.append(time.perf_counter() - start)
                shutil.rmtree(root)
            first = first or min(seconds)
            print(
                f"{len(eclipses)} {name} visits, {way:12s} {min(seconds):7.2f} s  "
                f"{min(seconds) / first:5.2f} x one by one"
            )


def grown(source: Path, root: Path, n: int) -> Catalogue:
    """Make an archive of `n` legs from one of a single leg: a catalogue without files."""
    root.mkdir()
    shutil.copy(source / "gphoton.duckdb", root)
    shutil.copytree(source / "catalogue", root / "catalogue")
    catalogue = Catalogue(ArchivePaths(root))
    with locked(catalogue.paths), catalogue.changing(SEGMENTED, None) as connection:
        for statement in GROW:
            table = statement.split()[2]
            connection.execute(f"CREATE OR REPLACE TEMP TABLE each AS FROM {table}")
            connection.execute(statement, [n - 1])
    return catalogue


def report_commits(inputs: Inputs, folder: Path, numbers: Sequence[int], repeat: int) -> None:
    run_quietly(one_by_one, inputs, folder / "one", [FIRST_SMALL])
    first = None
    for n in numbers:
        root = folder / f"legs-{n}"
        catalogue = grown(folder / "one", root, n)
        commit = best(partial(_commit, catalogue), repeat)
        look = best(catalogue.bands, repeat)
        first = first or commit
        size = (root / "gphoton.duckdb").stat().st_size / 1e6
        print(
            f"{n:6d} legs, {size:4.0f} MB: commit {1000 * commit:6.0f} ms "
            f"({commit / first:5.1f} x), look {1000 * look:4.0f} ms"
        )


def _commit(catalogue: Catalogue) -> None:
    catalogue.commit([], [Attempt.begin(1, Band.NUV).record("failed", message="benchmark")])


def best(run: Callable[[], object], repeat: int) -> float:
    """Return the seconds of the fastest of so many runs."""
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main() -> None:
    """Run everything and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", type=int, default=30, help="visits of 7,000 events")
    parser.add_argument("--large", type=int, default=4, help="visits of --events")
    parser.add_argument("--events", type=int, default=4_000_000)
    parser.add_argument("--legs", default="10,1000,10000,50000", help="sizes of archives")
    parser.add_argument("--repeat", type=int, default=2, help="the best of so many runs counts")
    options = parser.parse_args()
    sets = {
        "small": range(FIRST_SMALL, FIRST_SMALL + options.small),
        "large": range(FIRST_LARGE, FIRST_LARGE + options.large),
    }
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
        folder = Path(name)
        inputs = make_inputs(folder / "inputs", options.small, options.large, options.events)
        report_commits(inputs, folder, [int(n) for n in options.legs.split(",")], options.repeat)
        report_reductions(inputs, folder, sets, options.repeat)


if __name__ == "__main__":
    main()
