"""Multi-order coverage maps (MOC): parts of the sky as nested HEALPix pixels."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from gphoton_db.errors import ProductError
from gphoton_db.products.fits.files import being_written
from gphoton_db.products.hips.tiles import Ints

HIGHEST_MOC_ORDER = 14
"""12.9 arcsec; a field has 30,000 pixels of it."""


@dataclass(frozen=True, eq=False)
class Moc:
    """A part of the sky.

    Parameters
    ----------
    order : int
        Of the pixels.
    pixels : (n,) int64
        Nested HEALPix pixels, rising, each once.
    """

    order: int
    pixels: Ints

    @classmethod
    def of(cls, order: int, parts: Iterable[Ints]) -> "Moc":
        """Return the part of the sky that pixels of an order make up."""
        return cls(order, np.unique(np.concatenate([np.empty(0, np.int64), *parts])))

    @property
    def sky_fraction(self) -> float:
        """Its part of the whole sky."""
        return len(self.pixels) / float(12 * 4**self.order)

    def __repr__(self) -> str:
        return f"<Moc of order {self.order}: {self.sky_fraction * 41252.96:.3f} square degrees>"

    def uniq(self) -> Ints:
        """Return the fewest pixels of any order that make it up, as 4 ** (order + 1) + number."""
        found, pixels = [], self.pixels
        for order in range(self.order, 0, -1):
            parents, first, n = np.unique(pixels >> 2, return_index=True, return_counts=True)
            whole = n == 4
            kept = np.ones(len(pixels), np.bool_)
            kept[(first[whole][:, None] + np.arange(4)).ravel()] = False
            found.append(pixels[kept] + 4 ** (order + 1))
            pixels = parents[whole]
        found.append(pixels + 4)
        return np.sort(np.concatenate(found))

    def write(self, path: str | Path) -> Path:
        """Write it to a FITS file, as IVOA's MOC 2.0 has it.

        Raises
        ------
        ProductError
            If it cannot be written; nothing is left then.
        """
        file = Path(path).expanduser()
        column = fits.Column("UNIQ", "K", array=self.uniq())
        table = fits.BinTableHDU.from_columns([column])
        for keyword, value, comment in (
            ("MOCVERS", "2.0", "MOC version"),
            ("MOCDIM", "SPACE", "physical dimension"),
            ("ORDERING", "NUNIQ", "NUNIQ coding"),
            ("COORDSYS", "C", "ICRS"),
            ("MOCORD_S", self.order, "highest order"),
            ("MOCORDER", self.order, "highest order, as MOC 1.1 has it"),
            ("PIXTYPE", "HEALPIX", "HEALPix pixels"),
            ("MOCTOOL", "gphoton-db", "what wrote it"),
        ):
            table.header[keyword] = (value, comment)
        with being_written(file) as temporary:
            fits.HDUList([fits.PrimaryHDU(), table]).writeto(temporary, overwrite=True)
        return file


def check_moc_order(order: int) -> None:
    """Raise an error for an order that no coverage can be made of.

    Raises
    ------
    ProductError
        If it is below 0 or above `HIGHEST_MOC_ORDER`.
    """
    if not 0 <= order <= HIGHEST_MOC_ORDER:
        raise ProductError(
            f"a MOC of order {order} is not valid: the order is 0 to {HIGHEST_MOC_ORDER} (10: "
            "pixels of 3.4 arcmin)"
        )
