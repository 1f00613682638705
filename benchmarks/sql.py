"""How fast are the macros?  Light curves as ratios to reading what they cannot do without.

    python benchmarks/sql.py [--events 18500000] [--archive ARCHIVE]

Makes and ingests a visit of that many events, or takes the largest leg of an archive that there
is, and puts it among 9 and among 999 small legs elsewhere on the sky.  Then, on each archive:

floor     the photons in the box about the source, by the names of their files, and the leg's
          ticks summed up by bin: what no light curve could do without
warm      a light curve again, on the same connection
new       one on a new connection
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import duckdb  # noqa: E402

from benchmarks.telemetry import ECLIPSE, make_large_visit  # noqa: E402
from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.catalogue.catalogue import Catalogue  # noqa: E402
from gphoton_db.catalogue.file import locked  # noqa: E402
from gphoton_db.paths import KINDS, SEGMENTED, ArchivePaths  # noqa: E402

RADIUS, STEP = 12.8, 30


@dataclass(frozen=True)
class Subject:
    """The leg that is measured, and the source in it."""

    eclipse: int
    ra: float
    dec: float
    start_ms: int

    @property
    def lightcurve(self) -> str:
        """Its light curve."""
        return f"FROM lightcurve({self.ra}, {self.dec}, radius := {RADIUS}, step := {STEP})"


def best(run: Callable[[], Any], repeat: int) -> float:
    """Return the seconds of the fastest of so many runs."""
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def make_archive(folder: Path, events: int) -> Path:
    visit = make_large_visit(folder / "visit", events)
    with Archive(folder / "archive") as archive:
        archive.ingest(
            ECLIPSE,
            "NUV",
            raw6=visit.raw6,
            pointing=visit.pointing,
            calibration=visit.calibration,
        )
    return folder / "archive"


def with_small_legs(source: Path, root: Path, eclipse: int, n: int) -> None:
    """Make an archive of one leg of `source`, its files linked, and `n` small legs elsewhere."""
    root.mkdir(parents=True)
    shutil.copy(source / "gphoton.duckdb", root)
    shutil.copytree(source / "catalogue", root / "catalogue")
    paths = ArchivePaths(root)
    with locked(paths), Catalogue(paths).changing(SEGMENTED, None) as connection:
        connection.execute("DELETE FROM legs WHERE eclipse <> ?", [eclipse])
        connection.execute("DELETE FROM leg_files WHERE eclipse <> ?", [eclipse])
        files = connection.execute("SELECT kind, path FROM leg_files").fetchall()
        for _, path in files:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).hardlink_to(source / path)
        for kind in KINDS:
            path = next(root / path for found, path in files if found == kind)
            connection.execute(
                f"COPY (FROM read_parquet('{path}', hive_partitioning = false) LIMIT 5000) "
                f"TO '{root / kind}.parquet'"
            )
        for k in range(1, n + 1):
            _add_leg(connection, root, eclipse, eclipse + k)
        # As if they had been there always: only the first leg's gaps and coverage are needed.
        for table in ("shutter_gaps", "coverage"):
            connection.execute(
                f"INSERT INTO {table} BY NAME SELECT gap.* REPLACE (legs.eclipse AS eclipse) "
                f"FROM {table} AS gap, legs WHERE legs.eclipse <> ? AND gap.eclipse = ?",
                [eclipse, eclipse],
            )
        connection.execute("UPDATE archive_info SET sql_version = NULL")  # all of the index is new
    Archive(root).close()


def _add_leg(connection: duckdb.DuckDBPyConnection, root: Path, eclipse: int, new: int) -> None:
    place = {"ra": (new * 137.508) % 360, "dec": (new * 61.8) % 120 - 60, "new": new, "of": eclipse}
    of = "SELECT generation FROM legs WHERE eclipse = ?"
    ((generation,),) = connection.execute(of, [eclipse]).fetchall()
    connection.execute(
        "INSERT INTO legs BY NAME SELECT * REPLACE ($new AS eclipse, $ra AS ra0, $dec AS dec0) "
        "FROM legs WHERE eclipse = $of",
        place,
    )
    for kind in KINDS:
        part = "-0" if kind == "photons" else ""
        path = f"{kind}/band=NUV/eclipse={new}/leg=0/{generation}{part}.parquet"
        (root / path).parent.mkdir(parents=True)
        (root / path).hardlink_to(root / f"{kind}.parquet")
        connection.execute(
            "INSERT INTO leg_files BY NAME SELECT * REPLACE ($new AS eclipse, $path AS path) "
            "FROM leg_files WHERE eclipse = $of AND kind = $kind AND part = 0",
            {"new": new, "path": path, "of": eclipse, "kind": kind},
        )


def floor_seconds(root: Path, subject: Subject, repeat: int) -> float:
    with duckdb.connect() as connection:
        names = {
            kind: [str(path) for path in (root / kind).glob(f"*/eclipse={subject.eclipse}/*/*")]
            for kind in ("photons", "ticks")
        }
        half = RADIUS / 3600
        box = (
            f"SELECT count(*), sum(1 / response) FROM read_parquet({names['photons']}) WHERE "
            f"ra BETWEEN {subject.ra - half} AND {subject.ra + half} AND "
            f"dec BETWEEN {subject.dec - half} AND {subject.dec + half}"
        )
        bins = (
            f"SELECT (t_ms - {subject.start_ms}) // {STEP * 1000} AS bin, sum(unflagged) "
            f"FROM read_parquet({names['ticks']}) GROUP BY bin"
        )
        seconds = [best(partial(_fetch, connection, sql), repeat) for sql in (box, bins)]
        return sum(seconds)


def _fetch(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Any]:
    return connection.execute(sql).fetchall()


def warm_seconds(root: Path, sql: str, repeat: int) -> float:
    with connect(root) as connection:
        return best(lambda: connection.execute(sql).fetchall(), repeat)


def new_seconds(root: Path, sql: str, repeat: int) -> float:
    def run() -> None:
        with connect(root) as connection:
            connection.execute(sql).fetchall()

    return best(run, repeat)


def connect(root: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(root / "gphoton.duckdb"), read_only=True)


def many_seconds(root: Path, subject: Subject, n: int, repeat: int) -> float:
    """Time light curves of `n` random positions in the visit."""
    with connect(root) as connection:
        connection.execute("SELECT setseed(0.5)").fetchall()
        connection.execute(
            "CREATE TEMP TABLE positions AS SELECT ra0 + (random() - 0.5) * 0.8 AS ra, "
            "dec0 + (random() - 0.5) * 0.8 AS dec FROM legs, range(?) WHERE eclipse = ?",
            [n, subject.eclipse],
        )
        sql = f"FROM lightcurves('positions', {subject.eclipse}, step := {STEP})"
        return best(lambda: connection.execute(sql).to_arrow_table(), repeat)


def legs_at_seconds(root: Path, subject: Subject, n: int, repeat: int) -> float:
    """Time legs_at in a catalogue of `n` legs."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(root / "gphoton.duckdb", folder)
        shutil.copytree(root / "catalogue", Path(folder) / "catalogue")
        paths = ArchivePaths(Path(folder))
        with locked(paths), Catalogue(paths).changing(("legs",), None) as connection:
            connection.execute(
                "INSERT INTO legs BY NAME SELECT legs.* REPLACE (100000 + range AS eclipse, "
                "(range * 137.508) % 360 AS ra0, (range * 61.8) % 120 - 60 AS dec0) "
                "FROM legs, range(?) WHERE eclipse = ?",
                [n, subject.eclipse],
            )
        with connect(paths.root) as connection:
            sql = f"FROM legs_at({subject.ra}, {subject.dec})"
            return best(lambda: connection.execute(sql).fetchall(), repeat)


def find_subject(root: Path) -> Subject:
    with connect(root) as connection:
        ((eclipse, ra, dec, t0),) = connection.execute(
            "SELECT eclipse, ra0, dec0, photon_t0 FROM legs ORDER BY n_photons DESC LIMIT 1"
        ).fetchall()
    return Subject(eclipse, ra, dec, round(t0 * 1000))


def main() -> None:
    """Run everything and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=18_500_000)
    parser.add_argument("--archive", type=Path, help="take the largest leg of this archive")
    parser.add_argument("--repeat", type=int, default=15, help="the best of so many runs counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-", dir=options.archive) as name:
        folder = Path(name)
        source = options.archive or make_archive(folder, options.events)
        Archive(source).close()
        subject = find_subject(source)
        roots = {10: folder / "ten", 1000: folder / "thousand"}
        for n, root in roots.items():
            with_small_legs(source, root, subject.eclipse, n - 1)
        report(roots, subject, options.repeat)


def report(roots: dict[int, Path], subject: Subject, repeat: int) -> None:
    """Measure, and print."""
    floor = floor_seconds(roots[10], subject, repeat)
    print(f"{'floor: box of photons, ticks by bin':48s} {1000 * floor:8.1f} ms")
    seconds: dict[tuple[str, int], float] = {}
    for how, measure in (("warm", warm_seconds), ("new", new_seconds)):
        for n, root in roots.items():
            seconds[how, n] = measure(root, subject.lightcurve, repeat)
            ratio = seconds[how, n] / floor
            label = f"light curve, {how} connection, {n} legs"
            print(f"{label:48s} {1000 * seconds[how, n]:8.1f} ms  {ratio:5.2f} x floor")
        print(f"{'  1000 legs to 10':48s} {seconds[how, 1000] / seconds[how, 10]:8.2f} x")
    many = many_seconds(roots[10], subject, 1000, max(repeat // 5, 1))
    alone = seconds["warm", 10]
    print(f"{'1000 sources of the visit':48s} {many:8.2f} s   {many / alone:5.1f} x one alone")
    at = legs_at_seconds(roots[10], subject, 5000, repeat)
    print(f"{'legs_at, 5000 legs':48s} {1000 * at:8.1f} ms")
    with Archive(roots[1000]) as archive:
        for row in archive.reads(subject.lightcurve).files.rows():
            print(
                f"read of {row['kind']}: {row['files_opened']} of {row['files']} files of the leg, "
                f"{row['row_groups_read']} of {row['row_groups']} row groups"
            )


if __name__ == "__main__":
    main()
