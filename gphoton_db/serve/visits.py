"""What there is: the archive in short, its legs, and the sky that they saw."""

from typing import Any

import numpy as np
import shapely

from gphoton_db._version import __version__
from gphoton_db.aspect.gnomonic import PLANE_UNITS_PER_DEG, deproject
from gphoton_db.mission import Band
from gphoton_db.products.outlines import flat_outline, outlines_of
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.serve.curves import MOST_BINS
from gphoton_db.serve.opened import ServedLegs
from gphoton_db.serve.options import ServeOptions

LISTS = ("sources", "catalogue", "variables")
"""Views that the page lists, where an archive has them."""

MOST_CORNERS = 200
"""Of an outline."""

_FINEST_DEG = 0.002
"""What is left out of an outline at first; doubled until it has few corners."""


def summary(
    archive: ArchiveReader, name: str, legs: ServedLegs, options: ServeOptions
) -> dict[str, Any]:
    """Return what the archive has, in short."""
    has = {view: has_rows(archive, view) for view in LISTS}
    n_sources = archive.rows("SELECT count(*) AS n FROM sources")[0]["n"] if has["sources"] else 0
    return {
        "archive": name,
        "version": __version__,
        "generation": legs.generation,
        "bands": [str(band) for band in legs.bands()],
        "legs": len(legs.legs),
        "sources": n_sources,
        "has": has,
        "limits": {
            "sql_seconds": options.sql_seconds,
            "sql_rows": options.sql_rows,
            "bins": MOST_BINS,
        },
    }


def has_rows(archive: ArchiveReader, view: str) -> bool:
    """Return whether there is a view with anything in it."""
    there = f"SELECT 1 AS n FROM duckdb_views() WHERE view_name = '{view}'"
    return bool(archive.rows(there)) and bool(archive.rows(f"SELECT 1 AS n FROM {view} LIMIT 1"))


def leg_list(legs: ServedLegs) -> list[dict[str, Any]]:
    """Return the legs as the page lists them."""
    return [
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
        for leg in legs.legs
    ]


def coverage(archive: ArchiveReader, legs: ServedLegs, band: Band) -> dict[str, Any]:
    """Return the outlines of what legs of a band saw, deg."""
    chosen = [leg for leg in legs.legs if leg.band == band]
    rows = [{"eclipse": e.eclipse, "band": e.band, "leg": e.leg, "ingested": True} for e in chosen]
    known = outlines_of(archive.connection, archive.catalogue.paths, rows) if rows else {}
    found = []
    for leg in chosen:
        outline = known.get((leg.eclipse, leg.band, leg.leg))
        if outline is not None:
            rings = _rings(flat_outline(outline, leg.ra0, leg.dec0), leg.ra0, leg.dec0)
            found.append({"eclipse": leg.eclipse, "leg": leg.leg, "outline": rings})
    return {"legs": found}


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
