"""A full-depth image of one leg, in memory and in a file."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.products.file_names import Compression, file_in, name_of
from gphoton_db.products.fits.files import NamedImage, not_entered, read_planes, write_images
from gphoton_db.products.fits.header import geometry_cards
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.system.durable import Move

if TYPE_CHECKING:
    from astropy.nddata import CCDData
    from astropy.wcs import WCS
    from matplotlib.axes import Axes

PLANES = ("COUNT", "FLAG", "COVERAGE", "DOSE")
"""Extensions that every image has; DOSE is on the detector, the others on the sky."""

UNITS = {"COUNT": "count", "DOSE": "count"}

Entering = Callable[[Compression], AbstractContextManager[Move]]
"""Gives what moves a finished file to its place."""


@dataclass(frozen=True, eq=False)
class Image:
    """An image of one leg of one band.

    Parameters
    ----------
    count : (rows, columns) float32
        Sums of photon weights, 1 / response.
    flag : (rows, columns) uint8
        Bits that any photon in the pixel sets: 1 hotspot, 2 ghost, 4 wide edge, 8 narrow edge.
    coverage : (rows, columns) uint8
        Bits: 1 seen at least once, 2 always within the narrow edge, 4 always within the wide
        edge, 8 always on the detector.
    dose : (3200, 3200) int32
        Photons by place on the detector, quarter pixels: first axis col, second row.
    geometry : ImageGeometry
        Where the pixels are on the sky.
    header : astropy.io.fits.Header
        What is known of the image, but for its coordinates; docs/products.md lists the keywords.
    extended : mapping of str to (rows, columns) float32
        The extended set, where it was asked for, by extension name: COL_MEAN, COL_STD, ROW_MEAN,
        ROW_STD (detector pixels), YA_MEAN, Q_MEAN; NaN in pixels without photons.
    name : str
        Name of its file, without compression and ending: ``e23456-nd-ffull-b00-image``.
    """

    count: NDArray[np.float32]
    flag: NDArray[np.uint8]
    coverage: NDArray[np.uint8]
    dose: NDArray[np.int32]
    geometry: ImageGeometry
    header: fits.Header
    name: str
    extended: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    entering: Entering = field(default=not_entered, repr=False)

    @property
    def wcs(self) -> "WCS":
        """The world coordinate system of all planes but DOSE."""
        return self.geometry.wcs()

    @property
    def exposure(self) -> float:
        """Effective exposure, s: without closed shutter, corrected for dead time."""
        return float(self.header["XPOSURE"])

    def __repr__(self) -> str:
        rows, columns = self.count.shape
        return (
            f"<Image {self.name}: {columns} x {rows} pixels of {self.geometry.pixel:g} arcsec, "
            f"{self.header['PHOTCNT']:,} photons, {self.exposure:.1f} s>"
        )

    def _repr_html_(self) -> str:
        from gphoton_db.products.notebook import as_html

        rows, columns = self.count.shape
        facts = {
            "pixels": f"{columns} x {rows} of {self.geometry.pixel:g} arcsec",
            "photons": f"{self.header['PHOTCNT']:,}",
            "exposure": f"{self.exposure:.1f} s",
        }
        return as_html(f"Image {self.name}", facts, self.write_png)

    def intensity(self) -> NDArray[np.float32]:
        """Return counts per second of exposure, (rows, columns) float32.

        The exposure is that of the leg, the same everywhere; towards the edge, where a pixel was
        not seen all of the time (COVERAGE), the intensity is too low.

        Raises
        ------
        ProductError
            If the exposure is 0.
        """
        if not self.exposure > 0:
            raise ProductError(f"{self.name}: without exposure there is no intensity")
        return self.count / np.float32(self.exposure)

    def write(self, path: str | Path, compression: str | Compression = "rice") -> Path:
        """Write the image to a FITS file.

        Parameters
        ----------
        path : str or Path
            The file, which is replaced; or a folder, in which it gets its usual name.
        compression : str
            ``rice`` (COUNT within 0.0005 photons), ``gzip`` or ``none`` (both exact).

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ProductError
            If it cannot be written; nothing is left then.
        """
        chosen = Compression.parse(compression)
        file = file_in(Path(path).expanduser(), f"{self.name}{chosen.ending}", chosen)
        with self.entering(chosen) as move:
            write_images(file, self.header, self._named_images(), chosen, move)
        return file

    @classmethod
    def read(cls, path: str | Path) -> "Image":
        """Return an image that was written to a file.

        Raises
        ------
        ProductError
            If the file cannot be read, or is not such an image.
        """
        path = Path(path).expanduser()
        primary, planes = read_planes(path, PLANES, "an image")
        count = planes["COUNT"]
        return cls(
            count=count.pixels,
            flag=planes["FLAG"].pixels,
            coverage=planes["COVERAGE"].pixels,
            dose=planes["DOSE"].pixels,
            geometry=ImageGeometry.from_header(count.header, count.pixels.shape),
            header=_without_structure(primary),
            name=name_of(path),
            extended={n: planes[n].pixels for n in planes if n not in PLANES},
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the image with its coordinates, on new axes unless some are given."""
        from gphoton_db.products.images.plot import draw_image, title_of

        seen = np.where(self.coverage > 0, self.count, np.nan)
        return draw_image(seen, self.geometry, title=title_of(self.header), ax=ax)

    def write_png(self, path: str | Path) -> Path:
        """Draw the image to a PNG file.

        Raises
        ------
        ProductError
            If it cannot be written; nothing is left then.
        """
        from gphoton_db.products.images.plot import save_picture, sky_axes

        path = Path(path).expanduser()
        return save_picture(lambda figure: self.plot(sky_axes(figure, self.geometry)), path)

    def to_ccddata(self) -> "CCDData":
        """Return the counts as astropy's CCDData.

        Pixels that were never seen are masked; ``flags`` are those of FLAG, ``meta`` the header.
        """
        from astropy.nddata import CCDData

        return CCDData(
            self.count,
            unit="count",
            wcs=self.wcs,
            mask=self.coverage == 0,
            flags=self.flag,
            meta=self.header.copy(),
        )

    def _named_images(self) -> Iterator[NamedImage]:
        """Yield the planes, those of the extended set as each is read."""
        sky: dict[str, NDArray[Any]] = {
            "COUNT": self.count,
            "FLAG": self.flag,
            "COVERAGE": self.coverage,
        }
        for name, pixels in sky.items():
            yield self._named(name, pixels, on_sky=True)
        yield self._named("DOSE", self.dose, on_sky=False)
        for name in self.extended:
            yield self._named(name, self.extended[name], on_sky=True)

    def _named(self, name: str, pixels: NDArray[Any], *, on_sky: bool) -> NamedImage:
        header = self.header.copy()
        if name in UNITS:
            header["BUNIT"] = UNITS[name]
        if on_sky:
            header.extend(geometry_cards(self.geometry), strip=False)
        return NamedImage(name, pixels, header)


def _without_structure(header: fits.Header) -> fits.Header:
    kept = header.copy(strip=True)
    for keyword in ("CHECKSUM", "DATASUM", "COMMENT"):
        kept.remove(keyword, ignore_missing=True, remove_all=True)
    return kept
