"""Where the pixels of an image lie on the sky."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gphoton_db.errors import ProductError
from gphoton_db.products.kernels.projection import Projection, sky_to_index, sky_to_pixel

if TYPE_CHECKING:
    from astropy.io.fits import Header
    from astropy.wcs import WCS

Floats = NDArray[np.float64]

ARCSEC_PER_DEG = 3600.0

MAX_PIXELS = 12_000**2
"""Pixels that an image may have at the most; one of a whole visit has 3,000 x 3,000."""

ROUNDING = 1e-9
"""Pixel sizes go through degrees with 15 digits: a quotient of two that is off a whole number by
less than this is that number."""

NORTH_UP_LONPOLE = 180.0
"""LONPOLE, deg: said explicitly, for its default is another one for an image right at the pole."""


@dataclass(frozen=True)
class ImageGeometry:
    """The gnomonic world coordinate system of an image, north up and east to the left.

    Parameters
    ----------
    crval : tuple of float
        Right ascension and declination of the reference pixel, deg.
    crpix : tuple of float
        The reference pixel (x, y), counted from 1 at the centre of the first pixel.
    cdelt : tuple of float
        Degrees a pixel along x (negative) and y.
    shape : tuple of int
        Rows and columns: NAXIS2, NAXIS1.
    """

    crval: tuple[float, float]
    crpix: tuple[float, float]
    cdelt: tuple[float, float]
    shape: tuple[int, int]

    @classmethod
    def centred(
        cls, ra: float, dec: float, width: float, height: float, pixel: float
    ) -> "ImageGeometry":
        """Return the geometry of an image about a direction.

        Parameters
        ----------
        ra, dec : float
            Its centre, deg.
        width, height : float
            Its extent, deg; NAXIS is that by the pixel size, rounded up.
        pixel : float
            Side of a pixel, arcsec.

        Raises
        ------
        ProductError
            If the pixel size is no positive number, or the image would have more than
            `MAX_PIXELS`.
        """
        if not (math.isfinite(pixel) and pixel > 0):
            raise ProductError(f"a pixel size of {pixel} arcsec is not valid: give a positive one")
        side = header_number(pixel / ARCSEC_PER_DEG)
        n_columns, n_rows = (
            max(math.ceil(extent / side - ROUNDING), 1) for extent in (width, height)
        )
        crval = (header_number(ra % 360.0), header_number(dec))
        return cls._about(crval, (-side, side), (n_rows, n_columns), pixel)

    @classmethod
    def _about(
        cls,
        crval: tuple[float, float],
        cdelt: tuple[float, float],
        shape: tuple[int, int],
        pixel: float,
    ) -> "ImageGeometry":
        if shape[0] * shape[1] > MAX_PIXELS:
            raise ProductError(
                f"with pixels of {pixel:g} arcsec the image would have {shape[1]:,} x {shape[0]:,} "
                f"of them, more than {MAX_PIXELS:,}: use larger pixels, or a smaller field"
            )
        return cls(crval, (shape[1] / 2 + 0.5, shape[0] / 2 + 0.5), cdelt, shape)

    def padded(self, columns: int, rows: int) -> "ImageGeometry":
        """Return the geometry with so many more pixels on each side."""
        shape = (self.shape[0] + 2 * rows, self.shape[1] + 2 * columns)
        return self._about(self.crval, self.cdelt, shape, self.pixel)

    @property
    def pixel(self) -> float:
        """Side of a pixel, arcsec."""
        return self.cdelt[1] * ARCSEC_PER_DEG

    @property
    def projection(self) -> Projection:
        """The same as plain numbers, for kernels."""
        return Projection(
            *self.crval, *self.crpix, *self.cdelt, n_columns=self.shape[1], n_rows=self.shape[0]
        )

    def pixel_of(self, ra: ArrayLike, dec: ArrayLike) -> tuple[Floats, Floats]:
        """Return FITS pixel coordinates (from 1) of directions, deg; NaN without a projection."""
        ra, dec = np.broadcast_arrays(np.asarray(ra, np.float64), np.asarray(dec, np.float64))
        x, y = sky_to_pixel(ra.ravel(), dec.ravel(), self.projection)
        return x.reshape(ra.shape), y.reshape(ra.shape)

    def index_of(self, ra: ArrayLike, dec: ArrayLike) -> NDArray[np.int64]:
        """Return positions of directions, deg, in the flattened image; -1 outside of it."""
        ra, dec = np.broadcast_arrays(np.asarray(ra, np.float64), np.asarray(dec, np.float64))
        return sky_to_index(ra.ravel(), dec.ravel(), self.projection).reshape(ra.shape)

    def wcs(self) -> "WCS":
        """Return the world coordinate system as astropy knows it."""
        from astropy.wcs import WCS

        wcs = WCS(naxis=2)
        wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
        wcs.wcs.cunit = ["deg", "deg"]
        wcs.wcs.crval = self.crval
        wcs.wcs.crpix = self.crpix
        wcs.wcs.cdelt = self.cdelt
        wcs.wcs.lonpole = NORTH_UP_LONPOLE
        wcs.wcs.radesys = "ICRS"
        wcs.wcs.set()
        wcs.pixel_shape = (self.shape[1], self.shape[0])
        return wcs

    @classmethod
    def from_header(cls, header: "Header", shape: tuple[int, int]) -> "ImageGeometry":
        """Return the geometry that a header tells of an image of that shape."""
        try:
            crval, crpix, cdelt = (
                (float(header[f"{name}1"]), float(header[f"{name}2"]))
                for name in ("CRVAL", "CRPIX", "CDELT")
            )
        except KeyError as error:
            raise ProductError(f"the header lacks a world coordinate system ({error})") from None
        return cls(crval, crpix, cdelt, shape)


def header_number(value: float) -> float:
    """Return a number as it comes back from a FITS header, where it has 15 digits."""
    return float(f"{value:.15g}")
