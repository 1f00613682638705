"""Files of an archive that were cut, swapped, replaced or written anew, and catalogues edited."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gphoton_db.archive import Archive
from gphoton_db.products.photon_batches import SCHEMAS
from tests.campaign.archive_files import found_by_verify, read_whole
from tests.campaign.damage import damaged
from tests.campaign.outcome import SilentlyWrongError, Try
from tests.gphoton_db.archives import changed_tables

Alter = Callable[[Path, np.random.Generator], str]


def altered(root: Path, seed: int, n: int) -> Iterator[Try]:
    """Yield tries of an archive that was altered, and is put back afterwards."""
    for number in range(n):
        kind = KINDS[number % len(KINDS)]
        what = f"{kind.__name__.strip('_')} (seed {seed}, {number})"
        yield Try(what, partial(_alter_and_read, root, kind, seed * n + number))


def _alter_and_read(root: Path, alter: Alter, seed: int) -> None:
    """Alter the archive, and read what was altered, or look for it."""
    rng = np.random.default_rng(seed)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    try:
        name = alter(root, rng)
        changed = root / name
        if changed.exists() and before.get(changed) == changed.read_bytes():
            return  # another one like it
        if name.partition("/")[0] in SCHEMAS and rng.random() < 0.5:
            read_whole(root, changed)
            raise SilentlyWrongError(f"{name} was read")
        found_by_verify(root, changed)
    finally:
        _put_back(root, before)


def _put_back(root: Path, before: dict[Path, bytes]) -> None:
    for path in [path for path in root.rglob("*") if path.is_file() and path not in before]:
        path.unlink()
    for path, content in before.items():
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)


def _files(root: Path, *kinds: str) -> list[Path]:
    """Return files that count: of the catalogue those that readers of before have are not."""
    files = [path for kind in SCHEMAS if kind in kinds for path in (root / kind).rglob("*.parquet")]
    if "catalogue" in kinds:
        with Archive(root) as archive:
            files += [root / row["path"] for row in archive.query("FROM segments").rows()]
    return sorted(files)


def _one(root: Path, rng: np.random.Generator, *kinds: str) -> Path:
    files = _files(root, *kinds)
    return files[int(rng.integers(len(files)))]


def _named(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _cut(root: Path, rng: np.random.Generator) -> str:
    path = _one(root, rng, *SCHEMAS, "catalogue")
    content = path.read_bytes()
    path.write_bytes(content[: int(rng.integers(len(content)))])
    return _named(root, path)


def _removed(root: Path, rng: np.random.Generator) -> str:
    path = _one(root, rng, *SCHEMAS, "catalogue")
    path.unlink()
    return _named(root, path)


def _swapped(root: Path, rng: np.random.Generator) -> str:
    files = _files(root, str(rng.choice([*SCHEMAS])))
    first, second = (files[k] for k in rng.choice(len(files), 2, replace=False))
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)
    return _named(root, first)


def _foreign(root: Path, rng: np.random.Generator) -> str:
    path = _one(root, rng, *SCHEMAS, "catalogue")
    table = pa.table({"ra": rng.random(9), "dec": rng.random(9)})
    if rng.random() < 0.5:
        pq.write_table(table, path)
    else:
        path.write_bytes(rng.bytes(int(rng.integers(1, 5000))))
    return _named(root, path)


def _written_anew(root: Path, rng: np.random.Generator) -> str:
    """Another number in a row, or a row less, written by a program that keeps the metadata."""
    path = _one(root, rng, *SCHEMAS)
    with pq.ParquetFile(path) as file:
        table = file.read()
    if rng.random() < 0.5 or not table.num_rows:
        table = table.slice(0, max(table.num_rows - 1, 0))
    else:
        column = int(rng.integers(table.num_columns))
        values = table.column(column).to_pylist()
        values[int(rng.integers(len(values)))] = values[0]
        name, kind = table.schema.field(column), table.schema.field(column).type
        table = table.set_column(column, name, pa.array(values, kind))
    pq.write_table(table, path)
    return _named(root, path)


def _damaged_catalogue(root: Path, rng: np.random.Generator) -> str:
    path = _one(root, rng, "catalogue")
    _, content = damaged(path.read_bytes(), rng)
    path.write_bytes(content)
    return _named(root, path)


def _edited(root: Path, rng: np.random.Generator) -> str:
    """The catalogue says something else of a leg or a file."""
    table, change = [
        ("legs", "n_photons = n_photons + 1"),
        ("legs", "leg = leg + 1"),
        ("leg_files", "n_rows = n_rows - 1"),
        ("leg_files", "size_bytes = size_bytes + 1"),
        ("leg_files", "sha256 = reverse(sha256)"),
        ("leg_files", "path = path || 'x'"),
    ][int(rng.integers(6))]
    with Archive(root) as archive:
        legs = archive.legs()
    leg = legs[int(rng.integers(len(legs)))]
    where = f"eclipse = {leg.eclipse} AND band = '{leg.band}' AND leg = {leg.leg}"
    with changed_tables(root, table) as connection:
        connection.execute(f"UPDATE {table} SET {change} WHERE {where}")
    return "gphoton.duckdb"


KINDS: tuple[Alter, ...] = (
    _cut,
    _removed,
    _swapped,
    _foreign,
    _written_anew,
    _damaged_catalogue,
    _edited,
)
