"""Sources, their photometry, catalogue entries and variability: Parquet files, which views read.

They are files and no tables, for every reader and every commit copies the catalogue, and a visit
in frames has half a million rows.  The table ``source_files`` lists those that count.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from gphoton_db.mission import Band
from gphoton_db.paths import leg_folder
from gphoton_db.query.sql_files import literal

ENTRIES = "entries"
"""Kind of the files with catalogue entries, and the name of this catalogue."""


VARIABLES = "variables"
"""Kind of the files that say how sources vary."""

OF_BOTH_BANDS = (ENTRIES, VARIABLES)
"""Kinds of files that count only as long as both bands of the leg are what they were."""


@dataclass(frozen=True)
class SourceFileRecord:
    """A file of sources or photometry of a leg.

    Parameters
    ----------
    generation
        Of the leg: with a new one the file no longer counts.
    kind
        ``sources``, ``photometry``, ``entries`` or ``variables``.
    catalog
        ``detected``, ``entries``, or the name of the user's list.
    method, depth
        Of photometry; None for sources.  ``depth`` is None for the whole leg alone.  ``method`` of
        entries and variables is the generation of the same leg in the other band; None where there
        is no other.
    sha256
        Of the positions: photometry of a catalogue goes when they change.
    """

    eclipse: int
    band: str
    leg: int
    generation: str
    kind: str
    catalog: str
    method: str | None
    depth: float | None
    path: str
    n_rows: int
    sha256: str


def source_file(kind: str, band: Band, eclipse: int, leg: int, name: str) -> str:
    """Return the name of a file of a kind, relative to the root."""
    return f"{leg_folder(kind, band, eclipse, leg)}/{name}.parquet"


def add_source_file(connection: duckdb.DuckDBPyConnection, record: SourceFileRecord) -> list[str]:
    """Enter a file in the place of the one it supersedes; return the files that no longer count."""
    row = asdict(record)
    key = ("eclipse", "band", "leg", "catalog")
    where = " AND ".join(f"{name} = ?" for name in key)
    same = "kind = ? AND method IS NOT DISTINCT FROM ? AND depth IS NOT DISTINCT FROM ?"
    outdated = connection.execute(
        f"DELETE FROM source_files WHERE {where} AND (({same}) OR sha256 <> ?) RETURNING path",
        [*(row[name] for name in key), record.kind, record.method, record.depth, record.sha256],
    ).fetchall()
    if record.kind == VARIABLES:  # made with another leg of the other band, or without one
        outdated += connection.execute(
            f"DELETE FROM source_files WHERE {where} AND kind = ? RETURNING path",
            [*(row[name] for name in key), VARIABLES],
        ).fetchall()
    if record.kind == ENTRIES:  # of both bands, whichever of them there was before
        outdated += connection.execute(
            "DELETE FROM source_files WHERE catalog = ? AND eclipse = ? AND leg = ? "
            "AND (kind = ? OR sha256 <> ?) RETURNING path",
            [ENTRIES, record.eclipse, record.leg, ENTRIES, record.sha256],
        ).fetchall()
    places = ", ".join("?" * len(row))
    connection.execute(
        f"INSERT INTO source_files ({', '.join(row)}) VALUES ({places})", list(row.values())
    )
    return [str(path) for (path,) in outdated]


def forget_outdated(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Take out what is of legs that are gone or were ingested anew; return the files."""
    rows = connection.execute(
        "DELETE FROM source_files WHERE (eclipse, band, leg, generation) NOT IN "
        "(SELECT (eclipse, band, leg, generation) FROM legs) "
        f"OR (kind IN {OF_BOTH_BANDS} AND method IS NOT NULL AND (eclipse, leg, method) NOT IN "
        "(SELECT (eclipse, leg, generation) FROM legs)) RETURNING path"
    ).fetchall()
    return [str(path) for (path,) in rows]


def stored_rows(connection: duckdb.DuckDBPyConnection, root: Path) -> dict[str, str]:
    """Return what the view of each kind reads."""
    from gphoton_db.schemas import OF_SOURCES

    found: dict[str, list[str]] = {kind: [] for kind in OF_SOURCES}
    for kind, path in connection.execute(
        "SELECT kind, path FROM source_files ORDER BY eclipse, band, leg, path"
    ).fetchall():
        found.setdefault(kind, []).append(path)
    return {kind: _rows_of(kind, found[kind], root) for kind in OF_SOURCES}


def _rows_of(kind: str, paths_of_kind: list[str], root: Path) -> str:
    """Return what the view of a kind reads; DuckDB reads no empty list of files."""
    from gphoton_db.catalogue.read_with_key import read_with_key
    from gphoton_db.schemas import LEG, OF_SOURCES, null_columns

    if not paths_of_kind:
        return f"(SELECT {null_columns(LEG, OF_SOURCES[kind])} LIMIT 0)"
    names = ", ".join(map(literal, paths_of_kind))
    paths = (
        f"list_transform([{names}], lambda name: "
        f"coalesce(getvariable('gphoton_root'), {literal(str(root))}) || '/' || name)"
    )
    return read_with_key(paths, root)
