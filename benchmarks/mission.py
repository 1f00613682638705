"""Does a query take longer in an archive of the whole mission?  Before and after, in one run.

    python benchmarks/mission.py [--legs 10,1000,30000,300000] [--have FOLDER ...] [--repeat 7]
        [--visits 1,50,500] [--folder FOLDER]

Makes an archive of so many legs each (`benchmarks.mission_archive`), or takes those that are there
already (``--have``; opening them may bring them up to date), and measures, best of all runs,
milliseconds of processor:

light curve       of a star that one visit saw, on the same connection and on a new one
eclipse_photons   the number of photons of an eclipse
open              a connection to the catalogue, and the simplest query
new leg           the parts of the index with a leg's lines written anew, without the commit
commit            legs and files of a band of an eclipse replaced, as an ingest does, but for the
                  files of the leg (`benchmarks.commits` has the parts, and how a lost catalogue is
                  made anew)

before   the same macros with the list of all legs in the place of the parts of the index that are
         near, as it was until version 0.2; for photons of an eclipse, the view photons
after    as they are

All archives and both ways take turns, so that what else the machine does meets all of them.  Then
fields of so many visits, in the largest archive that has them, with the memory that each answer
takes (`benchmarks.mission_fields`).
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import duckdb  # noqa: E402

from benchmarks import commits, mission_fields  # noqa: E402
from benchmarks.mission_archive import PROBES, MissionArchive, Probe, build  # noqa: E402
from benchmarks.mission_templates import make_templates  # noqa: E402
from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.catalogue.catalogue import Catalogue  # noqa: E402
from gphoton_db.catalogue.place_index import PART_NAME, update_index  # noqa: E402
from gphoton_db.paths import ArchivePaths  # noqa: E402

Name = TypeVar("Name")

OLD_WAY = (
    # One text with all legs, of which every list of legs is made, and nothing else.
    "CREATE OR REPLACE MACRO all_lines() AS $lines",
    'CREATE OR REPLACE MACRO patches_sql(ra, "dec", half_width, half_height) AS '
    "'indexed_legs(all_lines())'",
    "CREATE OR REPLACE MACRO archive_legs(kind) AS leg_files_of(indexed_legs(all_lines()), kind)",
)
"""Makes a catalogue choose legs as all did before there was an index by place."""


@dataclass(frozen=True)
class Subject:
    """Catalogues of one archive before and after, and what is asked of them."""

    before: Path
    after: Path
    lightcurve: str
    photons_before: str
    photons_after: str


def prepare(made: MissionArchive, folder: Path) -> Subject:
    """Copy the catalogue of an archive, and make another one as it was before the index."""
    head = made.root / "gphoton.duckdb"
    after, before = (folder / f"{way}-{made.n_legs}.duckdb" for way in ("after", "before"))
    for copy in (after, before):
        shutil.copy(head, copy)
    with duckdb.connect(str(before)) as connection:
        parts = part_names(connection)
        lines = ", ".join(f"{name}()" for name in parts if "patch" in name)
        every = f"legs_in_order(indexed_legs(concat_ws(chr(10), {lines})))"
        ((text,),) = connection.execute(
            f"SELECT array_to_string(list_transform({every}, "
            "lambda leg: array_to_string(leg, ' ')), chr(10))"
        ).fetchall()
        for statement in OLD_WAY:
            connection.execute(statement.replace("$lines", f"'{text}'"))
        for name in parts:
            connection.execute(f"DROP MACRO {name}")
    probe = made.probes[0]
    return Subject(
        before,
        after,
        f"FROM lightcurve({probe.ra}, {probe.dec})",
        f"SELECT count(*) FROM photons WHERE eclipse = {probe.eclipses[0]}",
        f"SELECT count(*) FROM eclipse_photons({probe.eclipses[0]})",
    )


def found(root: Path) -> MissionArchive:
    """Return what an archive has that `benchmarks.mission_archive` made."""
    with connect(root / "gphoton.duckdb") as connection:
        ((n_legs,),) = connection.execute("SELECT sum(n_legs)::BIGINT FROM band_totals").fetchall()
        probes = []
        for ra, dec in PROBES:
            at = f"FROM legs_at({ra}, {dec}) WHERE ingested AND ra0 = {ra} AND dec0 = {dec}"
            rows = connection.execute(f"SELECT DISTINCT eclipse {at} ORDER BY ALL").fetchall()
            if rows:
                probes.append(Probe(ra, dec, tuple(eclipse for (eclipse,) in rows)))
    return MissionArchive(root, n_legs, tuple(probes), ())


def part_names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the names of the macros with the lines of the index."""
    sql = f"SELECT function_name FROM duckdb_functions() WHERE function_name ~ '{PART_NAME}'"
    return [name for (name,) in connection.execute(sql).fetchall()]


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), read_only=True)


def run(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    connection.execute(sql).fetchall()


def run_anew(path: Path, sql: str) -> None:
    with connect(path) as connection:
        run(connection, sql)


def in_turns(runs: Mapping[Name, Callable[[], None]], repeat: int) -> dict[Name, float]:
    """Return the ms of processor that each takes at best; they take turns."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(repeat):
        for name, each in runs.items():
            start = time.process_time()
            each()
            best[name] = min(best[name], 1000 * (time.process_time() - start))
    return best


def measure(subjects: Mapping[int, Subject], repeat: int) -> dict[tuple[str, int, str], float]:
    """Return ms by what is asked, the number of legs, and way, all of them in turns."""
    warm, new = {}, {}
    with ExitStack() as opened:
        for n, subject in subjects.items():
            for way, path, photons in (
                ("before", subject.before, subject.photons_before),
                ("after", subject.after, subject.photons_after),
            ):
                connection = opened.enter_context(connect(path))
                warm["light curve", n, way] = partial(run, connection, subject.lightcurve)
                warm["eclipse_photons", n, way] = partial(run, connection, photons)
                anew = "light curve, new connection"
                new[anew, n, way] = partial(run_anew, path, subject.lightcurve)
                new["open", n, way] = partial(run_anew, path, "SELECT 1")
        best = in_turns(warm, repeat)
    # While there is a connection in this process, another one to the same file is not new.
    return {**best, **in_turns(new, repeat)}


def new_leg_ms(subject: Subject, repeat: int) -> float:
    """Time how the parts of the index with the legs of one eclipse are written anew."""
    with tempfile.TemporaryDirectory(dir=subject.after.parent) as folder:
        copy = shutil.copy(subject.after, folder)
        with duckdb.connect(str(copy)) as connection:
            ((eclipse, band),) = connection.execute(
                "SELECT eclipse, band FROM legs ORDER BY eclipse DESC, band LIMIT 1"
            ).fetchall()
            again = {"new leg": lambda: _write_again(connection, (eclipse, band))}
            return in_turns(again, repeat)["new leg"]


def _write_again(connection: duckdb.DuckDBPyConnection, band: tuple[int, str]) -> None:
    update_index(connection, {band})


def commit_ms(archives: Sequence[MissionArchive], folder: Path, repeat: int) -> dict[int, float]:
    """Time commits to copies of the catalogues of archives, by the number of legs, in turns."""
    with ExitStack() as copies:
        runs = {}
        for each in archives:
            place = folder / f"commits-{each.n_legs}"
            place.mkdir()
            root = copies.enter_context(commits.copy_of(each.root, place, files=False))
            Archive(root).close()
            catalogue = Catalogue(ArchivePaths(root))
            eclipse = max(number for number, _ in catalogue.bands())
            runs[each.n_legs] = partial(commits.replace_band, catalogue, eclipse)
        return in_turns(runs, repeat)


def report_commits(archives: Sequence[MissionArchive], folder: Path, repeat: int) -> None:
    found = commit_ms(archives, folder, repeat)
    print("commit")
    for n, ms in found.items():
        print(f"{n:7d} legs: {ms:6.1f} ms, {ms / found[min(found)]:5.2f} x with {min(found)} legs")


def index_mb(path: Path) -> float:
    """Return the size of all texts of the index, MB."""
    with connect(path) as connection:
        lengths = ", ".join(f"length({name}())" for name in part_names(connection))
        ((n,),) = connection.execute(f"SELECT list_sum([{lengths}])").fetchall()
        return float(n) / 1e6


def report(subjects: Mapping[int, Subject], repeat: int) -> None:
    """Measure archives of so many legs, and print the table."""
    for n, subject in subjects.items():
        size, again = subject.after.stat().st_size / 1e6, new_leg_ms(subject, repeat)
        print(
            f"{n:7d} legs: catalogue {size:6.1f} MB, index {index_mb(subject.after):5.2f} MB, "
            f"new leg {again:5.1f} ms"
        )
    best = measure(subjects, repeat)
    least = min(subjects)
    for name in dict.fromkeys(name for name, _, _ in best):
        print(name)
        for n in subjects:
            before, after = best[name, n, "before"], best[name, n, "after"]
            print(
                f"{n:7d} legs: before {before:8.1f} ms, after {after:6.1f} ms, "
                f"{after / before:6.3f} x before, "
                f"{after / best[name, least, 'after']:5.2f} x after with {least} legs"
            )


def main() -> None:
    """Run everything and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--legs", default="10,1000", help="sizes of archives")
    parser.add_argument("--have", type=Path, nargs="*", default=[], help="archives to take as well")
    parser.add_argument("--visits", default="1", help="of fields of each archive with room")
    parser.add_argument("--repeat", type=int, default=7, help="the best of so many runs counts")
    parser.add_argument("--folder", type=Path, help="where the archives are made, and then removed")
    options = parser.parse_args()
    visits = [int(n) for n in options.visits.split(",")]
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-", dir=options.folder) as name:
        folder = Path(name)
        templates = make_templates(folder / "templates")
        numbers = [int(n) for n in options.legs.split(",") if n]
        made = [
            build(folder / f"legs-{n}", n, visits=_fitting(visits, n), templates=templates)
            for n in numbers
        ]
        made = sorted([*made, *map(found, options.have)], key=lambda archive: archive.n_legs)
        report({each.n_legs: prepare(each, folder) for each in made}, options.repeat)
        report_commits(made, folder, options.repeat)
        probes = {probe.visits: (each.root, probe) for each in made for probe in each.probes}
        for n, (root, probe) in sorted(probes.items()):
            mission_fields.report(root, n, probe.ra, probe.dec)


def _fitting(visits: Sequence[int], n_legs: int) -> list[int]:
    """Return as many of the fields as have room in so many legs."""
    return [n for k, n in enumerate(visits) if 2 * sum(visits[: k + 1]) <= n_legs]


if __name__ == "__main__":
    main()
