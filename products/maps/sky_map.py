"""Maps: counts, exposure and intensity of any part of the sky."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.mission import Band
from gphoton_db.products.file_names import Compression, file_in, name_of
from gphoton_db.products.fits.files import NamedImage, not_entered, read_planes, write_images
from gphoton_db.products.fits.header import geometry_cards
from gphoton_db.products.fits.provenance import (
    TELESCOPE,
    calibration_cards,
    calibrations_of,
    program_cards,
)
from gphoton_db.products.fits.stream import COUNT_STEP
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.system.durable import Move
from gphoton_db.times import mjd, utc

if TYPE_CHECKING:
    from astropy.wcs import WCS
    from matplotlib.axes import Axes

PLANES = ("COUNT", "EXPOSURE", "INTENSITY")

LEAST_EXPOSURE = 1e-3
"""Part of the longest exposure below which one photon more or less is all that a pixel can tell."""

NAMED_LEGS = 999
"""Legs that a header names, at most."""

Entering = Callable[[], AbstractContextManager[Move]]
"""Gives what moves a finished file to its place."""


@dataclass(frozen=True, eq=False)
class SkyMap:
    """A part of the sky in one band, from all photons that the archive has of it.

    Parameters
    ----------
    count : (rows, columns) float32
        Sums of photon weights, 1 / response, of photons on good parts of the detector.
    exposure : (rows, columns) float32
        How long each pixel was on good parts of the detector, s, corrected for dead time.
    geometry : ImageGeometry
        Where the pixels are on the sky.
    header : astropy.io.fits.Header
        What is known of the map, but for its coordinates; docs/products.md lists the keywords.
    name : str
        Name of its file, without compression and ending.
    """

    count: NDArray[np.float32]
    exposure: NDArray[np.float32]
    geometry: ImageGeometry
    header: fits.Header
    name: str
    entering: Entering = field(default=not_entered, repr=False)

    @property
    def band(self) -> Band:
        """The map's band."""
        return Band(self.header["BANDNAME"])

    @property
    def wcs(self) -> "WCS":
        """The world coordinate system of all planes."""
        return self.geometry.wcs()

    @property
    def intensity(self) -> NDArray[np.float32]:
        """Photons a second and pixel, count / exposure; NaN where there is next to none.

        That is less than `LEAST_EXPOSURE` of the longest.
        """
        seen = self.exposure > LEAST_EXPOSURE * self.exposure.max(initial=0.0)
        nowhere = np.full(self.count.shape, np.nan, np.float32)
        return np.divide(self.count, self.exposure, out=nowhere, where=seen)

    def __repr__(self) -> str:
        rows, columns = self.count.shape
        return (
            f"<SkyMap {self.name}: {columns} x {rows} pixels of {self.geometry.pixel:g} arcsec, "
            f"{self.header['PHOTCNT']:,} photons, up to {float(self.exposure.max()):.1f} s>"
        )

    def write(self, path: str | Path, compression: str | Compression = "rice") -> Path:
        """Write the map to a FITS file with extensions COUNT, EXPOSURE and INTENSITY.

        Parameters
        ----------
        path : str or Path
            The file, which is replaced; or a folder, in which it gets its usual name.
        compression : str
            ``rice`` (COUNT and EXPOSURE within 0.0005), ``gzip`` or ``none`` (exact).

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
        with self.entering() as move:
            write_images(file, self.header, self._named_images(), chosen, move)
        return file

    @classmethod
    def read(cls, path: str | Path) -> "SkyMap":
        """Return a map that was written to a file.

        Raises
        ------
        ProductError
            If the file cannot be read, or is not such a map.
        """
        path = Path(path).expanduser()
        primary, planes = read_planes(path, PLANES, "a map")
        header = primary.copy(strip=True)
        for keyword in ("CHECKSUM", "DATASUM"):
            header.remove(keyword, ignore_missing=True)
        count = planes["COUNT"]
        return cls(
            count=count.pixels,
            exposure=planes["EXPOSURE"].pixels,
            geometry=ImageGeometry.from_header(count.header, count.pixels.shape),
            header=header,
            name=name_of(path),
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the intensity with its coordinates, on new axes unless some are given."""
        from gphoton_db.products.images.plot import draw_image

        n_legs = self.header["NLEG"]
        title = f"GALEX {self.band}, {n_legs} leg{'s' * (n_legs != 1)}, "
        title += f"up to {float(self.exposure.max()):,.0f} s"
        label = "photons per second and pixel"
        return draw_image(self.intensity, self.geometry, title=title, label=label, ax=ax)

    def write_png(self, path: str | Path) -> Path:
        """Draw the intensity to a PNG file.

        Raises
        ------
        ProductError
            If it cannot be written; nothing is left then.
        """
        from gphoton_db.products.images.plot import save_picture, sky_axes

        path = Path(path).expanduser()
        return save_picture(lambda figure: self.plot(sky_axes(figure, self.geometry)), path)

    def _named_images(self) -> list[NamedImage]:
        longest = float(self.exposure.max(initial=0.0)) or 1.0
        planes = {
            "COUNT": (self.count, "photon", COUNT_STEP),
            "EXPOSURE": (self.exposure, "s", COUNT_STEP),
            "INTENSITY": (self.intensity, "photon/s", COUNT_STEP / longest),
        }
        images = []
        for name, (pixels, unit, step) in planes.items():
            header = self.header.copy()
            header["BUNIT"] = unit
            header.extend(geometry_cards(self.geometry), strip=False)
            images.append(NamedImage(name, pixels, header, step))
        return images


def map_header(
    band: Band,
    legs: Sequence[LegRecord],
    span_ms: tuple[int, int],
    *,
    n_photons: int,
    longest: float,
    edge: float,
) -> fits.Header:
    """Return what the header of a map says, but for its coordinates.

    Parameters
    ----------
    band, legs
        What it was made of.
    span_ms : tuple of int
        From and to, GALEX ms.
    n_photons : int
        Photons in it.
    longest : float
        Longest exposure of a pixel, s.
    edge : float
        Detector radius, pixels, beyond which nothing counts.
    """
    start_ms, stop_ms = span_ms
    header = fits.Header()
    header.append(TELESCOPE)
    header["BANDNAME"] = (str(band), "NUV or FUV")
    header["BAND"] = (band.header_code, "1 = NUV, 2 = FUV")
    header["TIMESYS"] = ("UTC", "time scale")
    header["TIMEUNIT"] = ("s", "unit of times")
    header["DATE-BEG"] = (utc(start_ms).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3], "start")
    header["DATE-END"] = (utc(stop_ms).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3], "end")
    header["MJD-BEG"] = (mjd(start_ms), "[d] start")
    header["MJD-END"] = (mjd(stop_ms), "[d] end")
    header["T0"] = (start_ms / 1000, "[s] start, GALEX time (since 1980-01-06)")
    header["T1"] = (stop_ms / 1000, "[s] end, GALEX time")
    header["XPOSURE"] = (longest, "[s] longest exposure of a pixel")
    header["PHOTCNT"] = (n_photons, "photons in the map")
    header["DETEDGE"] = (edge, "[pixel] detector radius; nothing beyond counts")
    header["NLEG"] = (len(legs), "legs that the map was made of")
    for number, leg in enumerate(legs[:NAMED_LEGS], start=1):
        header[f"LEG{number}"] = (f"e{leg.eclipse:05d}-b{leg.leg:02d}", "eclipse and leg")
    header.extend([*program_cards(), *calibration_cards(calibrations_of(legs))], strip=False)
    return header


def map_name(ra: float, dec: float, band: Band) -> str:
    """Return the name of a map's file, without compression and ending."""
    return f"galex-ra{ra:08.4f}-dec{dec:+08.4f}-{band.letter}d-map"
