"""The catalogue's table of pauses in which the shutter was closed."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from gphoton_db.query.sql_files import literal, read_sql

MOST_TICKS = 4_000_000
"""Rows of ticks that are looked at together, some hundred megabytes."""

Legs = list[tuple[str, int, str, int, str]]
"""Ticks file, eclipse, band, number and generation of legs."""


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
        connection.register("unknown", pa.Table.from_pylist(rows))
        paths = ", ".join(literal(path) for path, *_ in legs)
        connection.execute(statement.replace("$paths", f"[{paths}]"))
        connection.unregister("unknown")


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
