"""Exposure maps: how long each pixel of an image was on good parts of the detector.

The count image of a flat sky is not flat: the detector's rim sweeps over the sky as the telescope
dithers, hotspots are masked, and photons without a trusted position are lost.  The exposure map
is all of that, and nothing else: count / exposure is the intensity of the sky.
"""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.gnomonic import PLANE_UNITS_PER_DEG, aspect_offsets
from gphoton_db.aspect.legs import good_fixes
from gphoton_db.aspect.pointing import Aspect, Boresight
from gphoton_db.aspect.sphere import unit_vectors
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.exposure import Ticks, live_seconds
from gphoton_db.mission import DETECTOR_PIXEL_DEG, DETECTOR_PIXELS, Band
from gphoton_db.products.geometry import MAX_PIXELS, ROUNDING, ImageGeometry
from gphoton_db.products.kernels.sky_exposure import add_exposure, interpolate, summed_area
from gphoton_db.products.reader import ArchiveReader, legs_of, read_aspect, read_ticks

Floats = NDArray[np.float64]

GRID_ARCSEC = 6.0
"""Distance of the points at which exposure is computed: a detector pixel.  The dither smooths
everything that is smaller."""

Interval = tuple[int, int]
"""From and to, GALEX ms; the end is not part of it."""


@dataclass(frozen=True, eq=False)
class Attitudes:
    """Where the detector looked, second by second, n of them.

    Parameters
    ----------
    planes : (n, 3, 3) float64
        Vectors in the sky's cartesian axes; the dot products of a direction with them give the
        detector column, the row, and the cosine that both are to be divided by.
    seconds : (n,) float64
        Live time, s.
    time_ms : (n,) int64
        Start, GALEX ms.
    """

    planes: Floats
    seconds: Floats
    time_ms: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LegPointing:
    """Where the detector looked in a leg, and the events that say when it was live.

    Parameters
    ----------
    aspect_ms : (n,) int64
        Start of each row of the aspect, GALEX ms.
    good : (n,) bool
        Whether photons of it have positions.
    planes : (n, 3, 3) float64
        As those of `Attitudes`.
    ticks : Ticks
        Events.
    band : Band
        Whose dead time.
    """

    aspect_ms: NDArray[np.int64]
    good: NDArray[np.bool_]
    planes: Floats
    ticks: Ticks
    band: Band

    def attitudes(self, intervals: Sequence[Interval] | None = None) -> Attitudes:
        """Return its seconds whose photons have positions; see `leg_attitudes`."""
        seconds = np.zeros(len(self.aspect_ms))
        for start, stop in intervals or [(int(self.aspect_ms[0]), int(self.aspect_ms[-1]))]:
            edges = np.clip(self.aspect_ms, start, stop)
            seconds[:-1] += live_seconds(self.ticks, edges, self.band)
        good = self.good
        return Attitudes(self.planes[good], seconds[good], self.aspect_ms[good])


class ExposureGrid:
    """Exposure on a grid of points over an image, to which legs are added.

    Parameters
    ----------
    geometry : ImageGeometry
        Of the image.
    threads : int
        How many compute.
    """

    def __init__(self, geometry: ImageGeometry, *, threads: int) -> None:
        self._geometry, self._threads = geometry, threads
        # Fine pixels: one point for several of them.  Coarse pixels: several points in each.
        self._step = max(int(GRID_ARCSEC / geometry.pixel + ROUNDING), 1)
        most = math.isqrt(MAX_PIXELS // (geometry.shape[0] * geometry.shape[1]))
        parts = math.ceil(geometry.pixel / GRID_ARCSEC - ROUNDING)
        self._parts = max(min(parts, most), 1)
        self._v, self._u = (self._points(axis) for axis in (1, 0))
        self._grid = np.zeros((len(self._v), len(self._u)))

    def _points(self, axis: int) -> Floats:
        """Return the points along an axis (0 = x) of the image's tangent plane, radians."""
        geometry = self._geometry
        n = geometry.shape[1 - axis]
        if self._parts > 1:
            pixel = 0.5 + (np.arange(n * self._parts, dtype=np.float64) + 0.5) / self._parts
        else:
            n_points = max(-(-(n - 1) // self._step) + 1, 2)
            pixel = 1.0 + self._step * np.arange(n_points, dtype=np.float64)
        return np.radians((pixel - geometry.crpix[axis]) * geometry.cdelt[axis])

    def add(self, attitudes: Attitudes, weight: NDArray[np.float32]) -> None:
        """Add a leg's attitudes; `weight` says what a second on each detector pixel counts."""
        transforms = attitudes.planes @ _tangent_axes(*self._geometry.crval)
        used = attitudes.seconds > 0
        near_v, near_u = self._reached(transforms[used])
        if near_v.start == near_v.stop or near_u.start == near_u.stop:
            return
        arguments = (
            np.ascontiguousarray(transforms[used]),
            attitudes.seconds[used],
            weight,
            summed_area(weight),
            self._u[near_u],
        )

        def add_rows(rows: NDArray[np.intp]) -> None:
            first, stop = int(rows[0]), int(rows[-1]) + 1
            add_exposure(*arguments, self._v[first:stop], self._grid[first:stop, near_u])

        in_turn = np.array_split(np.arange(near_v.start, near_v.stop), 8 * self._threads)
        with ThreadPoolExecutor(self._threads) as executor:
            list(executor.map(add_rows, [rows for rows in in_turn if len(rows)]))

    def _reached(self, transforms: Floats) -> tuple[slice, slice]:
        """Return the rows and columns of the grid that any of the attitudes may reach."""
        rim = np.array(
            [(c, r, 1.0) for c in (0, DETECTOR_PIXELS) for r in (0, DETECTOR_PIXELS)], np.float64
        )
        back = np.einsum("nij,kj->nki", np.linalg.inv(transforms), rim) if len(transforms) else None
        if back is None or not (back[..., 0] > 0).all():
            return slice(0, len(self._v) if back is not None else 0), slice(0, len(self._u))
        u, v = back[..., 1] / back[..., 0], back[..., 2] / back[..., 0]
        return _between(self._v, v), _between(self._u, u)

    def image(self) -> NDArray[np.float32]:
        """Return the exposure of each pixel of the image, s."""
        rows, columns = self._geometry.shape
        if self._parts > 1:
            blocks = self._grid.reshape(rows, self._parts, columns, self._parts)
            return np.asarray(blocks.mean(axis=(1, 3)), np.float32)
        image = np.empty((rows, columns), np.float32)

        def fill(first: int) -> None:
            interpolate(self._grid, self._step, first, image[first : first + 256])

        with ThreadPoolExecutor(self._threads) as executor:
            list(executor.map(fill, range(0, len(image), 256)))
        return image


def leg_attitudes(
    archive: ArchiveReader, leg: LegRecord, intervals: Sequence[Interval] | None = None
) -> Attitudes:
    """Return where the detector looked in a leg, for each second whose photons have positions.

    Parameters
    ----------
    archive, leg
        The leg.
    intervals : sequence of (int, int), optional
        GALEX ms; only time within them counts.
    """
    return leg_pointing(archive, leg).attitudes(intervals)


def leg_pointing(archive: ArchiveReader, leg: LegRecord) -> LegPointing:
    """Read where the detector looked in a leg."""
    aspect, good = _fixes(archive, leg)
    planes = _planes(aspect, Boresight(leg.ra0, leg.dec0, leg.roll0))
    return LegPointing(aspect.time_ms, good, planes, read_ticks(archive, leg), Band(leg.band))


def _fixes(archive: ArchiveReader, leg: LegRecord) -> tuple[Aspect, NDArray[np.bool_]]:
    """Return a leg's aspect, and which rows are good fixes: neighbours may be of another leg."""
    aspects = {
        each.leg: read_aspect(archive, each)
        for each in legs_of(archive, leg.eclipse, Band(leg.band))
    }
    in_time = sorted(aspects.values(), key=lambda aspect: int(aspect.time_ms[0]))
    whole = Aspect(
        *(
            np.concatenate([getattr(aspect, name) for aspect in in_time])
            for name in ("time_ms", "ra", "dec", "roll", "flags")
        )
    )
    mine = aspects[leg.leg]
    return mine, good_fixes(whole)[np.isin(whole.time_ms, mine.time_ms)]


def _planes(aspect: Aspect, boresight: Boresight) -> Floats:
    """Return the detector's axes on the sky in the middle of each aspect row's second.

    This is the inverse of the reduction's step to the sky (docs/specification.md, spec-sky): a
    direction's offset from the pointing along the axes of rising column and row, less the drift
    since the row.
    """
    towards = unit_vectors(aspect.ra, aspect.dec)
    east, north = _east_north(aspect.ra, aspect.dec)
    c = np.radians(-aspect.roll)[:, None]
    pixels = np.degrees(1.0) / DETECTOR_PIXEL_DEG
    along_col = pixels * (-np.cos(c) * east - np.sin(c) * north)
    along_row = pixels * (-np.sin(c) * east + np.cos(c) * north)
    half_drift = [
        np.append(np.diff(offset), 0.0) / 2 / PLANE_UNITS_PER_DEG / DETECTOR_PIXEL_DEG
        for offset in aspect_offsets(aspect, boresight)
    ]
    centre = DETECTOR_PIXELS / 2
    col = along_col + (centre - half_drift[0])[:, None] * towards
    row = along_row + (centre - half_drift[1])[:, None] * towards
    return np.stack([col, row, towards], axis=1)


def _east_north(ra: Floats, dec: Floats) -> tuple[Floats, Floats]:
    """Return unit vectors towards rising right ascension and declination."""
    a, d = np.radians(ra), np.radians(dec)
    east = np.stack([-np.sin(a), np.cos(a), np.zeros_like(a)], axis=-1)
    north = np.stack([-np.sin(d) * np.cos(a), -np.sin(d) * np.sin(a), np.cos(d)], axis=-1)
    return east, north


def _tangent_axes(ra: float, dec: float) -> Floats:
    """Return the matrix that takes (1, u, v) on the tangent plane to a direction."""
    east, north = _east_north(np.array(ra), np.array(dec))
    return np.stack([unit_vectors(ra, dec), east, north], axis=-1)


def _between(points: Floats, reached: Floats) -> slice:
    """Return the part of a rising or falling axis between the extremes of what is reached."""
    inside = np.flatnonzero((points >= reached.min()) & (points <= reached.max()))
    return slice(int(inside[0]), int(inside[-1]) + 1) if len(inside) else slice(0, 0)
