"""Images that are already written, put together in one coordinate system.

Where the photons are at hand, a map (`make_maps`) is better: nothing is resampled there.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.choices import Choice
from gphoton_db.errors import ProductError
from gphoton_db.products.file_names import Compression, file_in
from gphoton_db.products.fits.files import NamedImage, read_images, write_images
from gphoton_db.products.fits.header import geometry_cards
from gphoton_db.products.fits.provenance import TELESCOPE, calibration_cards, program_cards
from gphoton_db.products.fits.stream import COUNT_STEP
from gphoton_db.products.geometry import MAX_PIXELS, ImageGeometry

logger = logging.getLogger(__name__)

Pixels = NDArray[np.float64]

NAMED_FILES = 99
"""Files that a header names, at most."""


class How(Choice, what="way to coadd"):
    """How images are put together."""

    WEIGHTED = "weighted"
    """Sum of counts by sum of exposures: photons/s, each image weighted by its exposure."""
    UNWEIGHTED = "unweighted"
    """Mean of the images' counts by their exposures: photons/s."""
    SUM = "sum"
    """Sum of counts: photons."""


@dataclass(frozen=True, eq=False)
class Coadd:
    """Images put together.

    Parameters
    ----------
    pixels : (rows, columns) float32
        Photons/s, or photons where they are summed; NaN where no image was.
    exposure : (rows, columns) float32
        Sum of the exposures of the images that cover a pixel, s.
    geometry : ImageGeometry
        Where the pixels are on the sky.
    header : astropy.io.fits.Header
        What it was made of.
    """

    pixels: NDArray[np.float32]
    exposure: NDArray[np.float32]
    geometry: ImageGeometry
    header: fits.Header

    def write(self, path: str | Path, compression: str | Compression = "rice") -> Path:
        """Write the coadd to a FITS file with extensions COADD and EXPOSURE.

        Raises
        ------
        ProductError
            If it cannot be written; nothing is left then.
        """
        chosen = Compression.parse(compression)
        file = file_in(Path(path).expanduser(), f"coadd{chosen.ending}", chosen)
        longest = float(self.exposure.max(initial=0.0)) or 1.0
        step = COUNT_STEP if self.header["COADD"] == How.SUM else COUNT_STEP / longest
        unit = "photon" if self.header["COADD"] == How.SUM else "photon/s"
        images = [
            self._named("COADD", self.pixels, unit, step),
            self._named("EXPOSURE", self.exposure, "s", COUNT_STEP),
        ]
        write_images(file, self.header, images, chosen)
        return file

    def _named(self, name: str, pixels: NDArray[np.float32], unit: str, step: float) -> NamedImage:
        header = self.header.copy()
        header["BUNIT"] = unit
        header.extend(geometry_cards(self.geometry), strip=False)
        return NamedImage(name, pixels, header, step)


@dataclass(frozen=True, eq=False)
class _Written:
    """What is needed of a written image: counts and exposure (s) of each pixel; NaN: not seen."""

    path: Path
    band: str
    count: Pixels
    exposure: Pixels
    geometry: ImageGeometry
    calibration: tuple[str, ...]


def coadd(
    files: Sequence[str | Path],
    *,
    how: str | How = How.WEIGHTED,
    geometry: ImageGeometry | None = None,
) -> Coadd:
    """Put together images of one band that `Archive.image` or `Archive.map` wrote.

    Parameters
    ----------
    files : sequence of path
        FITS files; they are read one at a time.
    how : str
        ``weighted``: sum of counts by sum of exposures; ``unweighted``: mean of the images'
        intensities; ``sum``: sum of counts.
    geometry : ImageGeometry, optional
        Of the result; by default one that holds all images, with pixels as small as the
        smallest of theirs.

    Raises
    ------
    ProductError
        If there are no files, one cannot be read or is of another kind, they are of different
        bands, or the result would be too large.

    Notes
    -----
    Counts are resampled so that the sum over an image stays (``reproject.reproject_adaptive`` with
    ``conserve_flux``); exposures are those of the nearest pixel.
    """
    chosen = How.parse(how)
    paths = [Path(file).expanduser() for file in files]
    if not paths:
        raise ProductError("no files were given to coadd")
    places, bands, calibrations = zip(
        *((image.geometry, image.band, image.calibration) for image in map(_read, paths)),
        strict=True,
    )
    if len(set(bands)) > 1:
        raise ProductError(f"the images are of different bands ({', '.join(sorted(set(bands)))})")
    geometry = geometry or _common(places)
    pixels, exposure = _put_together(paths, chosen, geometry)
    return Coadd(
        pixels.astype(np.float32),
        exposure.astype(np.float32),
        geometry,
        _header(paths, bands[0], chosen, set().union(*calibrations)),
    )


def _put_together(
    paths: Sequence[Path], how: How, geometry: ImageGeometry
) -> tuple[Pixels, Pixels]:
    total, exposure, n_seen = (np.zeros(geometry.shape) for _ in range(3))
    for path in paths:
        count, seconds = _resampled(_read(path), geometry)
        seen = (seconds > 0) & np.isfinite(count)
        value = count / np.where(seen, seconds, 1.0) if how is How.UNWEIGHTED else count
        total[seen] += value[seen]
        exposure[seen] += seconds[seen]
        n_seen[seen] += 1
        logger.info("%s: added", path)
    divisor = {How.SUM: np.ones_like(total), How.WEIGHTED: exposure, How.UNWEIGHTED: n_seen}[how]
    nowhere = np.full(geometry.shape, np.nan)
    return np.divide(total, divisor, out=nowhere, where=n_seen > 0), exposure


def _resampled(image: _Written, geometry: ImageGeometry) -> tuple[Pixels, Pixels]:
    """Return counts and exposure of an image in another coordinate system, 0 s where it is not."""
    from reproject import reproject_adaptive, reproject_interp

    if image.geometry == geometry:
        return image.count, np.nan_to_num(image.exposure)
    count = np.zeros(geometry.shape)
    seconds = np.zeros(geometry.shape)
    near = _window(image.geometry, geometry)
    if near is None:
        return count, seconds
    rows, columns = near
    wcs = geometry.wcs()[rows, columns]
    shape = (rows.stop - rows.start, columns.stop - columns.start)
    theirs = image.geometry.wcs()
    target = {"output_projection": wcs, "shape_out": shape, "return_footprint": False}
    # Outside of what the leg saw there are no counts: NaN would eat into the image's rim.
    count[near] = reproject_adaptive(
        (np.nan_to_num(image.count), theirs),
        conserve_flux=True,
        boundary_mode="constant",
        boundary_fill_value=0.0,
        **target,
    )
    seconds[near] = np.nan_to_num(
        reproject_interp((image.exposure, theirs), order="nearest-neighbor", **target)
    )
    return count, seconds


def _window(inner: ImageGeometry, outer: ImageGeometry) -> tuple[slice, slice] | None:
    """Return the part of `outer` that holds `inner`; None where they do not touch."""
    x, y = outer.pixel_of(*_rim(inner))
    if not np.isfinite(x).any():
        return None
    slices = []
    for at, n in ((y, outer.shape[0]), (x, outer.shape[1])):
        start, stop = max(int(np.nanmin(at)) - 2, 0), min(int(np.nanmax(at)) + 2, n)
        if start >= stop:
            return None
        slices.append(slice(start, stop))
    return slices[0], slices[1]


def _rim(geometry: ImageGeometry) -> tuple[Pixels, Pixels]:
    """Return directions, deg, along the rim of an image."""
    rows, columns = geometry.shape
    along = np.linspace(0.0, 1.0, 33)
    start, end = np.zeros_like(along), np.ones_like(along)
    x = np.concatenate([along, along, start, end]) * columns - 0.5
    y = np.concatenate([start, end, along, along]) * rows - 0.5
    ra, dec = geometry.wcs().pixel_to_world_values(x, y)
    return np.asarray(ra), np.asarray(dec)


def _common(geometries: Sequence[ImageGeometry]) -> ImageGeometry:
    """Return a geometry about all images, with the smallest of their pixels."""
    from gphoton_db.aspect.sphere import centre

    if all(each == geometries[0] for each in geometries):
        return geometries[0]
    ra, dec = (np.concatenate(each) for each in zip(*map(_rim, geometries), strict=True))
    pixel = min(each.pixel for each in geometries)
    about = ImageGeometry(centre(ra, dec), (0.0, 0.0), (-pixel / 3600, pixel / 3600), (1, 1))
    x, y = about.pixel_of(ra, dec)
    if not np.isfinite(x).all():
        raise ProductError("the images are too far from one another for one coordinate system")
    first_x, first_y = float(np.floor(x.min())), float(np.floor(y.min()))
    shape = (int(np.ceil(y.max()) - first_y) + 1, int(np.ceil(x.max()) - first_x) + 1)
    if shape[0] * shape[1] > MAX_PIXELS:
        raise ProductError(
            f"the coadd would have {shape[1]:,} x {shape[0]:,} pixels, more than {MAX_PIXELS:,}: "
            "coadd images that are nearer to one another, or give a coarser geometry"
        )
    return ImageGeometry(about.crval, (1.0 - first_x, 1.0 - first_y), about.cdelt, shape)


def _read(path: Path) -> _Written:
    primary, images = read_images(path)
    planes = {image.name: image for image in images}
    if "COUNT" not in planes or not ({"EXPOSURE", "COVERAGE"} & set(planes)):
        raise ProductError(f"{path}: has no COUNT with EXPOSURE or COVERAGE: neither image nor map")
    count = planes["COUNT"]
    if count.pixels.ndim != 2:
        raise ProductError(f"{path}: is a movie; only images and maps can be coadded")
    if "EXPOSURE" in planes:
        exposure = planes["EXPOSURE"].pixels.astype(np.float64)
    else:
        exposure = np.where(planes["COVERAGE"].pixels > 0, float(primary["XPOSURE"]), 0.0)
    geometry = ImageGeometry.from_header(count.header, count.pixels.shape)
    names = tuple(str(primary[key]) for key in primary if key.startswith("CALH"))
    pixels = count.pixels.astype(np.float64)
    return _Written(path, str(primary["BANDNAME"]), pixels, exposure, geometry, names)


def _header(paths: Sequence[Path], band: str, how: How, calibrations: set[str]) -> fits.Header:
    header = fits.Header()
    header.append(TELESCOPE)
    header["BANDNAME"] = (band, "NUV or FUV")
    header["COADD"] = (str(how), "weighted, unweighted or sum")
    header["NFILE"] = (len(paths), "images that were put together")
    for number, path in enumerate(paths[:NAMED_FILES], start=1):
        header[f"FILE{number}"] = path.name[:60]
    header.extend([*calibration_cards(sorted(calibrations)), *program_cards()], strip=False)
    return header
