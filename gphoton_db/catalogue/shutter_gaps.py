"""The catalogue's table of pauses in which the shutter was closed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gphoton_db.catalogue.inserts import relation
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.mission import SHUTTER_GAP_MS
from gphoton_db.query.sql_files import literal, read_sql

MOST_TICKS = 4_000_000
"""Rows of ticks that are looked at together, some hundred megabytes."""

Legs = list[tuple[str, int, str, int, str]]
"""Ticks file, eclipse, band, number and generation of legs."""


@dataclass(frozen=True)
class ShutterGap:
    """A row of the table ``shutter_gaps``."""

    eclipse: int
    band: str
    leg: int
    generation: str
    t0_ms: int | None
    t1_ms: int | None


_SCHEMA = pa.schema(
    {
        "eclipse": pa.int32(),
        "band": pa.string(),
        "leg": pa.int32(),
        "generation": pa.string(),
        "t0_ms": pa.int64(),
        "t1_ms": pa.int64(),
    }
)


def gaps_of(leg: LegRecord, t_ms: NDArray[Any], unflagged: NDArray[Any]) -> tuple[ShutterGap, ...]:
    """Return the rows of a leg whose ticks were read: what ``updates/shutter_gaps.sql`` finds.

    Parameters
    ----------
    leg : LegRecord
        The leg.
    t_ms, unflagged : array (n,)
        Its ticks: GALEX time in ms, and the number of photons without a flag.
    """
    key = (leg.eclipse, leg.band, leg.leg, leg.generation)
    good = np.sort(t_ms[unflagged > 0])
    if not len(good):
        return (ShutterGap(*key, None, None),)
    at = np.flatnonzero(np.diff(good) >= SHUTTER_GAP_MS)
    starts, ends = good[at].tolist(), good[at + 1].tolist()
    pauses = zip([None, *starts, int(good[-1])], [int(good[0]), *ends, None], strict=True)
    return tuple(ShutterGap(*key, start, end) for start, end in pauses)


def insert_gaps(connection: duckdb.DuckDBPyConnection, gaps: Sequence[ShutterGap]) -> None:
    """Add rows, but for legs that the table ``shutter_gaps`` has already."""
    if not gaps:
        return
    found = pa.Table.from_pylist([vars(gap) for gap in gaps], _SCHEMA)
    with relation(connection, "found", found):
        connection.execute(
            "INSERT INTO shutter_gaps BY NAME FROM found "
            "ANTI JOIN shutter_gaps USING (eclipse, band, leg, generation)"
        )


def update_shutter_gaps(connection: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Make the table ``shutter_gaps`` one of the legs that the table ``legs`` has now.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the next version of the catalogue.
    root : Path
        The archive's folder; the ticks of legs that are new must be in place.
    """
    connection.execute(
        "DELETE FROM shutter_gaps WHERE generation NOT IN (SELECT generation FROM legs)"
    )
    new = connection.execute(
        "WITH new AS (FROM legs ANTI JOIN shutter_gaps USING (eclipse, band, leg)) "
        "SELECT file.n_rows, file.path, eclipse, band, leg, generation FROM new "
        "JOIN leg_files AS file USING (eclipse, band, leg) WHERE file.kind = 'ticks'"
    ).fetchall()
    statement = read_sql("updates/shutter_gaps.sql")
    for legs in _in_parts(new, root):
        names = ("path", "eclipse", "band", "leg", "generation")
        rows = [dict(zip(names, leg, strict=True)) for leg in legs]
        paths = ", ".join(literal(path) for path, *_ in legs)
        with relation(connection, "unknown", pa.Table.from_pylist(rows)):
            connection.execute(statement.replace("$paths", f"[{paths}]"))


def _in_parts(found: list[tuple[int, str, int, str, int, str]], root: Path) -> Iterator[Legs]:
    """Yield legs whose ticks are not too many to be looked at together."""
    legs, n_ticks = Legs(), 0
    for n_rows, path, eclipse, band, leg, generation in found:
        if legs and n_ticks + n_rows > MOST_TICKS:
            yield legs
            legs, n_ticks = Legs(), 0
        legs.append((str(root / path), eclipse, band, leg, generation))
        n_ticks += n_rows
    if legs:
        yield legs
