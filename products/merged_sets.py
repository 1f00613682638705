"""Which merged sets legs are in, and what their common files have besides photons."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from gphoton_db.arrow_columns import values_of
from gphoton_db.catalogue.records import AnyLeg
from gphoton_db.products.leg_tables import LegKey, key_of, unreadable
from gphoton_db.products.photon_batches import Photons, check_files, column_array
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.query.sql_files import identifier, literal
from gphoton_db.remote.files import for_duckdb
from gphoton_db.schemas import MERGED_TABLES
from gphoton_db.system.inside import inside

LEAST_PART = 3
"""A set is read where at least one of so many of its legs is asked for; else their own files."""

_KEY = "eclipse::BIGINT * 1000 + leg"
"""SQL for one number in the place of eclipse and leg."""


def _key_number(eclipse: int, leg: int) -> int:
    """Return what `_KEY` is of a leg."""
    return eclipse * 1000 + leg


def sets_of_legs(
    archive: ArchiveReader, legs: Sequence[AnyLeg], part: int | None = None
) -> dict[str, list[LegKey]]:
    """Return the legs of each set of which one is asked for, or one of `part` of its legs."""
    asked = {key_of(leg) for leg in legs}
    eclipses = sorted({eclipse for eclipse, _, _ in asked})
    rows = archive.rows_again(
        "SELECT merged, eclipse, band, leg, n_legs FROM merged_legs INNER JOIN ("
        "SELECT merged, count(*) AS n_legs FROM merged_legs GROUP BY merged) USING (merged) "
        f"WHERE eclipse IN (SELECT unnest({eclipses}::INTEGER[]))"
    )
    sets, sizes = defaultdict(list), {}
    for row in rows:
        key = (row["eclipse"], row["band"], row["leg"])
        if key in asked:
            sets[row["merged"]].append(key)
            sizes[row["merged"]] = row["n_legs"]
    enough = {name for name, keys in sets.items() if not part or part * len(keys) >= sizes[name]}
    return {name: sets[name] for name in enough}


def merged_rows(
    archive: ArchiveReader, legs: Sequence[AnyLeg], kind: str, names: Sequence[str]
) -> dict[LegKey, Photons]:
    """Return columns of what merged sets have of some legs, which is what their own files have.

    Parameters
    ----------
    kind : str
        Of `schemas.MERGED_TABLES`.
    names : sequence of str
        The columns.

    Returns
    -------
    dict
        By leg; legs that are in no set are missing, and those in a set without such a file.

    Raises
    ------
    ArchiveError
        If a file is missing or damaged.
    """
    sets = sets_of_legs(archive, legs, LEAST_PART)
    if not sets:
        return {}
    listed = archive.rows(
        f"SELECT merged, path FROM merged_tables WHERE kind = {literal(kind)} "
        f"AND merged IN ({', '.join(map(literal, sorted(sets)))})"
    )
    found: dict[LegKey, Photons] = {}
    for row in listed:
        found |= _split(archive, row["path"], sets[row["merged"]], kind, names)
    return found


def _split(
    archive: ArchiveReader, name: str, legs: Sequence[LegKey], kind: str, names: Sequence[str]
) -> dict[LegKey, Photons]:
    """Return what a file of a set has of some legs; it is in the order of eclipse and leg."""
    path = inside(archive.root, name)
    check_files([path], ("eclipse", "leg", *names), schema=MERGED_TABLES[kind])
    keys, columns = read_columns(archive, [path], names)
    found = by_leg(keys, columns, legs)
    # A leg without any row has no file of this kind, or an empty one.
    return {leg: rows for leg, rows in found.items() if len(next(iter(rows.values())))}


def read_columns(
    archive: ArchiveReader, files: Sequence[Path], names: Sequence[str], where: str = "true"
) -> tuple[NDArray[np.int64], Photons]:
    """Return the key of each row of files of a set, and columns, of those that a condition holds.

    Raises
    ------
    ArchiveError
        If they cannot be read.
    """
    listed = ", ".join(literal(for_duckdb(path)) for path in files)
    columns = ", ".join(identifier(name) for name in names)
    source = f"read_parquet([{listed}], hive_partitioning = false)"
    sql = f"SELECT {_KEY} AS key, {columns} FROM {source} WHERE {where}"
    try:
        table = archive.connection.execute(sql).to_arrow_table()
    except duckdb.Error as error:
        raise unreadable(files, error) from None
    return values_of(table["key"]), {name: column_array(table[name]) for name in names}


def by_leg(
    keys: NDArray[np.int64], columns: Photons, legs: Sequence[LegKey]
) -> dict[LegKey, Photons]:
    """Return the rows of each of some legs of one band, from columns in the order of their keys."""
    wanted = np.array([_key_number(eclipse, leg) for eclipse, _, leg in legs])
    first = np.searchsorted(keys, wanted).tolist()
    stop = np.searchsorted(keys, wanted, side="right").tolist()
    return {
        leg: {name: values[a:b] for name, values in columns.items()}
        for leg, a, b in zip(legs, first, stop, strict=True)
    }
