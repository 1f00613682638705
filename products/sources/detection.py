"""Sources in an image: where the counts stand out of the background (specification, Sources)."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.images.coverage import CoverageBit
from gphoton_db.products.images.image import Image
from gphoton_db.products.kernels.deblending import deblend
from gphoton_db.products.kernels.placing import HOTSPOT_BIT
from gphoton_db.products.sources.background import background

if TYPE_CHECKING:
    from astropy.table import Table

KERNEL_FWHM, KERNEL_SIDE = 3.0, 3
"""Of the Gaussian that the image is smoothed with, pixels."""

SEGMENT_PIXELS = 2
"""Pixels above the threshold, side by side, that make a segment."""

DEBLEND_PIXELS, DEBLEND_LEVELS, DEBLEND_CONTRAST = 3, 60, 0.001
"""A source within a segment: its pixels above a level, levels, and least part of the flux."""

FEW_PHOTONS = 15_000.0
"""Photons a second below which an image is sparse, and the threshold another."""

COLUMNS = {
    "x_centroid": ("x", "pix"),
    "y_centroid": ("y", "pix"),
    "area": ("area", "pix2"),
    "segment_flux": ("segment_flux", "count"),
    "elongation": ("elongation", ""),
    "eccentricity": ("eccentricity", ""),
    "equivalent_radius": ("equivalent_radius", "pix"),
    "orientation": ("orientation", "deg"),
    "max_value": ("max_value", "count"),
    "min_value": ("min_value", "count"),
}
"""Names of photutils, and the names and units of ours."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Threshold:
    """What stands out: more than ``multiplier * max(background rms, minimum)`` counts a pixel."""

    multiplier: float
    minimum: float

    @classmethod
    def of(cls, n_photons: int, exposure: float) -> "Threshold":
        """Return the threshold for an image of so many photons, in so many seconds.

        An empirical fit of the specification's.
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
    """Pixels that belong to sources.

    Parameters
    ----------
    counts : (rows, columns) float64
        The image without hotspots and background, 0 outside of the field.
    smooth : (rows, columns) float64
        The same, smoothed.
    labels : (rows, columns) int32
        Numbers of the sources, from 1; 0 is the background.
    threshold : Threshold
        What was asked for.
    """

    counts: Floats
    smooth: Floats
    labels: NDArray[np.int32]
    threshold: Threshold


def find_segments(image: Image) -> Segments:
    """Return the pixels of an image that belong to sources.

    Parameters
    ----------
    image : Image
        Of a whole leg.  Pixels with a photon on a detector hotspot count as empty, and what was
        not always within the narrow edge is left out.
    """
    from scipy.ndimage import convolve

    threshold = Threshold.of(int(image.header["PHOTCNT"]), image.exposure)
    counts = np.where((image.flag & HOTSPOT_BIT) > 0, 0.0, image.count.astype(np.float64))
    outside = (image.coverage & CoverageBit.FULL_370) == 0
    if outside.all():
        nothing = np.zeros(counts.shape)
        return Segments(nothing, nothing, np.zeros(counts.shape, np.int32), threshold)
    level, rms = background(counts, outside)
    counts -= level
    smooth = convolve(counts, _kernel(), mode="constant")
    above = smooth > threshold.multiplier * np.maximum(rms, threshold.minimum)
    labels = _labelled(smooth, above & ~outside)
    counts[outside] = 0.0
    return Segments(counts, smooth, labels, threshold)


def source_table(image: Image, segments: Segments) -> "Table":
    """Return a row for each source of an image.

    Returns
    -------
    astropy.table.Table
        ``source``, from 1 as in `Segments.labels`; ``ra``, ``dec`` (deg) of the centroid;
        ``x``, ``y``, the same in pixels, from 0 at the centre of the first; ``area`` (pixels);
        ``segment_flux``, ``max_value``, ``min_value`` (counts above the background);
        ``elongation``, ``eccentricity``, ``equivalent_radius`` (pixels), ``orientation`` (deg).
    """
    from astropy import units
    from astropy.table import Table

    table = Table({"source": np.arange(1, int(segments.labels.max()) + 1)})
    found = _measured(segments)
    position = image.wcs.wcs_pix2world(found["x_centroid"], found["y_centroid"], 0)
    for name, angle in zip(("ra", "dec"), position, strict=True):
        table[name] = np.asarray(angle, np.float64) * units.deg
    for theirs, (ours, unit) in COLUMNS.items():
        table[ours] = found[theirs] * units.Unit(unit) if unit else found[theirs]
    named = ("ECLIPSE", "BANDNAME", "LEG", "CALHASH")
    table.meta.update({name: image.header[name] for name in named})
    table.meta.update(THRESHMU=segments.threshold.multiplier, THRESHMN=segments.threshold.minimum)
    return table


def _measured(segments: Segments) -> dict[str, Floats]:
    if not segments.labels.any():
        return {name: np.empty(0) for name in COLUMNS}
    from photutils.segmentation import SegmentationImage, SourceCatalog

    # Shapes and centroids are those of the smoothed image, fluxes those of the counts.
    catalog = SourceCatalog(
        segments.counts, SegmentationImage(segments.labels), convolved_data=segments.smooth
    )
    return {name: np.asarray(_plain(getattr(catalog, name)), np.float64) for name in COLUMNS}


def _plain(values: Any) -> Any:
    return getattr(values, "value", values)


def _kernel() -> Floats:
    """Return the Gaussian, each pixel the mean over its area, with a sum of 1."""
    from photutils.segmentation import make_2dgaussian_kernel

    kernel: Floats = make_2dgaussian_kernel(KERNEL_FWHM, size=KERNEL_SIDE).array
    return kernel


def _labelled(smooth: Floats, above: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return the sources among the pixels above the threshold."""
    from scipy.ndimage import find_objects, label

    labels, n = label(above)  # pixels that share a side
    area = np.bincount(labels.ravel(), minlength=n + 1)
    area[0] = 0
    kept = area >= SEGMENT_PIXELS
    number = np.where(kept, np.cumsum(kept), 0).astype(np.int32)
    labels = number[labels]
    boxes = [(y.start, y.stop, x.start, x.stop) for y, x in find_objects(labels)]
    found: NDArray[np.int32] = deblend(
        smooth,
        labels,
        np.array(boxes, np.int64).reshape(-1, 4),
        DEBLEND_PIXELS,
        DEBLEND_LEVELS,
        DEBLEND_CONTRAST,
    )
    return found
