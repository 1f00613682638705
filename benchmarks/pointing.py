"""How fast is the pointing of a whole mission imported, and read by eclipse?  Ratios are printed.

    python benchmarks/pointing.py [--eclipses 40000] [--seconds 1250] [--repeat 1]

Makes consolidated tables of that many eclipses (50 million rows of attitude), in order of eclipse
and shuffled by eclipse, and compares `Archive.import_pointing` of them with

copying   DuckDB reads the attitude in order, and writes it again: what no import could do without

and then reads single eclipses from the result, and searches its visits.  Each import runs in a
process of its own.
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

import duckdb  # noqa: E402

from benchmarks.ingest import CORES, in_own_process  # noqa: E402
from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.aspect.read import read_pointing  # noqa: E402
from gphoton_db.query.sql_files import literal  # noqa: E402

FIRST = 1000
"""Number of the first eclipse."""

READS = 20

KB_PER_UNIT = 1 if sys.platform != "darwin" else 1 / 1024


@dataclass(frozen=True)
class Run:
    """Seconds, and peak resident memory (MB)."""

    seconds: float
    peak_mb: float


def make_tables(folder: Path, eclipses: int, seconds: int, *, shuffled: bool) -> Path:
    """Write consolidated tables of visits that dither all over the sky."""
    folder.mkdir()
    number = f"((e * 7919) % {eclipses})" if shuffled else "e"
    ra0, dec0 = (
        f"(hash({number}) % 360000) / 1000.0",
        f"(hash({number} + 7) % 160000) / 1000.0 - 80",
    )
    visit = f"SELECT {FIRST} + {number} AS eclipse, {ra0} AS ra0, {dec0} AS dec0"
    made = {
        "aspect": f"SELECT eclipse, 7e8 + 5900.0 * eclipse + s + 0.995 AS time, "
        "ra0 + 0.01 * sin(s / 10) + 1e-4 * random() AS ra, "
        "dec0 + 0.01 * cos(s / 10) + 1e-4 * random() AS dec, 110 + 1e-3 * random() AS roll, "
        f"(s % 600 = 0)::INTEGER AS flags FROM ({visit} FROM range({eclipses}) AS each(e)), "
        f"range({seconds}) AS second(s)",
        "boresight": "SELECT eclipse, 1 AS leg, 7e8 + 5900.0 * eclipse AS time, ra0, dec0 "
        f"FROM ({visit} FROM range({eclipses}) AS each(e))",
        "metadata": "SELECT eclipse, CASE WHEN eclipse % 3 = 0 THEN 'MIS' ELSE 'AIS' END AS "
        f"plan_type, {seconds}.0 AS nuv_det_on_time, 0.0 AS fuv_det_on_time, 7e8 + 5900.0 * "
        f"eclipse AS eclipse_start FROM ({visit} FROM range({eclipses}) AS each(e))",
    }
    for name, query in made.items():
        quietly(f"COPY ({query}) TO {literal(str(folder / name))} (FORMAT parquet)")
        (folder / name).rename(folder / f"{name}.parquet")
    return folder


def copying(tables: Path, target: Path) -> Run:
    """Copy the attitude as it is."""
    start = time.perf_counter()
    quietly(
        f"COPY (FROM read_parquet({literal(str(tables / 'aspect.parquet'))})) "
        f"TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"
    )
    return Run(time.perf_counter() - start, peak_mb())


def importing(tables: Path, archive: Path) -> Run:
    """Import all tables into a new archive."""
    start = time.perf_counter()
    with Archive(archive) as opened:
        opened.import_pointing(tables)
    return Run(time.perf_counter() - start, peak_mb())


def reading(archive: Path, eclipses: int) -> float:
    """Return the seconds that the pointing of one eclipse takes to be read, on average."""
    with Archive(archive) as opened:
        pointing = opened.paths.pointing
    read_pointing(pointing, FIRST)  # what is imported at first use
    start = time.perf_counter()
    for k in range(READS):
        read_pointing(pointing, FIRST + k * eclipses // READS)
    return (time.perf_counter() - start) / READS


def searching(archive: Path) -> dict[str, float]:
    """Return the seconds that searches of all visits take, on average."""
    cone, survey = {"ra": 10.0, "dec": 20.0}, {"plan_types": "MIS", "since": "2005-01-01"}
    wide = {"ra": 10.0, "dec": 20.0, "radius": 36000.0}
    found = {}
    with Archive(archive) as opened:
        opened.search(**cone)  # what is imported at first use
        for name, conditions in (("position", cone), ("10 deg", wide), ("survey", survey)):
            start = time.perf_counter()
            for _ in range(READS):
                opened.search(**conditions)
            found[name] = (time.perf_counter() - start) / READS
    return found


def quietly(statement: str) -> None:
    """Run a statement without DuckDB's own progress bar."""
    with duckdb.connect() as session:
        session.execute("SET enable_progress_bar = false")
        session.execute(statement)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KB_PER_UNIT / 1024


def main() -> None:
    """Run everything and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--eclipses", type=int, default=40_000)
    parser.add_argument("--seconds", type=int, default=1250, help="rows of attitude an eclipse")
    parser.add_argument("--repeat", type=int, default=1, help="the best of so many runs counts")
    options = parser.parse_args()
    print(f"{options.eclipses * options.seconds:,} rows of attitude; {CORES} cores")
    for order in ("ordered", "shuffled"):
        with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
            folder = Path(name)
            tables = make_tables(
                folder / "tables", options.eclipses, options.seconds, shuffled=order == "shuffled"
            )
            found = {"copying": [], "import": []}  # type: dict[str, list[Run]]
            for k in range(options.repeat):
                found["copying"].append(in_own_process(copying, tables, folder / "copy.parquet"))
                found["import"].append(in_own_process(importing, tables, folder / str(k)))
            floor = min(run.seconds for run in found["copying"])
            for what, runs in found.items():
                best = min(runs, key=lambda run: run.seconds)
                print(
                    f"{order:9s}{what:8s} {best.seconds:7.1f} s ({best.seconds / floor:4.2f} x) "
                    f"{best.peak_mb:6.0f} MB memory"
                )
            one = reading(folder / "0", options.eclipses)
            print(f"{order:9s}one eclipse {1000 * one:5.1f} ms to read")
            for what, seconds in searching(folder / "0").items():
                print(f"{order:9s}search by {what:8s} {1000 * seconds:5.1f} ms")


if __name__ == "__main__":
    main()
