"""What do commits, and opening an archive, cost with many legs?  In seconds of processor.

    python benchmarks/commits.py [--legs 1000,30000] [--archive ARCHIVE ...] [--rebuild]

Takes archives (their catalogues are copied, and nothing in them is changed), or makes some of so
many legs.  For each of them:

head       size of gphoton.duckdb, which commits and readers copy
files      the catalogue's own files, and their size
commit     every row of a band of an eclipse is replaced, and its files are written anew
written    what that commit wrote: the head, and its files
log        a line for an ingest that failed
open       a connection to the catalogue as it is
one        the legs of one eclipse
bands      which bands of which eclipses there are, as an ingest of many asks
status     what gphoton-db status shows
rebuild    the catalogue is lost: the head alone, and with its files
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.catalogue.catalogue import Catalogue  # noqa: E402
from gphoton_db.catalogue.file import locked  # noqa: E402
from gphoton_db.catalogue.records import IngestRecord  # noqa: E402
from gphoton_db.mission import Band  # noqa: E402
from gphoton_db.paths import FILE_KINDS, ArchivePaths  # noqa: E402

CHANGED = ("legs", "leg_files", "shutter_gaps", "coverage", "source_files", "ingests")
"""The tables that an ingest changes."""


@dataclass(frozen=True)
class Measured:
    """Figures of one archive: sizes in bytes, times in seconds, by their names."""

    n_legs: int
    figures: dict[str, float]


@contextmanager
def copy_of(source: Path, folder: Path, *, files: bool = True) -> Iterator[Path]:
    """Give an archive with the files of another, if they are needed, and a catalogue of its own."""
    root = folder / source.name
    root.mkdir()
    for kind in FILE_KINDS:
        # Hard links: an archive refuses others that lead out of it.
        if files and (source / kind).exists():
            shutil.copytree(source / kind, root / kind, copy_function=os.link)
        else:
            (root / kind).mkdir()
    shutil.copy(source / "gphoton.duckdb", root)
    if (source / "catalogue").exists():
        shutil.copytree(source / "catalogue", root / "catalogue")
    try:
        yield root
    finally:
        shutil.rmtree(root)


def replace_band(catalogue: Catalogue, eclipse: int) -> None:
    """Commit other values for the legs of an eclipse, as if it had been ingested again."""
    bands = {(eclipse, str(band)) for band in Band}
    with locked(catalogue.paths), catalogue.changing(CHANGED, [eclipse], bands) as connection:
        connection.execute(f"UPDATE legs SET exposure = exposure + 1 WHERE eclipse = {eclipse}")
        connection.execute(f"UPDATE leg_files SET n_rows = n_rows + 1 WHERE eclipse = {eclipse}")
        connection.execute(f"UPDATE coverage SET source = source || '.' WHERE eclipse = {eclipse}")
        connection.execute(f"UPDATE ingests SET seconds = seconds + 1 WHERE eclipse = {eclipse}")


def log_failure(catalogue: Catalogue, eclipse: int) -> None:
    record = IngestRecord(
        *(f"{time.time_ns():x}", eclipse, "NUV", "failed", "a benchmark"),
        *(None, None, None, None, 1.0, datetime(2026, 1, 1), "0"),
    )
    catalogue.commit([], [record])


def seconds(run: Callable[[], Any]) -> float:
    """Return the seconds of processor, all threads together: others may use the machine too."""
    start = time.process_time()
    run()
    return time.process_time() - start


def best(run: Callable[[], Any], repeat: int) -> float:
    return min(seconds(run) for _ in range(repeat))


def size_of(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_size for path in folder.rglob("*.parquet")}


def measure(root: Path, *, rebuild: bool) -> Measured:
    upgrade = seconds(lambda: Archive(root).close())
    catalogue = Catalogue(ArchivePaths(root))
    with Archive(root) as archive:
        rows = archive.query("SELECT eclipse, count(*) AS n FROM legs GROUP BY ALL").rows()
    n_legs, eclipse = sum(row["n"] for row in rows), sorted(row["eclipse"] for row in rows)[-1]
    before = size_of(root / "catalogue")
    found = {
        "upgrade": upgrade,
        "head": (root / "gphoton.duckdb").stat().st_size,
        "files": len(before),
        "size": sum(before.values()),
        "commit": best(lambda: replace_band(catalogue, eclipse), 1),
    }
    new = {path: size for path, size in size_of(root / "catalogue").items() if path not in before}
    found["written"] = sum(new.values()) + (root / "gphoton.duckdb").stat().st_size
    found["again"] = best(lambda: replace_band(catalogue, eclipse), 3)
    found["log"] = best(lambda: log_failure(catalogue, eclipse), 3)
    found["open"] = best(lambda: catalogue.reader().close(), 5)
    with Archive(root) as archive:
        found["one"] = best(lambda: archive.legs(eclipse), 5)
        found["bands"] = best(catalogue.bands, 3)
        found["status"] = best(archive.status, 3)
    if rebuild:
        (root / "gphoton.duckdb").unlink()
        found["rebuild"] = seconds(lambda: Archive(root).close())
        (root / "gphoton.duckdb").unlink()
        shutil.rmtree(root / "catalogue")
        found["rebuild all"] = seconds(lambda: Archive(root).close())
    return Measured(n_legs, found)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--legs", default="1000,30000", help="archives to make")
    parser.add_argument("--archive", type=Path, action="append", help="instead of these")
    parser.add_argument("--rebuild", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.archive and options.archive[0].parent) as name:
        folder = Path(name)
        archives = options.archive or make_archives(folder / "made", options.legs)
        results = []
        for source in archives:
            with copy_of(source.resolve(), folder, files=options.rebuild) as root:
                results.append(measure(root, rebuild=options.rebuild))
            print(f"{results[-1].n_legs:,} legs measured", flush=True)
    print(f"{'':12}" + "".join(f"{each.n_legs:>12,}" for each in results))
    for figure in results[0].figures:
        values = [each.figures[figure] for each in results]
        shown = [f"{v:12,.0f}" if v >= 1000 else f"{v:12.3f}" for v in values]
        print(f"{figure:12}" + "".join(shown) + f"   x {values[-1] / values[0]:.2f}")


def make_archives(folder: Path, legs: str) -> list[Path]:
    from benchmarks.mission_archive import build
    from benchmarks.mission_templates import make_templates

    folder.mkdir()
    templates = make_templates(folder / "templates")
    return [
        build(folder / number, int(number), templates=templates, rebuildable=True).root
        for number in legs.split(",")
    ]


if __name__ == "__main__":
    main()
