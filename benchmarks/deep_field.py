"""How fast are light curves of a position seen again and again?  Printed as ratios to a floor.

    python benchmarks/deep_field.py [--visits 500] [--events 700000] [--archive ARCHIVE]

Makes and ingests a visit of that many events, or takes the largest leg of an archive that there
is, and links its files so that it is seen in so many visits: once as it is, and once without files
of seconds, as archives of an older gphoton-db are.  Then, on each, in seconds of the processor as
well as of the clock, because it is the processor that a loaded machine shares:

floor     the photons in the cells about the source, and the aspect of all legs, by the names of
          their files: what no light curve could do without
cone      the macro
SQL       the macro lightcurve, bins of 30 s, and one bin a visit
Python    `Archive.lightcurve`, the same.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import duckdb  # noqa: E402

from benchmarks.sql import connect, find_subject, make_archive  # noqa: E402
from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.products.sky_boxes import SkyBox  # noqa: E402

RADIUS, STEP = 12.8, 30
TABLES = ("legs", "leg_files", "shutter_gaps", "coverage")
OFF_CENTRE_DEG = 0.1
NEEDED = ("photons", "aspect")

Seconds = tuple[float, float]
"""Of the clock and of the processor."""


def best(run: Callable[[], Any], repeat: int) -> Seconds:
    """Return the shortest times of so many runs."""
    found = []
    for _ in range(repeat):
        clock, processor = time.perf_counter(), time.process_time()
        run()
        found.append((time.perf_counter() - clock, time.process_time() - processor))
    return min(each[0] for each in found), min(each[1] for each in found)


def make_field(source: Path, root: Path, visits: int, *, seconds: bool) -> None:
    """Make an archive in which the largest leg of `source` was seen in so many visits."""
    root.mkdir(parents=True)
    shutil.copy(source / "gphoton.duckdb", root)
    with duckdb.connect(str(root / "gphoton.duckdb")) as connection:
        ((eclipse, band, number),) = connection.execute(
            "SELECT eclipse, band, leg FROM legs ORDER BY n_photons DESC LIMIT 1"
        ).fetchall()
        for table in TABLES:
            connection.execute(
                f"DELETE FROM {table} WHERE (eclipse, band, leg) <> (?, ?, ?)",
                [eclipse, band, number],
            )
        if not seconds:
            connection.execute("DELETE FROM leg_files WHERE kind = 'seconds'")
        for (path,) in connection.execute("SELECT path FROM leg_files").fetchall():
            for k in range(visits):
                name = root / path.replace(f"eclipse={eclipse}/", f"eclipse={eclipse + k}/")
                name.parent.mkdir(parents=True, exist_ok=True)
                name.hardlink_to(source / path)
        for table in TABLES:
            path = f", replace(path, 'eclipse={eclipse}/', 'eclipse=' || (eclipse + k) || '/')"
            connection.execute(
                f"INSERT INTO {table} BY NAME SELECT each.* REPLACE (eclipse + k AS eclipse"
                f"{path + ' AS path' if table == 'leg_files' else ''}) "
                f"FROM {table} AS each, range(1, {visits}) AS visit(k)"
            )
        connection.execute("UPDATE archive_info SET sql_version = NULL")
    Archive(root).close()


def floor(root: Path, ra: float, dec: float, repeat: int) -> Seconds:
    """Time reading what a light curve needs at least."""
    files = {kind: [str(path) for path in (root / kind).rglob("*.parquet")] for kind in NEEDED}
    box = SkyBox.around(ra, dec, RADIUS / 3600)
    with duckdb.connect() as connection:

        def read() -> None:
            connection.execute(
                f"SELECT count(*), sum(1 / response) FROM read_parquet({files['photons']}, "
                f"hive_partitioning = false) WHERE {box.where}"
            ).fetchall()
            connection.execute(
                f"SELECT t_ms, ra, dec FROM read_parquet({files['aspect']}, "
                "hive_partitioning = false)"
            ).to_arrow_table()

        return best(read, repeat)


def report(name: str, root: Path, repeat: int) -> None:
    """Measure an archive, and print."""
    subject = find_subject(root)
    ra, dec = subject.ra, subject.dec + OFF_CENTRE_DEG
    at = f"{ra}, {dec}, radius := {RADIUS}"
    bare = floor(root, ra, dec, repeat)
    with connect(root) as connection, Archive(root) as archive:
        runs: dict[str, Callable[[], Any]] = {
            "cone": lambda: connection.execute(
                f"FROM cone({ra}, {dec}, {RADIUS})"
            ).to_arrow_table(),
            f"SQL, bins of {STEP} s": lambda: connection.execute(
                f"FROM lightcurve({at}, step := {STEP})"
            ).to_arrow_table(),
            "SQL, one bin a visit": lambda: connection.execute(
                f"FROM lightcurve({at}, step := NULL)"
            ).to_arrow_table(),
            f"Python, bins of {STEP} s": lambda: archive.lightcurve(
                ra, dec, radius=RADIUS, step=STEP
            ),
            "Python, one bin a visit": lambda: archive.lightcurve(ra, dec, radius=RADIUS),
        }
        print(name)
        print(f"  {'floor':28s} {bare[0]:7.2f} s  {bare[1]:7.2f} s of processor")
        for label, run in runs.items():
            clock, processor = best(run, repeat)
            ratio = processor / bare[1]
            print(
                f"  {label:28s} {clock:7.2f} s  {processor:7.2f} s of processor  "
                f"{ratio:5.2f} x floor",
                flush=True,
            )


def main() -> None:
    """Run everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visits", type=int, default=500)
    parser.add_argument("--events", type=int, default=700_000)
    parser.add_argument("--archive", type=Path, help="take the largest leg of this archive")
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many runs counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-", dir=options.archive) as name:
        folder = Path(name)
        source = options.archive or make_archive(folder, options.events)
        Archive(source).close()
        for seconds in (True, False):
            root = folder / ("new" if seconds else "old")
            make_field(source, root, options.visits, seconds=seconds)
            which = "with files of seconds" if seconds else "without files of seconds"
            report(f"{options.visits} visits, {which}", root, options.repeat)


if __name__ == "__main__":
    main()
