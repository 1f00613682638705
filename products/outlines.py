"""The true outlines of fields, against which a search by position is checked."""

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb
import numpy as np
import shapely

from gphoton_db.aspect.gnomonic import PLANE_UNITS_PER_DEG, project
from gphoton_db.aspect.wkb import read_polygon
from gphoton_db.catalogue.session import reading_catalogue
from gphoton_db.paths import ArchivePaths
from gphoton_db.query.plain_rows import plain_rows
from gphoton_db.query.sql_files import literal
from gphoton_db.remote.files import for_duckdb, published


def missed_by(
    connection: duckdb.DuckDBPyConnection,
    paths: ArchivePaths,
    rows: Sequence[dict[str, Any]],
    ra: float,
    dec: float,
    radius: float,
) -> set[int]:
    """Return the ``id`` of those rows whose field is known, and is not reached by a cone.

    A cone reaches a field when the outline is within its radius (deg) on the plane that touches
    the sphere at its centre, where great circles are straight.
    """
    outlines = outlines_of(connection, paths, rows)
    reach = np.tan(np.radians(radius)) / np.radians(1.0)
    centre = shapely.Point(0.0, 0.0)
    missed = set()
    for row in rows:
        outline = outlines.get((row["eclipse"], row["band"], row["leg"]))
        if outline is not None and flat_outline(outline, ra, dec).distance(centre) > reach:
            missed.add(id(row))
    return missed


def flat_outline(outline: bytes, ra: float, dec: float) -> shapely.Geometry:
    """Return a region on the plane that touches the sphere at a position, deg from there."""

    def to_plane(corners: Any) -> Any:
        x, y = project(corners[:, 0], corners[:, 1], ra, dec, 0.0)
        return np.stack([x, y], axis=-1) / PLANE_UNITS_PER_DEG

    return shapely.transform(read_polygon(outline), to_plane)


def outlines_of(
    connection: duckdb.DuckDBPyConnection, paths: ArchivePaths, rows: Sequence[dict[str, Any]]
) -> dict[tuple[int, str, int], bytes]:
    """Return what is known of the sky that legs saw at least once, in well-known binary."""
    ingested, others = set[int](), set[int]()
    for row in rows:
        (ingested if row["ingested"] else others).add(row["eclipse"])
    table = published(paths.consolidated / "leg-aperture.parquet")
    with reading_catalogue():
        stored = plain_rows(
            connection,
            "SELECT eclipse, band, leg, partial FROM read_parquet(segment_paths('coverage', "
            f"{sorted(ingested)}), hive_partitioning = false) WHERE eclipse IN {_list(ingested)}",
            {},
        )
        if others and table is not None:
            stored += plain_rows(
                connection,
                "SELECT eclipse, unnest(['NUV', 'FUV']) AS band, leg - 1 AS leg, partial "
                f"FROM read_parquet({literal(for_duckdb(table))}) "
                f"WHERE eclipse IN {_list(others)}",
                {},
            )
    # What follows from the pointing of an ingest is known best.
    return {(r["eclipse"], r["band"], r["leg"]): bytes(r["partial"]) for r in reversed(stored)}


def _list(numbers: Iterable[int]) -> str:
    """Return eclipses as SQL has them; eclipse 0, which there is not, for an empty list."""
    return f"({', '.join(map(str, [0, *sorted(numbers)]))})"
