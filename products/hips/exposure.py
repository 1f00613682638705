"""How long each pixel of a tile was on good parts of the detector."""

import numpy as np

from gphoton_db.products.hips.tiles import TILE_DEPTH, TILE_SIDE, Floats32
from gphoton_db.products.kernels.hips import add_exposure_at, interpolate_tile, points_of_tile
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
        self._points = points_of_tile(tile, order, steps)
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

    def values(self) -> Floats32:
        """Return the exposure of each of the tile's pixels, (262144,) nested, s."""
        return interpolate_tile(self._grid, TILE_SIDE)


class DetectorSums:
    """What a second on each detector pixel counts, and its sums over rectangles.

    Parameters
    ----------
    weight : (800, 800) float32
        Of `detector_weights`.
    """

    def __init__(self, weight: Weights) -> None:
        self.weight = weight
        self.sums = summed_area(weight)
