"""Sources in an image: where the counts stand out of the background.

See docs/specification.md, 'Detection of sources' (spec-sources).
"""

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.images.coverage import CoverageBit
from gphoton_db.products.images.image import Image
from gphoton_db.products.kernels.deblending import deblend
from gphoton_db.products.kernels.placing import HOTSPOT_BIT
from gphoton_db.products.kernels.segments import (
    Pixels,
    Shapes,
    label_pixels,
    measure_segments,
    pixels_above,
)
from gphoton_db.products.sources.background import Background, Surface, background, strips
from gphoton_db.system.threads import in_order

if TYPE_CHECKING:
    from astropy.table import Table

KERNEL_FWHM, KERNEL_SIDE, KERNEL_OVERSAMPLING = 3.0, 3, 10
"""Of the Gaussian that the image is smoothed with, pixels; points in which a pixel is averaged."""

SEGMENT_PIXELS = 2
"""Pixels above the threshold, side by side, that make a segment."""

DEBLEND_PIXELS, DEBLEND_LEVELS, DEBLEND_CONTRAST = 3, 60, 0.001
"""A source within a segment: its pixels above a level, levels, and least part of the flux."""

PIXEL_VARIANCE = 1.0 / 12.0
"""Of a place within a pixel, pixels squared."""

FEW_PHOTONS = 15_000.0
"""Photons a second below which an image is sparse, and the threshold another."""

UNITS = {
    "x": "pix",
    "y": "pix",
    "area": "pix2",
    "segment_flux": "count",
    "elongation": "",
    "eccentricity": "",
    "equivalent_radius": "pix",
    "orientation": "deg",
    "max_value": "count",
    "min_value": "count",
}
"""Of what is measured of a source, in the order of its columns."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Threshold:
    """What stands out: more than ``multiplier * max(background rms, minimum)`` counts a pixel."""

    multiplier: float
    minimum: float

    @classmethod
    def of(cls, n_photons: int, exposure: float) -> "Threshold":
        """Return the threshold for an image of so many photons, in so many seconds.

        An empirical fit: docs/specification.md, 'Detection of sources' (spec-sources).
        """
        if n_photons < 1 or not exposure > 0:
            return cls(math.inf, math.inf)
        multiplier = 4.0 - 0.14 * math.log(n_photons)
        u = 0.00182538272 * (math.sqrt(n_photons) - 1058.67793)
        minimum = 0.53 + 0.5 * u / (1.0 + abs(u))
        if n_photons / exposure < FEW_PHOTONS and multiplier < 1.8:
            minimum *= multiplier / (multiplier + 0.5)
            multiplier += 0.75
            minimum += 0.1
        return cls(multiplier, minimum + 0.05)


@dataclass(frozen=True, eq=False)
class Segments:
    """Pixels that stand out, and the sources that they belong to.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns of the image.
    pixel : (p,) int64
        Their positions in the flattened image, rising.
    counts, smooth : (p,) float64
        The image without hotspots and background there, and the same, smoothed.
    label : (p,) int32
        Numbers of the sources, from 1; 0 for none.
    n : int
        How many sources there are.
    threshold : Threshold
        What was asked for.
    background : Background or None
        Of the image; None where nothing of it was always in the field.
    """

    shape: tuple[int, int]
    pixel: NDArray[np.int64]
    counts: Floats
    smooth: Floats
    label: NDArray[np.int32]
    n: int
    threshold: Threshold
    background: Background | None


def find_segments(image: Image, *, threads: int = 2) -> Segments:
    """Return the pixels of an image that belong to sources.

    Parameters
    ----------
    image : Image
        Of a whole leg.  Pixels with a photon on a detector hotspot count as empty, and what was
        not always within the narrow edge is left out.
    threads : int
        How many work.
    """
    threshold = Threshold.of(int(image.header["PHOTCNT"]), image.exposure)
    outside = outside_of(image)
    n_rows, n_columns = outside.shape
    if outside.all():
        nothing = np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.int32)
        return Segments((n_rows, n_columns), *nothing, 0, threshold, None)
    found = background(partial(_counts, image), outside, threads=threads)
    work = partial(_stand_out, image, found, threshold, outside)
    parts = in_order(work, strips(n_rows), threads=threads)
    pixel, counts, smooth = (np.concatenate(part) for part in zip(*parts, strict=True))
    label, _ = label_pixels(pixel, n_columns, SEGMENT_PIXELS)
    n = deblend(
        *(pixel, smooth, label, n_columns), DEBLEND_PIXELS, DEBLEND_LEVELS, DEBLEND_CONTRAST
    )
    return Segments((n_rows, n_columns), pixel, counts, smooth, label, n, threshold, found)


def counts_above(image: Image, level: Surface, rows: slice) -> Floats:
    """Return rows of an image without its hotspots and its background, (rows, columns)."""
    counts = _counts(image, rows)
    counts -= level.rows(rows)
    return counts


def outside_of(image: Image, rows: slice = slice(None)) -> NDArray[np.bool_]:
    """Return which pixels are left out: those that were not always within the narrow edge."""
    outside: NDArray[np.bool_] = (image.coverage[rows] & CoverageBit.FULL_370) == 0
    return outside


def smoothing_kernel() -> Floats:
    """Return the Gaussian, each pixel the mean over its area, with a sum of 1."""
    sigma = KERNEL_FWHM / math.sqrt(8 * math.log(2))
    n = KERNEL_SIDE * KERNEL_OVERSAMPLING
    x = (np.arange(n) + 0.5) / KERNEL_OVERSAMPLING - KERNEL_SIDE / 2
    along = np.exp(-(x**2) / (2 * sigma**2)).reshape(KERNEL_SIDE, -1).mean(axis=1)
    kernel: Floats = np.outer(along, along) / along.sum() ** 2
    return kernel


def source_table(image: Image, segments: Segments) -> "Table":
    """Return a row for each source of an image.

    Returns
    -------
    astropy.table.Table
        ``source``, from 1 as in `Segments.label`; ``ra``, ``dec`` (deg) of the centroid;
        ``x``, ``y``, the same in pixels, from 0 at the centre of the first; ``area`` (pixels);
        ``segment_flux``, ``max_value``, ``min_value`` (counts above the background);
        ``elongation``, ``eccentricity``, ``equivalent_radius`` (pixels), ``orientation`` (deg).
    """
    from astropy import units
    from astropy.table import Table

    table = Table({"source": np.arange(1, segments.n + 1)})
    found = _measured(segments)
    position = image.wcs.wcs_pix2world(found["x"], found["y"], 0)
    for name, angle in zip(("ra", "dec"), position, strict=True):
        table[name] = np.asarray(angle, np.float64) * units.deg
    for name, unit in UNITS.items():
        table[name] = found[name] * units.Unit(unit) if unit else found[name]
    named = ("ECLIPSE", "BANDNAME", "LEG", "CALHASH")
    table.meta.update({name: image.header[name] for name in named})
    table.meta.update(THRESHMU=segments.threshold.multiplier, THRESHMN=segments.threshold.minimum)
    return table


def _counts(image: Image, rows: slice) -> Floats:
    """Return rows of an image without its hotspots."""
    counts: Floats = image.count[rows].astype(np.float64)
    counts[(image.flag[rows] & HOTSPOT_BIT) > 0] = 0.0
    return counts


def _stand_out(
    image: Image,
    found: Background,
    threshold: Threshold,
    outside: NDArray[np.bool_],
    rows: slice,
) -> Pixels:
    """Return the pixels of some rows that are above the threshold; see `pixels_above`."""
    wide = slice(max(rows.start - 1, 0), min(rows.stop + 1, len(outside)))
    above: Pixels = pixels_above(
        *(counts_above(image, found.level, wide), smoothing_kernel(), found.rms.rows(rows)),
        *(outside[rows], (threshold.multiplier, threshold.minimum), rows.start - wide.start),
    )
    pixel, *values = above
    return (pixel + rows.start * outside.shape[1], *values)


def _measured(segments: Segments) -> dict[str, Floats]:
    """Return what is measured of sources, by the names of `UNITS`, as photutils defines it.

    Shapes and centroids are those of the smoothed image, fluxes those of the counts.
    """
    pixels = segments.pixel, segments.counts, segments.smooth
    of: Shapes = measure_segments(pixels, segments.shape[1], segments.label, segments.n)
    covariance = _widened(np.array([[of.xx, of.xy], [of.xy, of.yy]]).transpose(2, 0, 1))
    minor, major = np.linalg.eigvalsh(covariance).T
    xx, xy, yy = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
    return {
        "x": of.x,
        "y": of.y,
        "area": of.area.astype(np.float64),
        "segment_flux": of.flux,
        "elongation": np.sqrt(major) / np.sqrt(minor),
        "eccentricity": np.sqrt(1.0 - minor / major),
        "equivalent_radius": np.sqrt(of.area / np.pi),
        "orientation": np.rad2deg(0.5 * np.arctan2(2.0 * xy, xx - yy)) % 360,
        "max_value": of.highest,
        "min_value": of.lowest,
    }


def _widened(covariance: Floats) -> Floats:
    """Return covariances, (n, 2, 2), those of sources thinner than a pixel widened to one.

    By steps of 1/12, the variance over a pixel, as SourceExtractor does.
    """
    while (thin := np.linalg.det(covariance) < PIXEL_VARIANCE**2).any():
        covariance[thin] += PIXEL_VARIANCE * np.eye(2)
    return covariance
