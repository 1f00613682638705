"""Which part of the sky a leg saw: at least once, and all of the time.

A region is a polygon whose corners are right ascension and declination and whose sides are great
circles, so it means the same at RA 0 and at the poles.  Right ascensions run on beyond 0 and 360
rather than jump.
"""

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from gphoton_db.aspect.gnomonic import PLANE_UNITS_PER_DEG, deproject, project
from gphoton_db.aspect.legs import good_fixes
from gphoton_db.aspect.pointing import Aspect, Boresight, FloatArray
from gphoton_db.aspect.tables import read_eclipse_rows
from gphoton_db.aspect.wkb import read_polygon
from gphoton_db.errors import PointingError
from gphoton_db.mission import (
    DETECTOR_PIXEL_DEG,
    DETECTOR_RADIUS_DEG,
    NARROW_EDGE_PIXELS,
    WIDE_EDGE_PIXELS,
)

EDGES_PIXELS = (WIDE_EDGE_PIXELS, NARROW_EDGE_PIXELS)
"""Radii on the detector, pixels, of the wide and the narrow edge (see spec-coverage)."""

LEGS_KEPT = 64
"""Legs whose regions a process keeps, 30 kB each: more than an eclipse has."""

CORNERS = 360
"""Corners of the polygon that stands for the rim of the detector: 0.09 arcsec off at the most."""

_TABLE_COLUMNS = {
    "partial": "partial",
    "full_field": "full_400",
    "full_370": "full_370",
    "full_350": "full_350",
}


@dataclass(frozen=True, eq=False)
class CoverageRegions:
    """The sky that a leg saw; each region is a shapely geometry in (ra, dec), deg.

    Parameters
    ----------
    partial
        Was on the exposed part of the detector (`mission.DETECTOR_RADIUS_DEG`) at least once.
    full_field
        Was on it all of the time.
    full_370, full_350
        Was within the narrow and the wide edge (370 and 350 pixels) all of the time.
    source
        Where they come from: ``pointing``, or ``leg-aperture``.
    """

    partial: shapely.Geometry
    full_field: shapely.Geometry
    full_370: shapely.Geometry
    full_350: shapely.Geometry
    source: str

    def to_wkb(self) -> dict[str, bytes]:
        """Return the regions by name, each as well-known binary."""
        return {name: shapely.to_wkb(getattr(self, name)) for name in REGIONS}

    @classmethod
    def from_wkb(cls, encoded: dict[str, bytes], source: str) -> "CoverageRegions":
        """Return the regions that `to_wkb` gave.

        Raises
        ------
        PointingError
            If one of them is no polygon in well-known binary.
        """
        regions = {name: read_polygon(encoded[name]) for name in REGIONS}
        return cls(**regions, source=source)


REGIONS = tuple(field.name for field in fields(CoverageRegions) if field.name != "source")


def regions_of_pointing(
    aspect: Aspect, boresight: Boresight, *, edges: tuple[float, float] = EDGES_PIXELS
) -> CoverageRegions:
    """Return the sky that a leg saw, from where it pointed in its good fixes.

    Parameters
    ----------
    aspect : Aspect
        The leg's attitude.
    boresight : Boresight
        Where the regions are made flat: anywhere near the pointing.
    edges : tuple of float
        Detector radii, pixels, of the wide and the narrow edge.

    Raises
    ------
    PointingError
        If no row is a good fix, or the pointing is 89 deg or more from the boresight.

    Notes
    -----
    A region is the union (partial) or the intersection (the others) of the detector's discs at
    all good fixes.  Only discs that reach furthest, or least far, in some direction bound it, so
    only those are put together.  The regions of the last legs are kept: both bands of an eclipse
    have the same.
    """
    good = good_fixes(aspect)
    if not good.any():
        raise PointingError("the leg has no good aspect fix, so it covers nothing")
    wide, narrow = (min(edge * DETECTOR_PIXEL_DEG, DETECTOR_RADIUS_DEG) for edge in edges)
    fixes = np.stack([aspect.ra[good], aspect.dec[good]])
    return _regions(fixes.tobytes(), boresight, wide, narrow)


@lru_cache(maxsize=LEGS_KEPT)
def _regions(fixes: bytes, boresight: Boresight, wide: float, narrow: float) -> CoverageRegions:
    """Return the regions from the bytes of ra and dec of all good fixes; radii in deg."""
    ra, dec = np.frombuffer(fixes).reshape(2, -1)
    x, y = _plane(ra, dec, boresight)
    if np.isnan(x).any():
        raise PointingError("the pointing leaves the hemisphere of its boresight: no coverage")
    seen = _furthest(x, y, DETECTOR_RADIUS_DEG)
    hull = _hull(x, y)
    return CoverageRegions(
        partial=_sky(
            shapely.union_all(_discs(ra[seen], dec[seen], DETECTOR_RADIUS_DEG, boresight)),
            boresight,
        ),
        full_field=_always(ra[hull], dec[hull], DETECTOR_RADIUS_DEG, boresight),
        full_370=_always(ra[hull], dec[hull], narrow, boresight),
        full_350=_always(ra[hull], dec[hull], wide, boresight),
        source="pointing",
    )


def read_leg_apertures(path: Path, eclipse: int) -> dict[int, CoverageRegions]:
    """Read an eclipse's regions from a consolidated ``leg-aperture`` table.

    Parameters
    ----------
    path : Path
        The Parquet file, with columns eclipse, leg (from 1), partial, full_400, full_370 and
        full_350: polygons in well-known binary, corners in ra and dec, deg.
    eclipse : int
        The eclipse.

    Returns
    -------
    dict
        Regions by leg, from 0; empty if the table says nothing of the eclipse.

    Raises
    ------
    PointingError
        If the table is damaged, or lacks columns.
    """
    table = read_eclipse_rows(path, eclipse, required=("leg", *_TABLE_COLUMNS.values()))
    found = {}
    for row in table.to_pylist():
        encoded = {ours: row[theirs] for ours, theirs in _TABLE_COLUMNS.items()}
        try:
            found[int(row["leg"]) - 1] = CoverageRegions.from_wkb(encoded, "leg-aperture")
        except PointingError as error:
            raise PointingError(f"{path}: eclipse {eclipse} leg {row['leg']}: {error}") from None
    return found


def _plane(ra: FloatArray, dec: FloatArray, boresight: Boresight) -> tuple[FloatArray, FloatArray]:
    """Return directions on the plane that touches the sphere at the boresight, deg."""
    x, y = project(ra, dec, boresight.ra0, boresight.dec0, 0.0)
    return x / PLANE_UNITS_PER_DEG, y / PLANE_UNITS_PER_DEG


def _discs(
    ra: FloatArray, dec: FloatArray, radius: float, boresight: Boresight
) -> NDArray[np.object_]:
    """Return the detector's discs at some pointings as polygons on the boresight's plane."""
    angle = np.linspace(0.0, 2 * np.pi, CORNERS, endpoint=False)
    rim_x, rim_y = (radius * PLANE_UNITS_PER_DEG * f(angle) for f in (np.cos, np.sin))
    rim_ra, rim_dec = deproject(rim_x, rim_y, ra[:, None], dec[:, None], 0.0)
    discs: NDArray[np.object_] = shapely.polygons(
        np.stack(_plane(rim_ra, rim_dec, boresight), axis=-1)
    )
    return discs


def _always(
    ra: FloatArray, dec: FloatArray, radius: float, boresight: Boresight
) -> shapely.Geometry:
    """Return what is within `radius` of all pointings; an empty polygon where nothing is."""
    common = shapely.intersection_all(_discs(ra, dec, radius, boresight))
    return _sky(common if common.geom_type == "Polygon" else shapely.Polygon(), boresight)


def _sky(region: shapely.Geometry, boresight: Boresight) -> shapely.Geometry:
    """Return a region of the boresight's plane with corners in ra and dec."""

    def to_sky(corners: FloatArray) -> FloatArray:
        x, y = (corners * PLANE_UNITS_PER_DEG).T
        ra, dec = deproject(x, y, boresight.ra0, boresight.dec0, 0.0)
        around = (ra - boresight.ra0 + 180.0) % 360.0 - 180.0
        return np.stack([boresight.ra0 + around, dec], axis=-1)

    return shapely.transform(region, to_sky)


def _furthest(x: FloatArray, y: FloatArray, radius: float) -> NDArray[np.intp]:
    """Return the pointings whose discs bound the union: the furthest in each of 360 directions.

    All of them where the pointing moves by more than a disc, so that the union has no centre.
    """
    east, north = x - x.mean(), y - y.mean()
    away = np.hypot(east, north)
    if away.max() >= radius:
        return np.arange(len(x))
    angle = np.radians(np.arange(360.0))[:, None]
    along = east * np.cos(angle) + north * np.sin(angle)
    across = east * np.sin(angle) - north * np.cos(angle)
    reach = along + np.sqrt(radius**2 - across**2)
    return np.unique(reach.argmax(axis=1))


def _hull(x: FloatArray, y: FloatArray) -> NDArray[np.intp]:
    """Return the pointings that are corners of the convex hull of all."""
    corners = shapely.get_coordinates(
        shapely.convex_hull(shapely.multipoints(np.stack([x, y], axis=-1)))
    )
    return np.flatnonzero(np.isin(x, corners[:, 0]) & np.isin(y, corners[:, 1]))
