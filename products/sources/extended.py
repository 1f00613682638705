"""Outlines of extended sources: places where faint peaks crowd.

See docs/specification.md, 'Outlines of extended sources' (spec-extended-sources).
"""

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.images.image import Image
from gphoton_db.products.sources.background import Surface, strips
from gphoton_db.products.sources.detection import Segments, counts_above, outside_of

if TYPE_CHECKING:
    from astropy.table import Table

PEAKS = ((80.0, 5.0), (110.0, 3.0))
"""Divisor of the least threshold, and full width at half maximum of the kernel, pixels.

The quotient is taken as counts a second and pixel: as counts it would make a peak of each photon.
"""

OF_OUTLINE: dict[str, type] = {
    "n_points": int,
    "area": float,
    "density": float,
    "source_count": int,
    "area_density": float,
}
"""What is measured of an outline."""

LEAST_POINTS = 11
"""Peaks that make a group an extended source."""

FEW_SOURCES, LEAST_AREA_DENSITY, MANY_SOURCES = 4, 0.15, 30
"""An outline is kept with so many detected sources whose segments cover so much of it; or with
more sources than the last, however little they cover."""

Floats = NDArray[np.float64]


def outline_extended(image: Image, segments: Segments, sources: "Table") -> "Table":
    """Return the outlines of extended sources, and tag the sources that lie in them.

    Parameters
    ----------
    image : Image
        The image.
    segments : Segments
        Of the image.
    sources : Table
        Gets a column ``extended_source``: number of the outline that it lies in, 0 for none.

    Returns
    -------
    astropy.table.Table
        ``extended_source``, from 1; ``ra``, ``dec`` (deg) of the corners, a list in each row;
        ``n_points``, ``area`` (pixels), ``density`` (points a pixel); ``source_count``, detected
        sources in it; ``area_density``, the part of it that their segments cover.
    """
    import shapely
    from astropy.table import Table

    points = faint_peaks(image, segments)
    number = np.zeros(len(sources), np.int32)
    where = shapely.points(np.asarray(sources["x"]), np.asarray(sources["y"]))
    areas = np.asarray(sources["area"], np.float64)
    rows: list[tuple[object, ...]] = []
    for group in crowds(points):
        hull = shapely.convex_hull(shapely.multipoints(group))
        if not hull.area > 0:  # all in one line
            continue
        inside = shapely.intersects(hull, where)
        n_sources, covered = int(inside.sum()), float(areas[inside].sum() / hull.area)
        if not is_kept(n_sources, covered):
            continue
        number[inside] = len(rows) + 1
        corners = shapely.get_coordinates(hull)
        ra, dec = image.wcs.wcs_pix2world(corners[:, 0], corners[:, 1], 0)
        density = len(group) / hull.area
        measured = (len(group), float(hull.area), density, n_sources, covered)
        rows.append((len(rows) + 1, ra, dec, *measured))
    sources["extended_source"] = number
    names = ("extended_source", "ra", "dec", *OF_OUTLINE)
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    kinds = (int, object, object, *OF_OUTLINE.values())
    filled = [_column(values, kind) for values, kind in zip(columns, kinds, strict=True)]
    return Table(dict(zip(names, filled, strict=True)))


def is_kept(source_count: int, area_density: float) -> bool:
    """Return whether an outline is one of an extended source, and not of a crowd of faint peaks."""
    if source_count > MANY_SOURCES:
        return True
    return source_count >= FEW_SOURCES and area_density >= LEAST_AREA_DENSITY


def faint_peaks(image: Image, segments: Segments) -> Floats:
    """Return the places, (n, 2) x and y in pixels, of peaks in the image under two kernels."""
    found = [np.empty((0, 2))]
    if segments.background is None:
        return found[0]
    counts = partial(_field_counts, image, segments.background.level)
    for divisor, fwhm in PEAKS:
        least = segments.threshold.minimum / divisor * image.exposure
        find = partial(_peaks_in, counts, segments.shape[0], peak_kernel(fwhm), least)
        found += map(find, strips(segments.shape[0]))
    return np.concatenate(found)


def _field_counts(image: Image, level: Surface, rows: slice) -> Floats:
    """Return rows of an image without its background, 0 outside of the field."""
    counts = counts_above(image, level, rows)
    counts[outside_of(image, rows)] = 0.0
    return counts


def _peaks_in(
    counts: Callable[[slice], Floats],
    n_rows: int,
    kernel: tuple[Floats, NDArray[np.bool_]],
    least: float,
    rows: slice,
) -> Floats:
    from scipy.ndimage import convolve, maximum_filter

    weights, footprint = kernel
    # A peak is higher than its neighbours, each of which comes from neighbours of its own.
    wide = slice(max(rows.start - len(weights), 0), min(rows.stop + len(weights), n_rows))
    smooth = convolve(counts(wide), weights, mode="constant")
    highest = maximum_filter(smooth, footprint=footprint, mode="constant")
    first, n = rows.start - wide.start, rows.stop - rows.start
    smooth, highest = smooth[first : first + n], highest[first : first + n]
    y, x = np.nonzero((smooth == highest) & (smooth > least))
    return np.column_stack([x, y + rows.start]).astype(np.float64)


def peak_kernel(fwhm: float) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the kernel that answers to a point source with its height, to a level with 0.

    Stetson (1987), PASP 99, 191: a Gaussian, cut at 1.5 sigma or two pixels, its mean taken off.
    """
    sigma = fwhm / math.sqrt(8 * math.log(2))
    reach = max(2, int(1.5 * sigma))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    distance2 = x * x + y * y
    footprint = distance2 <= max(1.5 * sigma, 2.0) ** 2
    gaussian = np.where(footprint, np.exp(-distance2 / (2 * sigma * sigma)), 0.0)
    n = footprint.sum()
    spread = (gaussian**2).sum() - gaussian.sum() ** 2 / n
    return np.where(footprint, (gaussian - gaussian.sum() / n) / spread, 0.0), footprint


def reach_of(n_points: int) -> float:
    """Return how near, pixels, two of `n_points` peaks must be to belong together."""
    if n_points < 1514:
        return 80.0
    return 5.0 if n_points > 250_000 else (1500.0**2 / n_points) ** 0.6


def crowds(points: Floats) -> list[Floats]:
    """Return groups of points, each within reach of another of its group, the largest first.

    DBSCAN in which every point is a core point.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    if len(points) < LEAST_POINTS:
        return []
    pairs = cKDTree(points).query_pairs(reach_of(len(points)), output_type="ndarray")
    shape = (len(points), len(points))
    joined = coo_array((np.ones(len(pairs), np.bool_), (pairs[:, 0], pairs[:, 1])), shape)
    _, group = connected_components(joined, directed=False)
    order = np.argsort(group, kind="stable")
    parts = np.split(points[order], np.flatnonzero(np.diff(group[order])) + 1)
    return sorted((part for part in parts if len(part) >= LEAST_POINTS), key=len, reverse=True)


def _column(values: "tuple[object, ...]", kind: type) -> NDArray[np.generic]:
    column: NDArray[Any] = np.empty(len(values), dtype=kind)
    for k, value in enumerate(values):
        column[k] = value
    return column


def corners_of(outlines: "Table") -> "Table":
    """Return the outlines with a row for each corner, for files that know no lists."""
    from astropy.table import Table

    n = [len(corners) for corners in outlines["ra"]]
    names = ("extended_source", *OF_OUTLINE)
    corners = {name: np.repeat(np.asarray(outlines[name]), n) for name in names}
    for name in ("ra", "dec"):
        corners[name] = np.concatenate([np.empty(0), *outlines[name]])
    return Table(corners)
