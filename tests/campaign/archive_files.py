"""Damaged files of an archive's legs: single bits, cuts, other files in their place.

``python -m tests.campaign.archive_files ARCHIVE [FLIPS]`` tries them on a copy of an archive.
"""

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.intake.verify.archive import verify
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths
from gphoton_db.products.leg_tables import rows_by_file
from gphoton_db.products.photon_batches import SCHEMAS, photon_batches, row_groups
from gphoton_db.products.reader import (
    ArchiveReader,
    choose_leg,
    read_aspect,
    read_ticks,
    ticks_in,
)
from gphoton_db.schemas import PHOTONS
from tests.campaign.outcome import Outcome, SilentlyWrongError, Try, attempt


def read_whole(root: Path, path: Path) -> None:
    """Read all of a file as products of one leg do."""
    kind, band, eclipse, leg = path.relative_to(root).parts[:4]
    key = (int(eclipse.partition("=")[2]), band.partition("=")[2], int(leg.partition("=")[2]))
    with Catalogue(ArchivePaths(root)).reader() as connection:
        reader = ArchiveReader(Catalogue(ArchivePaths(root)), connection)
        if kind == "seconds":
            ticks_in(path)
            return
        chosen = choose_leg(reader, key[0], Band(key[1]), key[2])
        if kind == "photons":
            for _ in photon_batches(row_groups([path]), PHOTONS.names, threads=1):
                pass
        elif kind == "ticks":
            read_ticks(reader, chosen)
        else:
            read_aspect(reader, chosen)


def read_by_duckdb(root: Path, path: Path) -> None:
    """Read all of a file as products of many legs do."""
    with Catalogue(ArchivePaths(root)).reader() as connection:
        reader = ArchiveReader(Catalogue(ArchivePaths(root)), connection)
        rows_by_file(reader, [path], SCHEMAS[path.relative_to(root).parts[0]].names)


def found_by_verify(root: Path, path: Path) -> None:
    """Look at the archive, and raise what is found."""
    faults = verify(ArchivePaths(root), deep=True).faults
    if not faults:
        raise SilentlyWrongError(f"nothing is said of {path}")
    raise faults[0].as_error()


Read = Callable[[Path, Path], None]

READS: tuple[Read, ...] = (read_whole, read_by_duckdb, found_by_verify)
"""Each must find every bit."""


def flipped(root: Path, seed: int, n: int, reads: Sequence[Read] = READS) -> Iterator[Try]:
    """Yield tries of single bits in files of legs, which are put back afterwards."""
    rng = np.random.default_rng(seed)
    # One leg after the other, so that few tries are of files of all kinds.
    found = (path for kind in SCHEMAS for path in (root / kind).rglob("*.parquet"))
    files = sorted(found, key=lambda path: (path.parent.name, path))
    for number in range(n):
        path = files[number % len(files)]
        at, bit = int(rng.integers(path.stat().st_size)), int(rng.integers(8))
        for read in reads:
            what = f"{read.__name__} {path.name}: bit {bit} of byte {at}"
            yield Try(what, partial(_read_flipped, root, path, at, bit, read))


def _read_flipped(root: Path, path: Path, at: int, bit: int, read: Read) -> None:
    _flip(path, at, bit)
    try:
        read(root, path)
    finally:
        _flip(path, at, bit)


def _flip(path: Path, at: int, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ (1 << bit)]))


def main() -> None:
    """Try flips on a copy of an archive, and print what came of them."""
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(shutil.copytree(sys.argv[1], Path(folder) / "archive"))
        counts: Counter[Outcome] = Counter()
        for one in flipped(root, 16, n):
            tried = attempt(one)
            counts[tried.outcome] += 1
            if tried.outcome is not Outcome.CLEAR_ERROR:
                sys.stdout.write(f"{tried}\n")
        sys.stdout.write(f"{n:,} bits: {dict(counts)}\n")


if __name__ == "__main__":
    main()
