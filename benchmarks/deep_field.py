"""How fast are light curves of a position seen again and again?  Printed as ratios to a floor.

    python benchmarks/deep_field.py [--visits 500] [--events 700000] [--archive ARCHIVE]

Makes and ingests a visit of that many events, or takes the largest leg of an archive that there
is, and links its files so that it is seen in so many visits: without files of seconds, as archives
of an older gphoton-db are; with them; and with merged photons.  Then, on each, in seconds of the
processor as well as of the clock, because it is the processor that a loaded machine shares, and as
the part of what the first archive took:

floor     the photons in the cells about the source, and the aspect of all legs, by the names of
          their files: what no light curve could do without
cone      the macro
SQL       the macro lightcurve, bins of 30 s, and one bin a visit
Python    `Archive.lightcurve`, the same.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import duckdb  # noqa: E402

from benchmarks.sql import connect, find_subject  # noqa: E402
from benchmarks.sql import make_archive as make_source  # noqa: E402
from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.catalogue.catalogue import Catalogue  # noqa: E402
from gphoton_db.catalogue.file import locked  # noqa: E402
from gphoton_db.intake.opening import make_archive  # noqa: E402
from gphoton_db.paths import ArchivePaths  # noqa: E402
from gphoton_db.products.sky_boxes import SkyBox  # noqa: E402

RADIUS, STEP = 12.8, 30
TABLES = ("legs", "leg_files", "shutter_gaps", "coverage")
OFF_CENTRE_DEG = 0.1
ARCHIVES = (
    ("without files of seconds", False, False),
    ("with files of seconds", True, False),
    ("with merged photons", True, True),
)
"""Name, whether there are files of seconds, and merged photons."""

SEAL = (b"gphoton_db_seal", b"gphoton-seal-1 ")
"""Where a file has its seal, `gphoton_db.system.seal`."""

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
    with Archive(source) as archive:
        (leg,) = archive.query(
            "SELECT eclipse, band, leg FROM legs ORDER BY n_photons DESC LIMIT 1"
        ).rows()
        where = f"(eclipse, band, leg) = ({leg['eclipse']}, '{leg['band']}', {leg['leg']})"
        tables = {
            table: archive.query(f"SELECT * FROM {table} WHERE {where}").arrow() for table in TABLES
        }
    catalogue = Catalogue(ArchivePaths(root))
    make_archive(catalogue)  # before it could be made from files
    of_leg = f"/eclipse={leg['eclipse']}/"
    for row in tables["leg_files"].to_pylist():
        # Without the seal, which says of which eclipse a file is.
        copy, content = root / "unsealed.parquet", (source / row["path"]).read_bytes()
        for mark in SEAL:
            content = content.replace(mark, b"no-seal-is-here")
        copy.write_bytes(content)
        for k in range(visits):
            name = root / row["path"].replace(of_leg, f"/eclipse={leg['eclipse'] + k}/")
            name.parent.mkdir(parents=True, exist_ok=True)
            name.hardlink_to(copy)
        copy.unlink()
    with locked(catalogue.paths), catalogue.changing(TABLES, None, None) as connection:
        for table, rows in tables.items():
            connection.execute(f"DELETE FROM {table}")
            connection.register("source", rows)
            path = f", replace(path, '{of_leg}', '/eclipse=' || (eclipse + k) || '/') AS path"
            wanted = "WHERE kind <> 'seconds'" if table == "leg_files" and not seconds else ""
            connection.execute(
                f"INSERT INTO {table} BY NAME SELECT source.* REPLACE (eclipse + k AS eclipse"
                f"{path if table in ('legs', 'leg_files') else ''}) "
                f"FROM source, range({visits}) AS visit(k) {wanted}"
            )
            connection.unregister("source")


def merge(root: Path) -> None:
    """Merge the photons of an archive, and print what it took."""
    with Archive(root) as archive:
        clock, processor = time.perf_counter(), time.process_time()
        made = archive.compact()
        took = time.perf_counter() - clock, time.process_time() - processor
    n, size = made.n_photons, made.size_bytes / made.n_photons
    print(f"{n:,} photons merged: {took[0]:.0f} s, {took[1]:.0f} s of processor, ", end="")
    print(f"{took[1] / n * 1e6:.2f} microseconds and {size:.1f} bytes each")


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


def report(name: str, root: Path, repeat: int, first: dict[str, float]) -> None:
    """Measure an archive, and print; `first` is what the first one took, and is filled in by it."""
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
            ratio, part = processor / bare[1], processor / first.setdefault(label, processor)
            print(
                f"  {label:28s} {clock:7.2f} s  {processor:7.2f} s of processor  "
                f"{ratio:5.2f} x floor  {part:5.3f} of the first",
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
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-", dir=options.archive) as made:
        folder = Path(made)
        source = options.archive or make_source(folder, options.events)
        Archive(source).close()
        first: dict[str, float] = {}
        for name, seconds, merged in ARCHIVES:
            root = folder / name.replace(" ", "-")
            make_field(source, root, options.visits, seconds=seconds)
            if merged:
                merge(root)
            report(f"{options.visits} visits, {name}", root, options.repeat, first)


if __name__ == "__main__":
    main()
