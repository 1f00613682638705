"""How large a leg's image is: it holds every photon on the detector.

The mission's size comes from the bounds of the photons in right ascension and declination (see
docs/specification.md, 'Images', spec-images).
In the projection a field is a little larger than that, by a few hundredths of a pixel at its rim
and by more near the poles; where a photon would fall off for that, the image grows on all sides.
"""

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.kernels.placing import bounds_on_detector, reach_on_detector
from gphoton_db.products.kernels.projection import Projection
from gphoton_db.products.photon_batches import Photons, RowGroup, map_photons, stated_bounds

COLUMNS = ("ra", "dec", "col", "row")

AT_A_TIME = 4
"""Row groups that are read next, of those that may lie outermost on a side."""

WIDEST_FIELD_DEG = 90.0
"""Bounds in right ascension that are wider than this are no measure of a field: it is at a pole."""

Bounds = tuple[float, float, float, float]
"""Smallest and largest right ascension, relative to the boresight's, and declination, deg."""


def leg_geometry(
    groups: Sequence[RowGroup], leg: LegRecord, pixel: float, *, threads: int
) -> ImageGeometry:
    """Return the geometry of a leg's image.

    Parameters
    ----------
    groups : sequence of (Path, int)
        Row groups of all of the leg's photon files.
    leg : LegRecord
        Whose photons they are.
    pixel : float
        Side of a pixel, arcsec.
    threads : int
        How many read.

    Raises
    ------
    ProductError
        If no photon is on the detector, or `pixel` is not valid.
    """
    bounds, whole = _found_bounds(groups, leg.ra0, threads)
    if not whole[0] <= whole[1]:
        raise ProductError(
            f"eclipse {leg.eclipse} {leg.band} leg {leg.leg} has no photons on the detector"
        )
    nominal = _nominal(whole, leg, pixel)
    may_leave = [each[0] <= each[1] and _may_leave(each, nominal, leg.ra0) for each in bounds]
    beyond = [group for group, leaves in zip(groups, may_leave, strict=True) if leaves]
    return _padded(nominal, beyond, threads)


def _found_bounds(
    groups: Sequence[RowGroup], ra0: float, threads: int
) -> tuple[NDArray[np.float64], Bounds]:
    """Return bounds that hold each group's photons on the detector, and the bounds of all of these.

    What files say of a group holds photons that are not on the detector, too: it shows which
    groups lie too far inside to have any of the outermost photons, and need not be read.
    """
    bounds = _stated(groups, ra0)
    find = partial(_bounds, ra0=ra0)
    unread = np.ones(len(groups), np.bool_)
    sign = np.array([1.0, -1.0, 1.0, -1.0])
    found, chosen = np.full(4, np.inf), np.flatnonzero(np.isnan(bounds[:, 0]))
    while True:
        some = [groups[k] for k in chosen.tolist()]
        for k, exact in zip(chosen, map_photons(some, COLUMNS, find, threads=threads), strict=True):
            bounds[k], unread[k] = exact, False
            found = np.minimum(found, sign * exact)
        left = np.flatnonzero(unread)
        values = sign * bounds[left]
        outermost = np.argsort(values, axis=0)[:AT_A_TIME]
        chosen = np.unique(left[outermost[np.take_along_axis(values, outermost, 0) < found]])
        if not len(chosen):
            break
    first, last, bottom, top = (float(each) for each in sign * found)
    return bounds, (first, last, bottom, top)


def _stated(groups: Sequence[RowGroup], ra0: float) -> NDArray[np.float64]:
    """Return what files say of the bounds of groups, (groups, 4); NaN where they do not help."""
    ra, dec = (stated_bounds(groups, name) for name in ("ra", "dec"))
    h = ra - ra0
    h = np.where(h >= 180.0, h - 360.0, np.where(h < -180.0, h + 360.0, h))
    known = (h[:, 0] <= h[:, 1]) & np.isfinite(dec).all(axis=1)
    return np.where(known[:, None], np.column_stack([h, dec]), np.nan)


def _bounds(photons: Photons, ra0: float) -> Bounds:
    found: Bounds = bounds_on_detector(
        photons["ra"], photons["dec"], photons["col"], photons["row"], ra0
    )
    return found


def _nominal(bounds: Bounds, leg: LegRecord, pixel: float) -> ImageGeometry:
    """Return the mission's geometry (spec-images): the middle of the bounds, and their size."""
    h_min, h_max, dec_min, dec_max = bounds
    if h_max - h_min > WIDEST_FIELD_DEG:
        side = 2 * leg.radius
        return ImageGeometry.centred(leg.ra0, leg.dec0, side, side, pixel)
    ra, dec = leg.ra0 + (h_min + h_max) / 2, (dec_min + dec_max) / 2
    width = (h_max - h_min) * math.cos(math.radians(dec))
    return ImageGeometry.centred(ra, dec, width, dec_max - dec_min, pixel)


def _may_leave(bounds: Sequence[float], geometry: ImageGeometry, ra0: float) -> bool:
    """Return whether a box of right ascension and declination may not lie within the image."""
    h_min, h_max, dec_min, dec_max = bounds
    if h_max - h_min > WIDEST_FIELD_DEG:
        return True
    # Between the corners a parallel bulges by less than a pixel for each degree of the box, away
    # from the poles; five points of each side leave a sixteenth of that.
    steps = np.linspace(0.0, 1.0, 5)
    h, dec = np.meshgrid(h_min + (h_max - h_min) * steps, dec_min + (dec_max - dec_min) * steps)
    x, y = geometry.pixel_of(ra0 + h, dec)
    margin = 2.0
    inside_x = (x >= 0.5 + margin) & (x < geometry.shape[1] + 0.5 - margin)
    inside_y = (y >= 0.5 + margin) & (y < geometry.shape[0] + 0.5 - margin)
    return not bool((inside_x & inside_y).all())


def _padded(geometry: ImageGeometry, groups: Sequence[RowGroup], threads: int) -> ImageGeometry:
    """Return the geometry, with more pixels where a photon of `groups` falls outside."""
    find = partial(_reach, projection=geometry.projection)
    reach_x = reach_y = 0.0
    for x, y in map_photons(groups, COLUMNS, find, threads=threads):
        reach_x, reach_y = max(reach_x, x), max(reach_y, y)
    columns = _missing(reach_x, geometry.shape[1])
    rows = _missing(reach_y, geometry.shape[0])
    return geometry.padded(columns, rows) if columns or rows else geometry


def _reach(photons: Photons, projection: Projection) -> tuple[float, float]:
    found: tuple[float, float] = reach_on_detector(
        photons["ra"], photons["dec"], photons["col"], photons["row"], projection
    )
    return found


def _missing(reach: float, n: int) -> int:
    """Return how many pixels are missing on each side; the last pixel's far end is outside."""
    return max(math.floor(reach - n / 2) + 1, 0) if reach >= n / 2 else 0
