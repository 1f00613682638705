"""Tiles of HiPS: 512 x 512 HEALPix pixels each, and how they lie in files.

A tile of order k is the nested HEALPix pixel of order k of the same number; its own pixels are
those of order k + 9.  Values of a tile are flat arrays in the nested order of its pixels.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.sphere import unit_vectors
from gphoton_db.choices import Choice
from gphoton_db.products.kernels.hips import centres_of
from gphoton_db.products.maps.sky_map import LEAST_EXPOSURE

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.int64]
Values = TypeVar("Values", bound=NDArray[Any])

TILE_SIDE = 512
"""Pixels of a side."""

TILE_DEPTH = 9
"""How many orders the pixels of a tile are above the tile."""

TILE_PIXELS = TILE_SIDE * TILE_SIDE


class Plane(Choice, what="plane"):
    """What the pixels of a HiPS are."""

    INTENSITY = "intensity"
    """Photons a second and square arcsecond."""
    COUNT = "count"
    """Sums of photon weights, 1 / response."""
    EXPOSURE = "exposure"
    """Seconds on good parts of the detector, corrected for dead time."""

    @property
    def unit(self) -> str:
        """The unit, as FITS writes it."""
        return {"intensity": "photon.s-1.arcsec-2", "count": "photon", "exposure": "s"}[self]


@dataclass(frozen=True, eq=False)
class SkyTile:
    """A tile of the sky in one band.

    Parameters
    ----------
    order, number : int
        Which tile: a nested HEALPix pixel.
    count : (262144,) float64
        Sums of photon weights, 1 / response, of photons on good parts of the detector.
    exposure : (262144,) float32
        How long each pixel was on good parts of the detector, s, corrected for dead time; of a
        pixel that is a sum of smaller ones, their mean.
    """

    order: int
    number: int
    count: Floats
    exposure: Floats32

    @property
    def is_empty(self) -> bool:
        """Whether nothing was seen of it."""
        return not (self.exposure.any() or self.count.any())

    def plane(self, plane: Plane, longest: float) -> Floats32:
        """Return its counts, exposure or intensity, NaN where nothing was seen.

        Parameters
        ----------
        plane : Plane
            Which of them.
        longest : float
            Exposure, s; there is no intensity where it is below `LEAST_EXPOSURE` of this.

        Returns
        -------
        (262144,) float32
        """
        values = np.full(TILE_PIXELS, np.nan, np.float32)
        if plane is Plane.INTENSITY:
            seen = self.exposure > LEAST_EXPOSURE * longest
            area = self.exposure * pixel_arcsec2(self.order)
            np.divide(self.count, area, out=values, where=seen, casting="same_kind")
            return values
        seen = (self.exposure > 0) | (self.count > 0)
        values[seen] = (self.count if plane is Plane.COUNT else self.exposure)[seen]
        return values

    def quarter(self) -> tuple[Floats, Floats32]:
        """Return its counts and exposure as a quarter of the tile of the next lower order."""
        count = self.count.reshape(-1, 4).sum(axis=1)
        return count, self.exposure.reshape(-1, 4).mean(axis=1, dtype=np.float64).astype(np.float32)

    def seen_cells(self, depth: int) -> Ints:
        """Return the nested pixels, `depth` orders above the tile, of which anything was seen."""
        n = 4**depth
        seen = ((self.exposure > 0) | (self.count > 0)).reshape(n, -1).any(axis=1)
        return np.asarray(np.flatnonzero(seen) + self.number * n, np.int64)


def pixel_arcsec2(order: int) -> float:
    """Return the area of a pixel of a tile of an order, square arcsec."""
    sphere = 4 * math.pi * math.degrees(3600.0) ** 2
    return sphere / float(12 * 4 ** (order + TILE_DEPTH))


def fits_image(values: Values) -> Values:
    """Return the values of a tile as HiPS has them in FITS: row 511 - x, column y."""
    return picture(values)[::-1]  # type: ignore[return-value]


def picture(values: Values) -> Values:
    """Return the values of a tile as HiPS has them in pictures: row x from above, column y."""
    return values[_places()]  # type: ignore[return-value]


def values_of_fits(image: Values) -> Values:
    """Return the values of a tile in nested order, of the image in a FITS file."""
    values = np.empty(TILE_PIXELS, image.dtype)
    values[_places()] = image[::-1]
    return values  # type: ignore[return-value]


@cache
def _places() -> Ints:
    """Return the number in nested order of the pixel at [x, y]."""
    number = np.arange(TILE_SIDE, dtype=np.int64)
    spread = np.zeros_like(number)
    for bit in range(TILE_DEPTH):
        spread += ((number >> bit) & 1) << (2 * bit)
    return np.asarray(spread[:, None] + (spread[None, :] << 1))


def tiles_in_disc(order: int, ra: float, dec: float, radius: float) -> Ints:
    """Return the tiles of an order that a disc touches, and perhaps some next to it, rising.

    Parameters
    ----------
    order : int
        0 to 29.
    ra, dec, radius : float
        Deg.
    """
    towards = unit_vectors(ra, dec)
    tiles = np.arange(12, dtype=np.int64)
    for each in range(order + 1):
        if each:
            tiles = (tiles[:, None] * 4 + np.arange(4)).ravel()
        reach = math.radians(radius) + _largest_radius(each)
        near = centres_of(tiles, each) @ towards
        tiles = tiles[near >= math.cos(min(reach, math.pi)) - 1e-15]
    return tiles


def _largest_radius(order: int) -> float:
    """Return the largest distance of a corner of a pixel from its centre, radians."""
    nside = 1 << order
    # Of a pixel that touches the circle z = 2/3 from above: its centre, and its corner there.
    z = 1 - (1 - 1 / nside) ** 2 / 3
    angle = math.pi / 4 / nside
    cosine = 2 / 3 * z + math.sqrt((1 - 4 / 9) * (1 - z * z)) * math.cos(angle)
    return math.acos(min(cosine, 1.0)) + 1e-9
