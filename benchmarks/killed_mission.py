"""Check that an archive is whole that was made by commands which were killed on the way.

    python benchmarks/killed_mission.py [FOLDER] [--eclipses 1000] [--photons 150] [--runs 50]

Simulates so many eclipses of twelve legs (those of a folder that has some are used again), ingests
them by ``gphoton-db ingest --eclipses``, and kills all of its processes (SIGKILL to the group) when
a quarter, a half and three quarters of what is missing is in the archive.  After each the archive
must hold what its catalogue says; the same command then goes on.  In the end everything must be
there, nothing twice, and some eclipses must have the photons of an archive that nobody disturbed.
Then ``gphoton-db run --eclipses`` makes products of some of them, is killed once, and goes on.

Prints what was found; ends with an error at the first thing that is not as it should be.
"""

import argparse
import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.paths import FILE_KINDS  # noqa: E402

SHARES = (0.25, 0.5, 0.75)
"""Of the bands that are missing at first, after which the ingest is killed."""

REFUSED = "too few stims"
"""Why a band may fail: there are few stims in so short a visit, and by chance not enough."""

COMPARED = 5
"""Eclipses that are ingested once more into an archive of their own."""

Legs = dict[tuple[int, str], int]
"""Number of legs of each band of an eclipse."""


def command(archive: Path, *words: object) -> list[str]:
    """Return a command of gphoton-db of this checkout."""
    program = "from gphoton_db.cli import main; main()"
    return [sys.executable, "-c", program, "--archive", str(archive), *map(str, words)]


def finish(words: Sequence[str], codes: Sequence[int] = (0,)) -> Any:
    """Run a command to its end, with one of some exit codes, and return what it reports as JSON."""
    done = subprocess.run([*words, "--json"], stdout=subprocess.PIPE, cwd=ROOT, check=False)
    require(done.returncode in codes, f"exit code {done.returncode} of {' '.join(words[3:])}")
    return json.loads(done.stdout)


def kill_when(words: Sequence[str], is_time: Callable[[], bool], delay: float) -> None:
    """Start a command, and kill it with all of its children some seconds after it is time."""
    with subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, process_group=0
    ) as process:
        while not is_time():
            require(process.poll() is None, "the command ended before it was killed")
            time.sleep(1)
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGKILL)


def require(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"WRONG: {what}")


def rows(root: Path, sql: str) -> list[tuple[Any, ...]]:
    with Archive(root) as archive:
        return [tuple(row.values()) for row in archive.query(sql).rows()]


def simulated(folder: Path, n_eclipses: int, photons: int) -> Legs:
    """Simulate the eclipses, if they are not there, and return what they have."""
    listed = folder / "eclipses.csv"
    if not listed.exists():
        words = ["simulate", "--mission", n_eclipses, "--survey", "AIS", "--photons", photons]
        finish(command(folder / "no-archive", *words, "--output", folder))
    with listed.open() as file:
        lines = list(csv.DictReader(file))
    return {(int(line["eclipse"]), line["band"]): int(line["legs"]) for line in lines}


def ingest_command(root: Path, folder: Path, eclipses: object, jobs: int) -> list[str]:
    words = ["ingest", "--eclipses", eclipses, "--raw6", folder / "raw6", "--offline"]
    words += ["--jobs", jobs]
    words += ["--pointing", folder / "pointing", "--calibration", folder / "calibration-synthetic"]
    return command(root, *words)


def n_bands(root: Path) -> int:
    if not (root / "gphoton.duckdb").exists():
        return 0
    return int(rows(root, "SELECT count(DISTINCT (eclipse, band)) AS n FROM legs")[0][0])


def has_bands(root: Path, n: int) -> bool:
    return n_bands(root) >= n


def ingest_killed(root: Path, folder: Path, legs: Legs, jobs: int) -> None:
    """Ingest everything, with three deaths on the way; take out of `legs` what cannot be."""
    ingest = ingest_command(root, folder, folder / "eclipses.csv", jobs)
    chance = random.Random(1)
    n_first = n_bands(root)  # of an earlier try
    print(f"at first: {n_first:,} of {len(legs):,} bands are there", flush=True)
    for share in SHARES:
        wanted = n_first + int(share * (len(legs) - n_first))
        kill_when(ingest, partial(has_bands, root, wanted), chance.uniform(0, 3))
        n = n_bands(root)
        n_left = sum(1 for _ in unknown_files(root))
        print(
            f"killed: {n:,} of {len(legs):,} bands are there, {n_left} files of no leg", flush=True
        )
        check_legs(root, {band: legs[band] for band in bands_of(root)})
    start = time.perf_counter()
    report = finish(ingest, codes=(0, 3))  # 3: some failed
    for failure in report["failures"]:
        require(REFUSED in failure["reason"], f"failed: {failure}")
        del legs[failure["eclipse"], failure["band"]]
        print(f"eclipse {failure['eclipse']} {failure['band']}: {failure['reason']}", flush=True)
    n_now, n_before = len(report["ingests"]), len(report["skipped"])
    require(n_now + n_before == len(legs), f"{n_now} bands ingested, {n_before} skipped")
    print(
        f"finished: {n_now:,} bands ingested, {n_before:,} skipped, "
        f"{time.perf_counter() - start:.0f} s",
        flush=True,
    )


def bands_of(root: Path) -> list[tuple[int, str]]:
    return [(e, band) for e, band in rows(root, "SELECT DISTINCT eclipse, band FROM legs")]


def unknown_files(root: Path) -> Iterator[str]:
    """Yield the files that no table of the catalogue lists."""
    sql = "SELECT path FROM leg_files UNION ALL SELECT path FROM superseded_files"
    known = {path for (path,) in rows(root, sql)}
    for kind in FILE_KINDS:
        for path in (root / kind).rglob("*.parquet"):
            if path.relative_to(root).as_posix() not in known:
                yield str(path)


def check_legs(root: Path, expected: Legs) -> None:
    """Require that just these legs are there, once, with all of their files and photons."""
    found = rows(root, "SELECT eclipse, band, count(*), count(DISTINCT leg) FROM legs GROUP BY ALL")
    require({(e, b): n for e, b, n, _ in found} == expected, "other legs than were simulated")
    require(all(n == distinct for *_, n, distinct in found), "a leg is there twice")
    files = rows(root, "SELECT path, size_bytes FROM leg_files")
    require(len(files) == len({path for path, _ in files}), "a file is listed twice")
    require(len(files) == len(FILE_KINDS) * sum(expected.values()), f"{len(files)} files")
    for path, size in files:
        require((root / path).stat().st_size == size, f"size of {path}")
    ((n_counted, n_listed),) = rows(
        root, "SELECT (SELECT count(*) FROM photons) AS a, (SELECT sum(n_photons) FROM legs) AS b"
    )
    require(n_counted == n_listed, f"{n_counted:,} photons in files, {n_listed:,} in the catalogue")
    log = rows(root, "SELECT eclipse, band FROM ingests WHERE outcome = 'ingested'")
    require(sorted(log) == sorted(expected), "the log of ingests has other bands, or some twice")
    others = rows(root, "SELECT eclipse, band, message FROM ingests WHERE outcome <> 'ingested'")
    for eclipse, band, message in others:
        may_be = REFUSED in message and (eclipse, band) not in expected
        require(may_be, f"in the log of ingests: eclipse {eclipse} {band}: {message}")


def check_tidy(root: Path) -> None:
    left = list(unknown_files(root))
    require(left == [], f"files of no leg: {left[:3]}")
    require(list((root / "staging").iterdir()) == [], "something is left in staging/")


def list_of(folder: Path, bands: Sequence[tuple[int, str]]) -> Path:
    """Write a list for --eclipses."""
    path = folder / "some-eclipses.csv"
    lines = ["eclipse,band", *(f"{eclipse},{band}" for eclipse, band in bands)]
    path.write_text("\n".join(lines) + "\n")
    return path


def compare_photons(root: Path, folder: Path, legs: Legs, eclipses: Sequence[int]) -> None:
    """Require the photons that an ingest gives which nobody disturbs."""
    other = root.with_name("undisturbed")
    shutil.rmtree(other, ignore_errors=True)
    some = list_of(folder, [band for band in legs if band[0] in eclipses])
    finish(ingest_command(other, folder, some, 1))
    for eclipse in eclipses:
        sql = f"SELECT count(*) AS n, sum(hash(p)) AS h FROM eclipse_photons({eclipse}) AS p"
        require(rows(root, sql) == rows(other, sql), f"other photons of eclipse {eclipse}")
    shutil.rmtree(other)
    print(f"{len(eclipses)} eclipses: the photons of an ingest that nobody disturbed", flush=True)


def run_killed(root: Path, folder: Path, legs: Legs, eclipses: Sequence[int]) -> None:
    """Make the products of some eclipses, with a death on the way."""
    bands = {band: n for band, n in legs.items() if band[0] in eclipses}
    work = command(root, "run", "--eclipses", list_of(folder, list(bands)), "--offline")
    work += ["--calibration", str(folder / "calibration-synthetic")]
    n_made = "SELECT count(DISTINCT (eclipse, band)) AS n FROM products"
    kill_when(work, lambda: rows(root, n_made)[0][0] >= len(bands) // 2, 0.5)
    print(f"killed: products of {rows(root, n_made)[0][0]} of {len(bands)} bands", flush=True)
    start = time.perf_counter()
    report = finish(work)
    require(report["failures"] == [], f"failures: {report['failures'][:3]}")
    products = rows(root, "SELECT path, eclipse, band, leg, kind, size_bytes FROM products")
    require(len(products) == len({path for path, *_ in products}), "a product is listed twice")
    of_legs: dict[tuple[Any, ...], list[str]] = {}
    for path, eclipse, band, leg, kind, size in products:
        require((root / path).stat().st_size == size, f"size of {path}")
        of_legs.setdefault((eclipse, band, leg), []).append(kind)
    every = {(e, band, leg) for (e, band), n in bands.items() for leg in range(n)}
    require(set(of_legs) == every, "some legs have no products, or others have some")
    for leg, kinds in of_legs.items():
        require(len(kinds) == len(set(kinds)), f"{leg} has a kind of product twice: {kinds}")
    census = {tuple(sorted(kinds)) for kinds in of_legs.values()}
    print(
        f"run: {len(products):,} products of {len(every):,} legs of {len(bands)} bands, each "
        f"{census}, {time.perf_counter() - start:.0f} s",
        flush=True,
    )
    again = finish(work)
    require(len(again["skipped"]) == len(bands), f"run again: {len(again['skipped'])} skipped")
    require(again["legs"] == [], "run again: something was made anew")


def main() -> None:
    """Do all of it in turn."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("killed-mission"))
    parser.add_argument("--eclipses", type=int, default=1000)
    parser.add_argument("--photons", type=int, default=150)
    parser.add_argument("--runs", type=int, default=50, help="eclipses of which products are made")
    parser.add_argument("--jobs", type=int, default=1, help="bands at a time")
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    legs = simulated(folder, options.eclipses, options.photons)
    root = folder / "archive"
    ingest_killed(root, folder, legs, options.jobs)
    check_legs(root, legs)
    check_tidy(root)
    n_eclipses = len({eclipse for eclipse, _ in legs})
    ((n_photons,),) = rows(root, "SELECT sum(n_photons) AS n FROM legs")
    print(
        f"whole: {n_eclipses:,} eclipses, {sum(legs.values()):,} legs, {n_photons:,} photons, "
        "nothing twice",
        flush=True,
    )
    chosen = sorted({eclipse for eclipse, _ in legs})
    chosen = chosen[:: max(len(chosen) // options.runs, 1)][: options.runs]
    compare_photons(root, folder, legs, chosen[:: max(len(chosen) // COMPARED, 1)][:COMPARED])
    run_killed(root, folder, legs, chosen)
    check_legs(root, legs)
    check_tidy(root)


if __name__ == "__main__":
    main()
