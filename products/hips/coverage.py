"""The sky that legs saw, as a MOC, from the outlines that the catalogue has of them."""

import logging
from collections.abc import Iterable

import numpy as np
import shapely

from gphoton_db.aspect.gnomonic import PLANE_UNITS_PER_DEG, project
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.mission import Band
from gphoton_db.products.hips.moc import Moc, check_moc_order
from gphoton_db.products.hips.plan import leg_tiles, legs_with_photons
from gphoton_db.products.hips.tiles import Ints
from gphoton_db.products.kernels.hips import centres_of
from gphoton_db.products.outlines import flat_outline, outlines_of
from gphoton_db.products.reader import ArchiveReader

logger = logging.getLogger(__name__)


def coverage_moc(
    archive: ArchiveReader, band: str | Band, eclipses: Iterable[int] | None, order: int
) -> Moc:
    """Return the sky that legs saw at least once; see `Archive.moc`.

    A pixel belongs to it if its centre was on the exposed part of the detector.

    Raises
    ------
    ProductError
        If the order is not valid, an eclipse is not ingested in this band, or there are no legs
        with good photons.
    """
    check_moc_order(order)
    legs = legs_with_photons(archive, Band.parse(band), eclipses)
    rows = [{"eclipse": e.eclipse, "band": e.band, "leg": e.leg, "ingested": True} for e in legs]
    outlines = outlines_of(archive.connection, archive.catalogue.paths, rows)
    seen = Moc.of(
        order, (_seen(leg, outlines[leg.eclipse, leg.band, leg.leg], order) for leg in legs)
    )
    if not len(seen.pixels):
        logger.warning(
            "the MOC is empty: no pixel of order %d has its centre in the field of %d legs; take a "
            "higher order",
            *(order, len(legs)),
        )
    return seen


def _seen(leg: LegRecord, outline: bytes, order: int) -> Ints:
    """Return the pixels of an order whose centres lie in the outline of a leg."""
    pixels = leg_tiles(leg, order)
    x, y, z = centres_of(pixels, order).T
    ra, dec = np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))
    at_x, at_y = project(ra, dec, leg.ra0, leg.dec0, 0.0)
    region = flat_outline(outline, leg.ra0, leg.dec0)
    shapely.prepare(region)
    inside = shapely.contains_xy(region, at_x / PLANE_UNITS_PER_DEG, at_y / PLANE_UNITS_PER_DEG)
    return np.asarray(pixels[inside], np.int64)
