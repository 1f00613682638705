"""How long each pixel of a tile was on good parts of the detector."""

import math
from functools import lru_cache

import numpy as np

from gphoton_db.mission import DETECTOR_PIXEL_DEG, DETECTOR_PIXELS
from gphoton_db.products.hips.tiles import TILE_DEPTH, TILE_SIDE, Floats, Floats32
from gphoton_db.products.kernels.hips import (
    add_exposure_at,
    interpolate_tile,
    points_of_tile,
)
from gphoton_db.products.kernels.seen import mark_seen_at
from gphoton_db.products.kernels.sky_exposure import summed_area
from gphoton_db.products.maps.detector_weights import Weights
from gphoton_db.products.maps.exposure_map import Attitudes

POINT_ORDER = 14
"""Points at which exposure is computed are the corners of HEALPix pixels of this order, 12.9
arcsec apart; the dither smooths most of what is smaller.  Tiles with larger pixels have a point at
each corner of a pixel."""

_SEGMENT = 32
_SEGMENT_ORDER = 13
"""Detector positions are linear within an error of 0.1 pixels over 32 pixels of this order."""


class TileExposure:
    """Exposure of a tile, to which legs are added.

    Parameters
    ----------
    order, tile : int
        Which tile.
    """

    def __init__(self, order: int, tile: int) -> None:
        steps = 1 << min(max(POINT_ORDER - order, 0), TILE_DEPTH)
        self._points = _points(int(tile), order, steps)
        coarser = max(_SEGMENT_ORDER - order - TILE_DEPTH, 0)
        self._segment = max(_SEGMENT >> coarser, 1)
        self._grid = np.zeros((steps + 1, steps + 1))

    def add(self, attitudes: Attitudes, detector: "DetectorSums") -> None:
        """Add a leg's attitudes, or those of a part of its time."""
        used = attitudes.seconds > 0
        add_exposure_at(
            self._points,
            np.ascontiguousarray(attitudes.planes[used]),
            attitudes.seconds[used],
            (detector.weight, detector.sums),
            self._segment,
            self._grid,
        )

    def add_seen(self, attitudes: Attitudes, detector: "DetectorSums") -> None:
        """Add a leg's attitudes where only what was seen is wanted, not for how long.

        `values` are above 0 where `add` would make them so.
        """
        planes = np.ascontiguousarray(attitudes.planes[attitudes.seconds > 0])
        if len(planes):
            field = _field_of(planes, detector)
            mark_seen_at(self._points, planes, detector.weight, self._segment, field, self._grid)

    def values(self) -> Floats32:
        """Return the exposure of each of the tile's pixels, (262144,) nested, s."""
        first = self._grid[0, 0]
        if (self._grid == first).all():  # all of it was seen, or nothing
            return np.full(TILE_SIDE**2, first, np.float32)
        return interpolate_tile(self._grid, TILE_SIDE)


@lru_cache(maxsize=12)
def _points(tile: int, order: int, steps: int) -> Floats:
    """Return the points of a tile, not to be changed; a view's ten tiles are made many times."""
    points: Floats = points_of_tile(tile, order, steps)
    return points


class DetectorSums:
    """What a second on each detector pixel counts, and its sums over rectangles.

    Parameters
    ----------
    weight : (800, 800) float32
        Of `detector_weights`.

    Attributes
    ----------
    sums : (801, 801) float64
        `summed_area` of it.
    radius : float
        Of a circle about the detector's middle that has all that counts, pixels.
    """

    def __init__(self, weight: Weights) -> None:
        self.weight = weight
        self.sums = summed_area(weight)
        used = np.argwhere(weight > 0) + 0.5 - DETECTOR_PIXELS / 2
        self.radius = float(np.hypot(*used.T).max(initial=0.0)) + 1.0


def _field_of(planes: Floats, detector: DetectorSums) -> tuple[Floats, float, float]:
    """Return the middle of some attitudes, and how far from it, and from each, they may see.

    These are chords of the unit sphere.
    """
    towards = planes[:, 2]
    middle = towards.sum(axis=0)
    middle /= np.linalg.norm(middle)
    spread = float(np.linalg.norm(towards - middle, axis=1).max())
    # The detector's middle is not quite where it points: by the drift in half a second.
    centres = np.einsum("nij,nj->ni", planes[:, :2], towards) - DETECTOR_PIXELS / 2
    radius = detector.radius + 2 * float(np.abs(centres).max())
    reach = 2 * math.sin(math.atan(radius * math.radians(DETECTOR_PIXEL_DEG)) / 2)
    return middle, reach + spread, reach
