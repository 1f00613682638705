"""What there is: the archive in short, its legs, and the sky that they saw."""

from typing import Any

import numpy as np
import shapely

from gphoton_db._version import __version__
from gphoton_db.aspect.gnomonic import PLANE_UNITS_PER_DEG, deproject
from gphoton_db.mission import Band
from gphoton_db.products.hips.coverage import coverage_moc
from gphoton_db.products.outlines import flat_outline, outlines_of
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.serve.curves import MOST_BINS
from gphoton_db.serve.in_view import LegsInView
from gphoton_db.serve.opened import ServedLegs
from gphoton_db.serve.options import ServeOptions

LISTS = {"sources": "sources", "catalogue": "entries", "variables": "variables"}
"""Views that the page lists, where an archive has them, and the kind of files that they read."""

MOST_CORNERS = 200
"""Of an outline."""

_FINEST_DEG = 0.002
"""What is left out of an outline at first; doubled until it has few corners."""


def summary(
    archive: ArchiveReader, name: str, legs: ServedLegs, options: ServeOptions
) -> dict[str, Any]:
    """Return what the archive has, in short."""
    n_rows = _rows_by_kind(archive)
    begin = legs.begin
    return {
        "archive": name,
        "version": __version__,
        "generation": legs.generation,
        "bands": [str(band) for band in legs.bands()],
        "legs": len(legs.legs),
        "visits": len(legs.places),
        "begin": begin and {"ra": begin.ra0, "dec": begin.dec0, "band": begin.band},
        "sources": n_rows.get("sources", 0),
        "has": {view: n_rows.get(kind, 0) > 0 for view, kind in LISTS.items()},
        "limits": {
            "sql_seconds": options.sql_seconds,
            "sql_rows": options.sql_rows,
            "bins": MOST_BINS,
        },
    }


def _rows_by_kind(archive: ArchiveReader) -> dict[str, int]:
    """Return the rows of files of sources, by kind: the catalogue knows, and no file is opened."""
    there = (  # duckdb_columns() would look at what all views are made of
        "SELECT 1 AS n FROM (SELECT view_name AS name FROM duckdb_views() UNION ALL "
        "SELECT table_name FROM duckdb_tables()) WHERE name = 'source_files' LIMIT 1"
    )
    if not archive.rows(there):
        return {}  # an archive of an earlier version
    found = archive.rows("SELECT kind, sum(n_rows)::BIGINT AS n FROM source_files GROUP BY kind")
    return {row["kind"]: row["n"] for row in found}


def leg_list(view: LegsInView) -> dict[str, Any]:
    """Return legs as the page lists them."""
    listed = [
        {
            "eclipse": leg.eclipse,
            "leg": leg.leg,
            "band": leg.band,
            "t0": leg.t0,
            "t1": leg.t1,
            "exposure": leg.exposure,
            "ra": leg.ra0,
            "dec": leg.dec0,
            "roll": leg.roll0,
            "photons": leg.n_photons,
            "generation": leg.generation,
            "radius": leg.radius,
        }
        for leg in view.legs
    ]
    return {"legs": listed, "truncated": view.truncated}


def coverage(archive: ArchiveReader, view: LegsInView) -> dict[str, Any]:
    """Return the outlines of what legs saw, deg."""
    rows = [
        {"eclipse": e.eclipse, "band": e.band, "leg": e.leg, "ingested": True} for e in view.legs
    ]
    known = outlines_of(archive.connection, archive.catalogue.paths, rows) if rows else {}
    found = []
    for leg in view.legs:
        outline = known.get((leg.eclipse, leg.band, leg.leg))
        if outline is not None:
            rings = _rings(flat_outline(outline, leg.ra0, leg.dec0), leg.ra0, leg.dec0)
            found.append({"eclipse": leg.eclipse, "leg": leg.leg, "outline": rings})
    return {"legs": found, "truncated": view.truncated}


def cells_seen(archive: ArchiveReader, view: LegsInView, band: Band, order: int) -> dict[str, Any]:
    """Return what legs of a band saw as a MOC: the fewest cells of any order, by order."""
    eclipses = {leg.eclipse for leg in view.legs if leg.photon_t0 is not None}
    cells: dict[str, list[int]] = {}
    if eclipses:
        uniq = coverage_moc(archive, band, sorted(eclipses), order).uniq()
        orders = np.floor(np.log2(uniq)).astype(np.int64) // 2 - 1
        cells = {
            str(each): (uniq[orders == each] - 4 ** (each + 1)).tolist()
            for each in np.unique(orders).tolist()
        }
    return {"cells": cells, "truncated": view.truncated}


def _rings(region: shapely.Geometry, ra: float, dec: float) -> list[list[list[float]]]:
    """Return the rings of a region on the plane about a position, with few corners, deg."""
    thinned, tolerance = region, _FINEST_DEG
    while shapely.get_num_coordinates(thinned) > MOST_CORNERS and tolerance < 1.0:
        thinned, tolerance = shapely.simplify(region, tolerance), 2 * tolerance
    rings = []
    for polygon in shapely.get_parts(thinned):
        for ring in shapely.get_rings(polygon):
            x, y = shapely.get_coordinates(ring).T * PLANE_UNITS_PER_DEG
            corners = np.stack(deproject(x, y, ra, dec, 0.0), axis=-1)
            rings.append(np.round(corners, 6).tolist())
    return rings
