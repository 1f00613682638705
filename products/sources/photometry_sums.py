"""Photons in apertures about sources, for the whole leg and frame by frame, by two methods."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.apertures.sums import Measurement, sums_of
from gphoton_db.products.apertures.targets import MaskedSources, Targets
from gphoton_db.products.bins import Bins
from gphoton_db.products.frame_times import FrameTimes
from gphoton_db.products.kernels.circles import FrameSums, add_in_circles, circles_on_pixels
from gphoton_db.products.kernels.placing import HOTSPOT_BIT, WIDE_EDGE_BIT
from gphoton_db.products.masks.applied import Cells
from gphoton_db.products.movies.frames import MoviePhotons
from gphoton_db.products.photon_batches import RowGroup

PIXELS_AT_ONCE = 10_000_000
"""Pixels of circles that are held at a time, in 28 bytes each."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measured:
    """What sources have in an aperture, each (sources, frames).

    ``photons``: how many; ``counts``: sum of weights; ``variance``: its variance; ``bits`` uint8:
    those of the flag image, any photon's.
    """

    photons: Floats
    counts: Floats
    variance: Floats
    bits: NDArray[np.uint8]

    def whole(self) -> "Measured":
        """Return the sums over the frames, (sources, 1)."""
        photons, counts, variance = (
            each.sum(axis=1)[:, None] for each in (self.photons, self.counts, self.variance)
        )
        bits = np.bitwise_or.reduce(self.bits, axis=1)[:, None]
        return Measured(photons, counts, variance, bits)


def measure_pixels(photons: MoviePhotons, x: Floats, y: Floats, radius: float) -> Measured:
    """Return sums over pixels, each by the part of it that lies in the circle.

    Parameters
    ----------
    photons : MoviePhotons
        The photons of the leg, on pixels and in frames.
    x, y : (n,) float64
        Sources, pixels from 0 at the centre of the first; NaN: nothing is measured.
    radius : float
        Pixels.
    """
    n_frames, (n_rows, n_columns) = photons.start.shape[1] - 1, photons.shape
    measured = _empty(len(x), n_frames)
    at_once = max(int(PIXELS_AT_ONCE / (math.pi * (radius + 1.5) ** 2)), 1)
    for first in range(0, len(x), at_once):
        rows = slice(first, first + at_once)
        circles = circles_on_pixels(x[rows], y[rows], radius, n_columns, n_rows)
        sums = FrameSums(
            measured.photons[rows],
            measured.counts[rows],
            measured.variance[rows],
            measured.bits[rows],
        )
        for start in photons.start:
            add_in_circles(photons.pixel, photons.weight, photons.bits, start, circles, sums)
    return measured


def measure_photons(
    groups: Sequence[RowGroup],
    targets: Targets,
    radius: float,
    times: FrameTimes,
    cells: Cells | None,
    threads: int,
) -> Measured:
    """Return sums over the unflagged photons in the circle itself, without pixels.

    Parameters
    ----------
    groups : sequence of (Path, int)
        Row groups of the leg's photon files.
    targets : Targets
        The sources.
    radius : float
        Arcsec.
    times : FrameTimes
        The frames.
    cells : (800, 800) bool or None
        That count as hotspots; None: no others than photons say.
    threads : int
        How many read.
    """
    measured = _empty(len(targets), times.n_frames)
    known = np.flatnonzero(~np.isnan(targets.ra))
    if not len(known):
        return measured
    spans = np.array([times.span_ms(k) for k in range(times.n_frames)], np.int64)
    bins = Bins(spans[:, 0].copy(), spans[:, 1].copy(), np.zeros(len(spans)))
    how = Measurement(Aperture(radius), threads=threads)
    sums, _ = sums_of(groups, targets.take(known), how, MaskedSources.none(), bins, cells)
    measured.photons[known] = sums.counts
    measured.counts[known] = sums.moments["weight"]
    measured.variance[known] = sums.moments["squared_weight"]
    hotspot, edge = (sums.bits & 1) > 0, (sums.bits & 2) > 0
    measured.bits[known] = hotspot * HOTSPOT_BIT + edge * WIDE_EDGE_BIT
    return measured


def _empty(n: int, n_frames: int) -> Measured:
    photons, counts, variance = (np.zeros((n, n_frames)) for _ in range(3))
    return Measured(photons, counts, variance, np.zeros((n, n_frames), np.uint8))
