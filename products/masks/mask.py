"""Which detector cells are hot or cold, and the file that says so."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import IntFlag
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.mission import DETECTOR_CENTRE, DETECTOR_PIXELS, ON_DETECTOR_PIXELS
from gphoton_db.products.file_names import Compression
from gphoton_db.products.fits.files import NamedImage, not_entered, read_planes, write_images
from gphoton_db.products.masks.options import MaskOptions
from gphoton_db.products.masks.planes import DetectorPlanes
from gphoton_db.system.durable import Move

SMALLEST_DITHER = 8.0 / 3600.0
"""Deg; below it a star is spread as far by the optics as a hot cell is by the pointing."""

LEAST_EXPECTED = 10.0
"""Photons that a cell should have had, by its neighbours, before few of them mean anything."""

_NEIGHBOURS = 41
"""Cells along the side of the square that says what is usual."""

PLANES = ("MASK", "RATE", "SPREAD")


class CellFlag(IntFlag):
    """What a cell is; 0: as it should be."""

    HOT = 1
    """It has many photons, which do not follow the sky."""
    COLD = 2
    """It has hardly any, and its neighbours do."""


Entering = Callable[[], AbstractContextManager[Move]]
"""Gives what moves a finished file to its place."""


@dataclass(frozen=True, eq=False)
class DetectorMask:
    """Hot and cold cells of a detector; planes have col first, then row.

    Parameters
    ----------
    cells : (800, 800) uint8
        `CellFlag` bits.
    rate : (800, 800) float32
        Photons a second.
    spread : (800, 800) float32
        Of the photons over the sky, relative to the pointing; NaN without photons.
    header : astropy.io.fits.Header
        What it was made of, and how.
    name : str
        Of its file, without the ending.
    """

    cells: NDArray[np.uint8]
    rate: NDArray[np.float32]
    spread: NDArray[np.float32]
    header: fits.Header = field(default_factory=fits.Header)
    name: str = "mask"
    entering: Entering = field(default=not_entered, repr=False)

    @property
    def n_hot(self) -> int:
        """Hot cells."""
        return int(np.count_nonzero(self.cells & int(CellFlag.HOT)))

    @property
    def n_cold(self) -> int:
        """Cold cells."""
        return int(np.count_nonzero(self.cells & int(CellFlag.COLD)))

    def __repr__(self) -> str:
        return f"<DetectorMask {self.name}: {self.n_hot} hot, {self.n_cold} cold cells>"

    def file_in(self, path: str | Path) -> Path:
        """Return the file that `write` writes: a file, or the usual name in a folder."""
        path = Path(path).expanduser()
        return path / f"{self.name}.fits" if path.is_dir() else path

    def write(self, path: str | Path) -> Path:
        """Write the mask to a FITS file (MASK, RATE, SPREAD), or into a folder by its name.

        Raises
        ------
        ProductError
            If it cannot be written.
        """
        file = self.file_in(path)
        planes: list[NDArray[Any]] = [self.cells, self.rate, self.spread]
        images = [
            NamedImage(name, plane, fits.Header())
            for name, plane in zip(PLANES, planes, strict=True)
        ]
        with self.entering() as move:
            write_images(file, self.header, images, Compression.NONE, move)
        return file

    @classmethod
    def read(cls, path: str | Path) -> "DetectorMask":
        """Return a mask that was written to a file.

        Raises
        ------
        ProductError
            If it cannot be read, or is no mask of 800 by 800 cells.
        """
        path = Path(path).expanduser()
        header, images = read_planes(path, PLANES, "a mask of the detector")
        cells, rate, spread = (images[name].pixels for name in PLANES)
        if cells.shape != (DETECTOR_PIXELS, DETECTOR_PIXELS):
            raise ProductError(f"{path}: has {cells.shape} cells and not 800 by 800")
        return cls(cells.astype(np.uint8), rate, spread, header, path.stem)


def classify(planes: DetectorPlanes, options: MaskOptions) -> NDArray[np.uint8]:
    """Return the `CellFlag` bits of each cell.

    A star passes over a cell while the pointing moves, so the photons of a cell are of one place
    on the sky; those of a hot cell are wherever the telescope looked.  Where the pointing moved
    less than `SMALLEST_DITHER` that cannot be told, and no cell is hot.
    """
    rate, spread = planes.rate, planes.spread
    cells = np.zeros(rate.shape, np.uint8)
    if planes.dither >= SMALLEST_DITHER:
        hot = (rate >= options.hot_rate) & (spread >= options.hot_spread)
        cells[hot] |= int(CellFlag.HOT)
    usual = _usual(rate)
    enough = usual * planes.exposure >= LEAST_EXPECTED
    cold = (rate <= options.cold_rate) & (rate <= options.cold_part * usual) & enough
    cells[cold & _on_detector()] |= int(CellFlag.COLD)
    return cells


def _usual(rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of the means of blocks of cells about each: stars are few of them."""
    from scipy.ndimage import median_filter, uniform_filter

    inside = _on_detector()
    mean = uniform_filter(np.where(inside, rate, 0.0), 5, mode="constant")
    part = uniform_filter(inside.astype(np.float64), 5, mode="constant")
    mean = np.where(part > 0, mean / np.where(part > 0, part, 1.0), 0.0)
    coarse = median_filter(mean[::5, ::5], _NEIGHBOURS // 5, mode="nearest")
    return np.asarray(np.repeat(np.repeat(coarse, 5, axis=0), 5, axis=1), np.float64)


def _on_detector() -> NDArray[np.bool_]:
    """Return the cells that lie wholly within the field."""
    x = np.arange(DETECTOR_PIXELS) + 0.5 - DETECTOR_CENTRE
    inside: NDArray[np.bool_] = np.hypot(x[:, None], x) < ON_DETECTOR_PIXELS - 1.0
    return inside
