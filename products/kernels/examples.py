"""Arguments of each kernel of the products, with which it is compiled ahead.

Only the types count: numba compiles a kernel for the types of its arguments.  A test compiles all
of this, and finds nothing left to compile in a run.
"""

from typing import Any

import numpy as np

from gphoton_db.kernels.arrays import read_only
from gphoton_db.products.kernels import moments
from gphoton_db.products.kernels.aperture_photons import TargetGrid
from gphoton_db.products.kernels.background import (
    medians_of_ranks,
    spline_rows,
    statistics_of_boxes,
    values_of_boxes,
)
from gphoton_db.products.kernels.checksum import sum_of_big_endian
from gphoton_db.products.kernels.circles import (
    FrameSums,
    PixelCircles,
    add_in_circles,
    circles_on_pixels,
    means_in_circles,
)
from gphoton_db.products.kernels.deblending import deblend_segments
from gphoton_db.products.kernels.frames import add_up, group_by_frame
from gphoton_db.products.kernels.free_sky import free_parts
from gphoton_db.products.kernels.hips import (
    add_exposure_at,
    add_photons,
    centres_of,
    interpolate_tile,
    pixels_in_cells,
    points_of_tile,
    usable_photons,
)
from gphoton_db.products.kernels.links import groups_that_touch
from gphoton_db.products.kernels.placing import (
    Edges,
    PlacedPhotons,
    add_counts,
    add_ones,
    bounds_on_detector,
    dose_indices,
    place,
    reach_on_detector,
)
from gphoton_db.products.kernels.polygons import fill_polygon
from gphoton_db.products.kernels.projection import Projection, sky_to_index, sky_to_pixel
from gphoton_db.products.kernels.rice import compress, longest_stream
from gphoton_db.products.kernels.rings import (
    Directions,
    FrameClock,
    PhotonColumns,
    RingLimits,
    RingSums,
    add_to_rings,
)
from gphoton_db.products.kernels.seen import mark_seen_at
from gphoton_db.products.kernels.segments import label_pixels, measure_segments, pixels_above
from gphoton_db.products.kernels.sky_exposure import add_exposure, interpolate, summed_area
from gphoton_db.products.kernels.sky_maps import photons_of_map

Calls = list[tuple[Any, tuple[Any, ...]]]

_FLOATS, _FLOATS32 = np.zeros(1), np.zeros(1, np.float32)
_INTS, _INTS32 = np.zeros(1, np.int64), np.zeros(1, np.int32)
_BYTES = np.zeros(1, np.uint8)
_PLANE, _MASK = np.zeros((1, 1)), np.zeros((1, 1), np.bool_)
_PROJECTION = Projection(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1, 1)
_EDGES = Edges(1.0, 1.0)
_PLACED = PlacedPhotons(_INTS, _FLOATS, _BYTES, _INTS32)

# Columns of photons, as they are read.
_POSITION = (read_only(_FLOATS), read_only(_FLOATS))
_PIXEL = (read_only(_FLOATS32), read_only(_FLOATS32))
_RESPONSE, _TIMES = read_only(_FLOATS32), read_only(_INTS)
_FLAGS, _HOTSPOT = read_only(_BYTES), read_only(np.zeros(1, np.bool_))


def deblending() -> Calls:
    """Return what takes segments apart."""
    label = (_INTS, _FLOATS, _INTS32, _INTS, _INTS)
    return [(deblend_segments, (*label, 1, 1, 1, 1.0))]


def placing() -> Calls:
    """Return what brings photons to the pixels of images."""
    return [
        (place, (*_POSITION, *_PIXEL, _RESPONSE, _HOTSPOT, _FLAGS, _PROJECTION, _EDGES)),
        (bounds_on_detector, (*_POSITION, *_PIXEL, 1.0)),
        (reach_on_detector, (*_POSITION, *_PIXEL, _PROJECTION)),
        (dose_indices, (*_PIXEL, _INTS32)),
        (add_counts, (_PLACED, _FLOATS, _BYTES)),
        (add_ones, (_INTS32, _INTS32)),
    ]


def backgrounds() -> Calls:
    """Return what finds the background of an image."""
    return [
        (values_of_boxes, (_PLANE, _MASK, 1, (1, 1))),
        (statistics_of_boxes, (_PLANE, _INTS, 1.0, 1.0)),
        (medians_of_ranks, (np.zeros((1, 1), np.int32), _FLOATS, 1)),
        (spline_rows, (_PLANE, 1, (1, 1), 1)),
    ]


def files() -> Calls:
    """Return what writes images and movies."""
    return [
        (compress, (_INTS32, _INTS32, 1, 1, _BYTES)),
        (longest_stream, (1, 1, 1)),
        (sum_of_big_endian, (read_only(_BYTES), 1)),
    ]


def frames() -> Calls:
    """Return what makes frames of photons, and finds where directions fall."""
    segments = np.zeros((1, 2), np.int64)
    return [
        (group_by_frame, (_PLACED, _TIMES, 1, 1, 1)),
        (add_up, (_INTS32, _FLOATS32, _BYTES, segments, 1, 1)),
        (fill_polygon, (_FLOATS, _FLOATS, _INTS, 1, np.zeros((1, 1), np.uint8))),
        (sky_to_pixel, (_FLOATS, _FLOATS, _PROJECTION)),
        (sky_to_index, (_FLOATS, _FLOATS, _PROJECTION)),
    ]


def segments() -> Calls:
    """Return what finds and measures segments."""
    return [
        (measure_segments, ((_INTS, _FLOATS, _FLOATS), 1, _INTS32, 1)),
        (pixels_above, (_PLANE, _PLANE, _PLANE, _MASK, (1.0, 1.0), 1)),
        (label_pixels, (_INTS, 1, 1)),
    ]


def photometry() -> Calls:
    """Return what adds up photons in circles on an image."""
    circles = PixelCircles(_INTS32, _INTS, _INTS32, _FLOATS)
    sums = FrameSums(_PLANE, _PLANE, _PLANE, np.zeros((1, 1), np.uint8))
    return [
        (circles_on_pixels, (_FLOATS, _FLOATS, 1.0, 1, 1)),
        (add_in_circles, (_INTS32, _FLOATS32, _BYTES, _INTS, circles, sums)),
    ]


def rings() -> Calls:
    """Return what catalogues measure sources with."""
    columns = PhotonColumns(
        *_POSITION, *_PIXEL, _RESPONSE, _HOTSPOT, *(_FLAGS, _FLAGS, _FLAGS), _TIMES
    )
    # Without frames no times are read.
    untimed = columns._replace(t_ms=_INTS)
    grid = TargetGrid(1.0, 1.0, 1.0, 1, 1.0, 1.0, 1, _INTS, _INTS32)
    limits = RingLimits(_FLOATS, 1, 1.0, 1.0, 1.0, np.zeros(1, np.uint16), 1.0)
    places = Directions(_FLOATS, _FLOATS, _FLOATS)
    sums = RingSums(np.zeros((1, 1, 1, 3)), _PLANE, _PLANE, np.zeros((1, 1, 1), np.uint8))
    rest = (places, grid, limits, _EDGES, FrameClock(1, 1, 1), 1, sums)
    return [
        (add_to_rings, (columns, *rest)),
        (add_to_rings, (untimed, *rest)),
        (free_parts, (places, _INTS, _INTS, limits)),
    ]


def extended() -> Calls:
    """Return what only runs with detector columns use."""
    sums, plane = np.zeros(1, moments.MOMENTS), np.zeros((1, 1), np.float32)
    readings = moments.Readings(_FLOATS32, _FLOATS32, _FLOATS32, _FLOATS32)
    return [
        (moments.add_moments, (_INTS, readings, _INTS32, sums)),
        (moments.means_and_deviations, (_INTS32, sums, 1.0)),
        (means_in_circles, (_FLOATS, _FLOATS, 1.0, plane)),
    ]


def maps() -> Calls:
    """Return what makes maps of the sky."""
    weight, part = np.zeros((1, 1), np.float32), np.zeros((2, 2))[:, :1]
    detector, intervals = (*_PIXEL, _RESPONSE), np.zeros((1, 2), np.int64)
    seconds = (np.zeros((1, 3, 3)), _FLOATS, weight, _PLANE, _FLOATS, _FLOATS)
    photons = (_POSITION, detector, _HOTSPOT, _FLAGS, _TIMES, intervals)
    return [
        (photons_of_map, (*photons, 1.0, _PROJECTION)),
        (add_exposure, (*seconds, _PLANE)),
        (add_exposure, (*seconds, part)),  # columns of a plane have another layout
        (summed_area, (weight,)),
        (interpolate, (_PLANE, 1, 1, weight)),
    ]


def links() -> Calls:
    """Return what links sources of visits."""
    return [(groups_that_touch, (np.zeros((1, 3)), _INTS, np.zeros((1, 2), np.int64), 1.0))]


def tiles() -> Calls:
    """Return what finds the tiles that legs touch."""
    return [(centres_of, (_INTS, 1))]


def hips() -> Calls:
    """Return what makes HiPS tiles."""
    times = np.zeros((1, 2), np.int64)
    weight, points = np.zeros((1, 1), np.float32), np.zeros((1, 1, 3))
    detector, attitudes = (weight, _PLANE), (np.zeros((1, 3, 3)), _FLOATS)
    return [
        *tiles(),
        (usable_photons, ((*_PIXEL, _RESPONSE), _HOTSPOT, _FLAGS, _TIMES, times, 1.0)),
        (pixels_in_cells, (*_POSITION, read_only(_INTS32), _INTS, 1)),
        (points_of_tile, (1, 1, 1)),
        (add_photons, (_INTS, _INTS, (_INTS32, _FLOATS32, _INTS32), times, (1, 1), _FLOATS)),
        (summed_area, (weight,)),
        (add_exposure_at, (points, *attitudes, detector, 1, _PLANE)),
        (mark_seen_at, (points, attitudes[0], weight, 1, (_FLOATS, 1.0, 1.0), _PLANE)),
        (interpolate_tile, (_PLANE, 1)),
    ]


def _named(*functions: Any) -> tuple[str, ...]:
    return tuple(f"{__name__}:{each.__name__}" for each in functions)


RUN_GROUPS = _named(deblending, placing, backgrounds, files, frames, segments, photometry)
"""Names of the groups that a run uses, those that take longest first."""

CATALOGUE_GROUPS = (*RUN_GROUPS, *_named(rings))
"""Those that a catalogue uses."""

VARIABLE_GROUPS = (
    "gphoton_db.products.kernels.variable_examples:variables",
    "gphoton_db.kernels.examples:exposure",
    *_named(rings),
)
"""Those that measuring variables uses."""

OTHER_GROUPS = (
    "gphoton_db.products.kernels.light_curve_examples:light_curves",
    VARIABLE_GROUPS[0],
    *_named(maps, hips, extended, rings, links),
)
"""Those that light curves, maps, extended runs and catalogues use."""
