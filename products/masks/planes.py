"""What each cell of the detector saw: photons, and how far they are spread over the sky."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Aspect
from gphoton_db.aspect.sphere import unit_vectors
from gphoton_db.mission import DETECTOR_PIXELS
from gphoton_db.products.photon_batches import Photons, RowGroup, photon_batches

Floats = NDArray[np.float64]

COLUMNS = ("ra", "dec", "col", "row", "flags")

_AT_ONCE = 2_000_000
"""Photons of which planes are made together: each has 640,000 cells to be cleared and added."""

_RANGE = ((0, DETECTOR_PIXELS), (0, DETECTOR_PIXELS))


@dataclass(frozen=True, eq=False)
class DetectorPlanes:
    """Sums over the unflagged photons of each detector cell; first axis col, second row.

    Parameters
    ----------
    photons : (800, 800) float64
        Their number.
    squares : (800, 800) float64
        Squares of their distances from their mean position on the sky, deg^2, added up.
    expected : (800, 800) float64
        What that is for a spot that is fixed on the detector: as far as the pointing moved.
    exposure : float
        Seconds.
    dither : float
        Root mean square distance of the pointing from its mean, deg; the largest of several legs.
    """

    photons: Floats
    squares: Floats
    expected: Floats
    exposure: float
    dither: float

    def __add__(self, other: "DetectorPlanes") -> "DetectorPlanes":
        return DetectorPlanes(
            self.photons + other.photons,
            self.squares + other.squares,
            self.expected + other.expected,
            self.exposure + other.exposure,
            max(self.dither, other.dither),
        )

    @property
    def rate(self) -> Floats:
        """Photons a second of each cell."""
        return self.photons / self.exposure if self.exposure > 0 else np.zeros_like(self.photons)

    @property
    def spread(self) -> Floats:
        """How far photons are spread over the sky, relative to the pointing.

        1 for what is fixed on the detector, and for what is everywhere on the sky, far less for a
        star; NaN without photons.
        """
        known = (self.photons > 1) & (self.expected > 0)
        safe = np.where(known, self.expected, 1.0)
        return np.where(known, np.sqrt(self.squares / safe), np.nan)


def detector_planes(
    groups: Sequence[RowGroup], aspect: Aspect, exposure: float, *, threads: int
) -> DetectorPlanes:
    """Return the planes of a leg.

    Parameters
    ----------
    groups : sequence of (Path, int)
        Row groups of its photons.
    aspect : Aspect
        Its pointing.
    exposure : float
        Of the leg, s.
    threads : int
        That read.
    """
    from fast_histogram import histogram2d

    good = np.asarray(aspect.flags) % 2 == 0
    vectors = unit_vectors(aspect.ra[good], aspect.dec[good])
    axes = _axes(vectors.mean(axis=0))
    x, y = np.degrees(vectors @ axes).T
    dither = float(np.sqrt(x.var() + y.var()))
    sums = np.zeros((4, DETECTOR_PIXELS, DETECTOR_PIXELS))
    for col, row, east, north in _gathered(groups, axes, threads):
        for k, weights in enumerate((None, east, north, east * east + north * north)):
            sums[k] += histogram2d(col, row, DETECTOR_PIXELS, _RANGE, weights=weights)
    photons = sums[0]
    safe = np.maximum(photons, 1.0)
    squares = np.maximum(sums[3] - (sums[1] ** 2 + sums[2] ** 2) / safe, 0.0)
    return DetectorPlanes(
        photons, squares, np.maximum(photons - 1, 0) * dither**2, exposure, dither
    )


def _gathered(
    groups: Sequence[RowGroup], axes: Floats, threads: int
) -> Iterator[tuple[Floats, Floats, Floats, Floats]]:
    """Yield column, row, and offsets on the sky (deg) of unflagged photons, many at a time."""
    parts: list[Floats] = []
    n = 0
    for photons in photon_batches(groups, COLUMNS, threads=threads):
        parts.append(_placed(photons, axes))
        n += parts[-1].shape[1]
        if n > _AT_ONCE:
            yield tuple(np.concatenate(parts, axis=1))
            parts, n = [], 0
    if n:
        yield tuple(np.concatenate(parts, axis=1))


def _placed(photons: Photons, axes: Floats) -> Floats:
    good = (photons["flags"] == 0) & np.isfinite(photons["ra"])
    col, row = (np.asarray(photons[name][good], np.float64) for name in ("col", "row"))
    east, north = np.degrees(unit_vectors(photons["ra"][good], photons["dec"][good]) @ axes).T
    return np.stack([col, row, east, north])


def _axes(middle: Floats) -> Floats:
    """Return two directions across that to a place, (3, 2)."""
    middle = middle / np.linalg.norm(middle)
    other = np.eye(3)[int(np.argmin(np.abs(middle)))]
    first = np.cross(middle, other)
    first /= np.linalg.norm(first)
    return np.column_stack([first, np.cross(middle, first)])
