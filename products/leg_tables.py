"""What is read of many legs at once: their files, pauses, and nearby photons.

One query stands for one a leg, which would take longer than what it reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gphoton_db.arrow_columns import values_of
from gphoton_db.catalogue.records import AnyLeg, LegRecord
from gphoton_db.errors import ArchiveError
from gphoton_db.kernels.arrays import read_only
from gphoton_db.mission import Band
from gphoton_db.paths import photon_file
from gphoton_db.products.photon_batches import Photons, check_files, column_array
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sky_boxes import SkyBox
from gphoton_db.query.sql_files import identifier, literal
from gphoton_db.remote.files import for_duckdb, is_far
from gphoton_db.system.inside import named_inside
from gphoton_db.system.seal import damaged_file

Ints = NDArray[np.int64]

LegKey = tuple[int, str, int]
"""Eclipse, band, leg."""

EARLIEST, LATEST = np.iinfo(np.int64).min // 2, np.iinfo(np.int64).max // 2


POSITION = ("cell", "dec", "ra")
"""Columns that `SkyBox.where` looks at."""


@dataclass(frozen=True)
class ListedFile:
    """A file of a leg, and the bounds of its photons' positions, deg; None: not known."""

    root: Path
    name: str
    kind: str
    cells: tuple[int, int] | None = None
    dec: tuple[float, float] | None = None

    @property
    def path(self) -> Path:
        """Where it is; made when asked for: many are listed, and few are read."""
        return named_inside(self.root, self.name)


def key_of(leg: AnyLeg) -> LegKey:
    """Return what tells a leg from others."""
    return leg.eclipse, leg.band, leg.leg


def files_of_legs(archive: ArchiveReader, legs: Sequence[AnyLeg]) -> dict[LegKey, list[ListedFile]]:
    """Return all files of legs, those of a kind in order."""
    rows = archive.rows(
        "SELECT eclipse, band, leg, kind, path, cell_min, cell_max, dec_min, dec_max "
        f"FROM {_rows_of('leg_files', legs)} ORDER BY eclipse, band, leg, kind, part"
    )
    found: dict[LegKey, list[ListedFile]] = {key_of(leg): [] for leg in legs}
    for row in rows:
        known = row["cell_min"] is not None
        found.get((row["eclipse"], row["band"], row["leg"]), []).append(
            ListedFile(
                archive.root,
                row["path"],
                row["kind"],
                (row["cell_min"], row["cell_max"]) if known else None,
                (row["dec_min"], row["dec_max"]) if known else None,
            )
        )
    return found


def paths_of(files: Sequence[ListedFile], kind: str) -> list[Path]:
    """Return the files of a kind, in order."""
    return [file.path for file in files if file.kind == kind]


def pauses_of_legs(archive: ArchiveReader, legs: Sequence[AnyLeg]) -> dict[LegKey, Ints]:
    """Return when the shutter of legs was closed: 50 ms or more without an unflagged photon.

    Returns
    -------
    dict
        (n, 2) GALEX ms by leg, rising: the last photon before each pause and the first one after
        it; `EARLIEST` and `LATEST` where there is none.  Legs that are missing are not known.
    """
    # By Arrow: a leg has dozens, and rows of Python would take longer than all else.
    table = archive.arrow(
        "SELECT eclipse::BIGINT AS eclipse, band = 'FUV' AS fuv, leg::BIGINT AS leg, "
        f"coalesce(t0_ms, {EARLIEST})::BIGINT AS t0_ms, coalesce(t1_ms, {LATEST})::BIGINT AS t1_ms "
        f"FROM {_rows_of('shutter_gaps', legs)} ORDER BY eclipse, fuv, leg, t0_ms"
    )
    eclipse, fuv, leg, t0, t1 = (values_of(table[name]) for name in table.column_names)
    keys = np.stack([eclipse, fuv.astype(np.int64), leg], axis=1)
    first = np.flatnonzero((np.diff(keys, axis=0, prepend=-1) != 0).any(axis=1))
    pauses = np.split(np.stack([t0, t1], axis=1), first[1:])
    return {
        (number, "FUV" if is_fuv else "NUV", part): rows
        for (number, is_fuv, part), rows in zip(keys[first].tolist(), pauses, strict=False)
    }


def photons_near(
    archive: ArchiveReader, files: Sequence[Sequence[ListedFile]], box: SkyBox, names: Sequence[str]
) -> list[Photons]:
    """Return the photons of each leg in a small part of the sky, in the order of its files.

    Parameters
    ----------
    files : sequence of sequence of ListedFile
        Those of each leg.
    box : SkyBox
        Where.
    names : sequence of str
        Columns of the photon files.
    """
    near = [
        [file.path for file in each if file.kind == "photons" and box.meets(file.cells, file.dec)]
        for each in files
    ]
    read = iter(rows_by_file(archive, [path for each in near for path in each], names, box))
    found = []
    for each in near:
        parts = [next(read) for _ in each]
        found.append(
            parts[0] if len(parts) == 1 else {n: _joined([p[n] for p in parts]) for n in names}
        )
    return found


def check_photons_near(
    archive: ArchiveReader, legs: Sequence[LegRecord], box: SkyBox, names: Sequence[str]
) -> None:
    """Compare the photons of legs in a small part of the sky, which SQL will read, with checksums.

    Raises
    ------
    ArchiveError
        If a file is missing or damaged.
    """
    for leg in legs:
        # By their names: to ask the catalogue takes longer than to look at the seals.
        band, generation = Band(leg.band), leg.generation
        names_of_files = (
            photon_file(band, leg.eclipse, leg.leg, generation, part) for part in range(leg.n_files)
        )
        files = (archive.root / name for name in names_of_files)
        check_files(files, names, near=(box.cells, box.dec))


def rows_by_file(
    archive: ArchiveReader,
    paths: Sequence[Path],
    names: Sequence[str],
    box: SkyBox | None = None,
) -> list[Photons]:
    """Return columns of files, in one pass over all of them.

    Raises
    ------
    ArchiveError
        If one is missing or damaged.
    """
    if not paths:
        return []
    looked_at = names if box is None else (*names, *POSITION)
    check_files(paths, looked_at, near=None if box is None else (box.cells, box.dec))
    listed = ", ".join(literal(for_duckdb(path)) for path in paths)
    columns = ", ".join(identifier(name) for name in names)
    sql = (
        f"SELECT file_index::INTEGER AS number, {columns} "
        f"FROM read_parquet([{listed}], hive_partitioning = false) "
        f"WHERE {box.where if box else 'true'}"
    )
    try:
        table = archive.connection.execute(sql).to_arrow_table()
    except duckdb.Error as error:
        raise unreadable(paths, error) from None
    edges = np.searchsorted(values_of(table["number"]), np.arange(len(paths) + 1))
    whole = {name: column_array(table[name]) for name in names}
    return [
        {name: read_only(values[a:b]) for name, values in whole.items()}
        for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]


def unreadable(paths: Sequence[Path], error: duckdb.Error) -> ArchiveError:
    """Return the error that names the file at fault."""
    for path in paths:
        if is_far(path):
            return damaged_file(path, str(error).strip().splitlines()[0])
        try:
            with pq.ParquetFile(path) as file:
                for _ in file.iter_batches():
                    pass
        except Exception as reason:  # noqa: BLE001
            return damaged_file(path, str(reason))
    return ArchiveError(f"{paths[0].parent}: files of legs cannot be read ({error})")


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0)


def _rows_of(table: str, legs: Sequence[AnyLeg]) -> str:
    """Return SQL for the rows of a table that are of the eclipses of legs."""
    return f"rows_of('{table}', {sorted({leg.eclipse for leg in legs})}::INTEGER[])"
