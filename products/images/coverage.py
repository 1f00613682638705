"""The coverage plane of an image: which pixels the leg saw, and which it saw all of the time."""

from enum import IntFlag
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gphoton_db.aspect.coverage import (
    EDGES_PIXELS,
    REGIONS,
    CoverageRegions,
    read_leg_apertures,
    regions_of_pointing,
)
from gphoton_db.aspect.pointing import Boresight
from gphoton_db.catalogue.coverage import CoverageRecord
from gphoton_db.catalogue.records import LegRecord, leg_of
from gphoton_db.mission import Band
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.kernels.polygons import fill_polygon
from gphoton_db.products.reader import ArchiveReader, choose_leg, read_aspect
from gphoton_db.query.sql_files import literal


class CoverageBit(IntFlag):
    """Bits of the coverage plane: docs/specification.md, 'Coverage' (spec-coverage)."""

    PARTIAL = 1
    """Seen at least once."""
    FULL_370 = 2
    """Within the narrow edge (370 pixels) all of the time."""
    FULL_350 = 4
    """Within the wide edge (350 pixels) all of the time."""
    FULL = 8
    """On the exposed part of the detector all of the time."""


_REGION_OF = {
    CoverageBit.PARTIAL: "partial",
    CoverageBit.FULL_370: "full_370",
    CoverageBit.FULL_350: "full_350",
    CoverageBit.FULL: "full_field",
}


def leg_coverage(
    archive: ArchiveReader,
    leg: LegRecord,
    geometry: ImageGeometry,
    *,
    edges: tuple[float, float] = EDGES_PIXELS,
) -> NDArray[np.uint8]:
    """Return the coverage plane of a leg's image.

    Parameters
    ----------
    archive, leg
        The leg.
    geometry : ImageGeometry
        Of the image.
    edges : tuple of float
        Detector radii, pixels, of the wide and the narrow edge.

    Returns
    -------
    (rows, columns) uint8
        `CoverageBit`; 0 where the leg never looked.
    """
    return coverage_bits(leg_regions(archive, leg, edges=edges), geometry)


def coverage_of(
    archive: ArchiveReader, eclipse: int, band: str | Band, leg: int | None = None
) -> CoverageRegions:
    """Return the sky that a leg, by its number, saw; see `Archive.coverage`."""
    return leg_regions(archive, choose_leg(archive, eclipse, Band.parse(band), leg))


def leg_regions(
    archive: ArchiveReader, leg: LegRecord, *, edges: tuple[float, float] = EDGES_PIXELS
) -> CoverageRegions:
    """Return the sky that a leg saw: as the archive has it, or else from the leg's pointing.

    The archive's own are for the standard edges only; an archive of an earlier version, or one
    whose catalogue was lost, has none.
    """
    if tuple(edges) == EDGES_PIXELS:
        for row in _stored(archive, leg):
            return CoverageRegions.from_wkb(
                {name: row[name] for name in REGIONS}, str(row["source"])
            )
    boresight = Boresight(leg.ra0, leg.dec0, leg.roll0)
    return regions_of_pointing(read_aspect(archive, leg), boresight, edges=edges)


def coverage_bits(regions: CoverageRegions, geometry: ImageGeometry) -> NDArray[np.uint8]:
    """Return the coverage plane of an image, (rows, columns) uint8: bits of `CoverageBit`.

    A pixel belongs to a region if its centre does; each region sets its own bit, so a pixel that
    was seen all of the time has the bit of the partial region too.
    """
    plane = np.zeros(geometry.shape, np.uint8)
    for bit, name in _REGION_OF.items():
        _fill(getattr(regions, name), int(bit), geometry, plane)
    return plane


def _stored(archive: ArchiveReader, leg: LegRecord) -> list[dict[str, Any]]:
    return archive.rows(
        f"SELECT * FROM rows_of('coverage', [{leg.eclipse}]) "
        f"WHERE leg = {leg.leg} AND band = {literal(leg.band)}"
    )


def _fill(
    region: shapely.Geometry, bit: int, geometry: ImageGeometry, image: NDArray[np.uint8]
) -> None:
    rings = [
        shapely.get_coordinates(ring)[:-1]
        for part in shapely.get_parts(region)
        for ring in shapely.get_rings(part)
    ]
    if not rings:
        return
    x, y = geometry.pixel_of(*np.concatenate(rings).T)
    first = np.cumsum([0, *(len(ring) for ring in rings)])
    if np.isfinite(x).all():
        fill_polygon(x - 1.0, y - 1.0, first, bit, image)


def import_apertures(archive: ArchiveReader, path: str | Path) -> int:
    """Take the coverage of ingested legs from a consolidated ``leg-aperture`` table.

    Returns
    -------
    int
        How many legs it had something of; their coverage from the pointing is replaced.

    Raises
    ------
    PointingError
        If the table is damaged, or lacks columns.
    ArchiveError
        If the archive cannot be written.
    """
    path = Path(path).expanduser()
    legs = [leg_of(row) for row in archive.rows("SELECT * FROM legs ORDER BY eclipse")]
    apertures = {
        eclipse: read_leg_apertures(path, eclipse) for eclipse in {x.eclipse for x in legs}
    }
    rows = [
        CoverageRecord.of(leg, apertures[leg.eclipse][leg.leg])
        for leg in legs
        if leg.leg in apertures[leg.eclipse]
    ]
    if rows:
        archive.catalogue.replace_coverage(rows)
    return len(rows)
