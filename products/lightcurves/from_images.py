"""Light curves from pixels: what the frames of a movie have in an aperture.

As the predecessor's pipeline measures: each photon belongs to a pixel of the leg's image, and each
pixel counts by the part of its area that lies in the aperture.  No frame is made for that.
"""

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.mission import DETECTOR_CENTRE, LOW_RESPONSE, Band
from gphoton_db.products.apertures.masked import cells_of
from gphoton_db.products.apertures.sums import (
    LegSums,
    Measurement,
    covered_part,
    empty_sums,
    groups_near,
    legs_over,
)
from gphoton_db.products.apertures.targets import Targets, unit_vectors
from gphoton_db.products.bins import Bins, exposed, spans_of
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.good_times import good_times
from gphoton_db.products.images.extent import leg_geometry
from gphoton_db.products.images.placing import COLUMNS, place_photons
from gphoton_db.products.kernels.aperture_sums import OFF_AXIS_PIXELS, Sums
from gphoton_db.products.kernels.circles import circles_on_pixels
from gphoton_db.products.kernels.placing import (
    HOTSPOT_BIT,
    WIDE_EDGE_BIT,
    Edges,
    PlacedPhotons,
)
from gphoton_db.products.lightcurves.lightcurve import LightCurve
from gphoton_db.products.lightcurves.make import description, no_coverage, rows_of
from gphoton_db.products.lightcurves.rates import BinRows
from gphoton_db.products.masks.applied import of_masked
from gphoton_db.products.photon_batches import Photons, map_photons, row_groups
from gphoton_db.products.reader import ArchiveReader, photon_files, read_aspect, read_ticks
from gphoton_db.progress import one_by_one

Floats = NDArray[np.float64]

PIXEL_ARCSEC = 1.5
EDGES = Edges(350.0, 370.0)
READ = (*dict.fromkeys((*COLUMNS, "t_ms", "q")),)


def light_curve_of_images(
    archive: ArchiveReader, ra: float, dec: float, how: Measurement
) -> LightCurve:
    """Return the light curve of a position (deg) from sums over pixels of 1.5 arcsec.

    Raises
    ------
    NoCoverageError
        If no ingested leg had it in its field.
    """
    targets = Targets.of(np.array([ra]), np.array([dec]))
    parts = []
    legs = legs_over(archive, targets, how.bands, LegRecord)
    for leg in one_by_one(legs, archive.on_progress, "legs"):
        spans = spans_of(leg, how.step_ms, how.ranges)
        if len(spans):
            bins = exposed(spans, read_ticks(archive, leg), Band(leg.band))
            sums = _sums_of(archive, leg, targets, how, bins)
            covered = covered_part(targets, read_aspect(archive, leg), bins)
            parts.append(LegSums(leg, np.zeros(1, np.int64), bins, sums, covered, np.ones(1)))
    if not parts:
        raise no_coverage(archive, ra, dec, how.bands)
    seen = [part.leg for part in parts]
    meta = description(seen, how, 0) | {"METHOD": "image", "PIXEL": PIXEL_ARCSEC}
    meta |= {"RA": ra, "DEC": dec, "GTI": good_times(archive, seen, how.ranges)}
    rows = BinRows.join([rows_of(part, targets) for part in parts])
    return LightCurve.of_rows(rows, how.aperture, meta)


def _sums_of(
    archive: ArchiveReader, leg: LegRecord, targets: Targets, how: Measurement, bins: Bins
) -> Sums:
    groups = row_groups(photon_files(archive, leg))
    geometry = leg_geometry(groups, leg, PIXEL_ARCSEC, threads=how.threads)
    inner, outer = how.aperture.annulus or (0.0, 0.0)
    inside = PixelParts.of(geometry, targets, how.aperture.radius)
    around = PixelParts.of(geometry, targets, outer) - PixelParts.of(geometry, targets, inner)
    sums = empty_sums(1, len(bins))
    sums = sums._replace(
        counts=sums.counts.astype(float), background_counts=sums.background_counts.astype(float)
    )
    # A pixel reaches a little further than the circle that touches it.
    reach_deg = (how.aperture.largest_arcsec + 2.0 * PIXEL_ARCSEC) / 3600.0
    near = groups_near(groups, targets, reach_deg)

    def placed(photons: Photons) -> tuple[Photons, PlacedPhotons]:
        return photons, place_photons(photons, geometry.projection, EDGES)

    masked = of_masked(placed, cells_of(archive, leg, how.mask, how.threads))
    for photons, place in map_photons(near, READ, masked, threads=how.threads):
        _add(photons, place, inside, bins, sums, background=False)
        if how.aperture.annulus:
            _add(photons, place, around, bins, sums, background=True)
    return sums


class PixelParts:
    """The parts of an image's pixels that lie in a region: the image's pixels and the parts."""

    def __init__(self, parts: dict[int, float]) -> None:
        known = {pixel: part for pixel, part in parts.items() if part > 0}
        self.pixels = np.array(sorted(known), np.int64)
        self.parts = np.array([known[int(pixel)] for pixel in self.pixels])
        self._known = known

    @classmethod
    def of(cls, geometry: ImageGeometry, targets: Targets, arcsec: float) -> "PixelParts":
        """Return those of a circle about the only target."""
        if arcsec <= 0:
            return cls({})
        x, y = (float(each[0]) - 1.0 for each in geometry.pixel_of(targets.ra, targets.dec))
        radius = arcsec / PIXEL_ARCSEC
        left, bottom = (int(np.floor(each - radius)) - 1 for each in (x, y))
        side = int(np.ceil(2 * radius)) + 4
        place = (np.array([x - left]), np.array([y - bottom]))
        circles = circles_on_pixels(*place, radius, side, side)
        touched = np.flatnonzero(circles.number >= 0)
        part = circles.part[circles.start[circles.number[touched]]]
        row, column = touched // side + bottom, touched % side + left
        rows, columns = geometry.shape
        there = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        pixel = (row * columns + column)[there]
        return cls(dict(zip(pixel.tolist(), part[there].tolist(), strict=True)))

    def __sub__(self, other: "PixelParts") -> "PixelParts":
        return PixelParts(
            {pixel: part - other._known.get(pixel, 0.0) for pixel, part in self._known.items()}
        )

    def at(self, pixel: NDArray[np.int64]) -> Floats:
        """Return the parts of some pixels; 0 for those outside."""
        if not len(self.pixels):
            return np.zeros(len(pixel))
        k = np.minimum(np.searchsorted(self.pixels, pixel), len(self.pixels) - 1)
        return np.where(self.pixels[k] == pixel, self.parts[k], 0.0)


def _add(
    photons: Photons,
    place: PlacedPhotons,
    region: PixelParts,
    bins: Bins,
    sums: Sums,
    *,
    background: bool,
) -> None:
    """Add the photons on a region's pixels to the sums, each by the part of its pixel."""
    part = region.at(place.pixel)
    t_ms = photons["t_ms"][place.row]
    number = np.searchsorted(bins.t0_ms, t_ms, side="right") - 1
    used = (part > 0) & (place.weight > 0) & (number >= 0)
    used &= t_ms < bins.t1_ms[np.maximum(number, 0)]
    number, part, at, t_ms = number[used], part[used], place.row[used], t_ms[used]
    weight, bits = place.weight[used] * part, place.bits[used]
    set_bits = (bits & HOTSPOT_BIT) | np.where(bits & WIDE_EDGE_BIT, 2, 0)
    if background:
        np.add.at(sums.background_counts[0], number, part)
        _add_named(sums.background[0], number, {"weight": weight, "squared_weight": weight**2})
        np.bitwise_or.at(sums.bits[0], number, (set_bits << 6).astype(np.uint8))
        return
    np.add.at(sums.counts[0], number, part)
    np.minimum.at(sums.first_ms[0], number, t_ms)
    np.maximum.at(sums.last_ms[0], number, t_ms)
    col, row = (photons[name][at].astype(float) for name in ("col", "row"))
    detrad = np.hypot(col - DETECTOR_CENTRE, row - DETECTOR_CENTRE)
    set_bits |= np.where(photons["response"][at].astype(float) < LOW_RESPONSE, 8, 0)
    set_bits |= np.where(detrad > OFF_AXIS_PIXELS, 32, 0)
    np.bitwise_or.at(sums.bits[0], number, set_bits.astype(np.uint8))
    x, y, z = unit_vectors(photons["ra"][at], photons["dec"][at]).T
    values = {
        "since_start_ms": t_ms - bins.t0_ms[number],
        "response": photons["response"][at],
        **{"col": col, "row": row, "x": x, "y": y, "z": z, "q": photons["q"][at]},
        "detrad": detrad,
    }
    moments = {name: each * part for name, each in values.items()}
    moments |= {"weight": weight, "squared_weight": weight**2}
    _add_named(sums.moments[0], number, moments)


def _add_named(
    sums: NDArray[np.void], number: NDArray[np.int64], values: dict[str, Floats]
) -> None:
    """Add values to the sums of their bins, field by field."""
    for name, each in values.items():
        np.add.at(sums[name], number, each)
