"""The photons of a movie, held in nine bytes each, and the frames that are made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.products.frame_times import FrameTimes
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.images.placing import COLUMNS as PLACING_COLUMNS
from gphoton_db.products.images.placing import place_photons
from gphoton_db.products.kernels.frames import add_up, group_by_frame
from gphoton_db.products.kernels.placing import Edges, PlacedPhotons
from gphoton_db.products.kernels.projection import Projection
from gphoton_db.products.masks.applied import Cells, Mask, of_masked
from gphoton_db.products.photon_batches import Photons, RowGroup, map_photons
from gphoton_db.progress import Progress, no_progress

if TYPE_CHECKING:
    from astropy.table import Table

COLUMNS = ("t_ms", *PLACING_COLUMNS)

Grouped = tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.uint8], NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class SparseImage:
    """An image as its pixels that have photons.

    ``pixel`` (n,) int32: positions in the flattened image, rising; ``count`` (n,) float32: sums
    of weights; ``flag`` (n,) uint8: bits of the flag image.
    """

    shape: tuple[int, int]
    pixel: NDArray[np.int32]
    count: NDArray[np.float32]
    flag: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame of a movie; its images are made when they are asked for.

    Parameters
    ----------
    number : int
        From 0.
    t0, t1 : float
        GALEX s, half-open.
    exposure : float
        Effective exposure, s; 0 where the shutter was closed.
    sparse : SparseImage
        The pixels that have photons.
    """

    number: int
    t0: float
    t1: float
    exposure: float
    sparse: SparseImage

    @property
    def count(self) -> NDArray[np.float32]:
        """Sums of photon weights, (rows, columns); made anew each time."""
        image = np.zeros(self.sparse.shape, np.float32)
        image.reshape(-1)[self.sparse.pixel] = self.sparse.count
        return image

    @property
    def flag(self) -> NDArray[np.uint8]:
        """Flag bits, (rows, columns); made anew each time."""
        image = np.zeros(self.sparse.shape, np.uint8)
        image.reshape(-1)[self.sparse.pixel] = self.sparse.flag
        return image


@dataclass(frozen=True, eq=False)
class MoviePhotons:
    """Photons in runs of a row group each, and by frame within a run.

    ``pixel``, ``weight``, ``bits``: (n,) int32, float32, uint8; ``start`` (runs, frames + 1)
    int64: where the photons of a frame start in a run, and where the last frame's end.
    """

    shape: tuple[int, int]
    pixel: NDArray[np.int32]
    weight: NDArray[np.float32]
    bits: NDArray[np.uint8]
    start: NDArray[np.int64]

    def within(self, first: int, stop: int) -> list[NDArray[np.float32]]:
        """Return the weights of the photons in the frames ``first <= number < stop``, by run."""
        runs = zip(self.start[:, first], self.start[:, stop], strict=True)
        return [self.weight[a:b] for a, b in runs]

    def image(self, first: int, stop: int) -> SparseImage:
        """Return the sum of the frames ``first <= number < stop``."""
        segments = np.column_stack((self.start[:, first], self.start[:, stop]))
        rows, columns = self.shape
        found = add_up(self.pixel, self.weight, self.bits, segments, columns, rows)
        return SparseImage(self.shape, *found)


@dataclass(frozen=True, eq=False)
class MovieFrames:
    """The frames of a leg and what is known of them: what is written and drawn of a `Movie`.

    ``leg``, ``geometry``, ``times``, ``exposures``, ``photons``, ``coverage``, ``edges`` and
    ``mask`` are described there.
    """

    leg: LegRecord
    geometry: ImageGeometry
    times: FrameTimes
    exposures: "Table"
    photons: MoviePhotons
    coverage: NDArray[np.uint8]
    edges: Edges
    mask: Mask

    def __len__(self) -> int:
        return self.times.n_frames

    @property
    def depth(self) -> float:
        """Length of a frame, s."""
        return self.times.depth_ms / 1000


class MovieSums:
    """The photons of a movie while those of one row group after the other are added.

    Parameters
    ----------
    n_photons : int
        Room is made for so many.
    n_groups : int
        Row groups that will be added.
    shape : tuple of int
        Of every frame.
    times : FrameTimes
        When frames begin and end.
    """

    def __init__(
        self, n_photons: int, n_groups: int, shape: tuple[int, int], times: FrameTimes
    ) -> None:
        self._shape = shape
        self._pixel = np.empty(n_photons, np.int32)
        self._weight = np.empty(n_photons, np.float32)
        self._bits = np.empty(n_photons, np.uint8)
        self._starts = np.zeros((n_groups, times.n_frames + 1), np.int64)
        self._n = self._run = 0

    def add(self, part: Grouped) -> None:
        """Add the photons of a row group."""
        n, stop = self._n, self._n + len(part[0])
        self._pixel[n:stop], self._weight[n:stop], self._bits[n:stop] = part[:3]
        self._starts[self._run] = part[3] + n
        self._n, self._run = stop, self._run + 1

    def photons(self) -> MoviePhotons:
        """Return what was added."""
        n = self._n
        return MoviePhotons(
            self._shape, self._pixel[:n], self._weight[:n], self._bits[:n], self._starts
        )


def collect_photons(
    groups: Sequence[RowGroup],
    n_photons: int,
    geometry: ImageGeometry,
    times: FrameTimes,
    edges: Edges,
    *,
    cells: Cells | None,
    threads: int,
    on_progress: Progress = no_progress,
) -> MoviePhotons:
    """Read the photons of a movie, once.

    Parameters
    ----------
    groups : sequence of (Path, int)
        Row groups of the leg's photon files.
    n_photons : int
        Photons in them: room is made for so many.
    geometry : ImageGeometry
        Of every frame.
    times : FrameTimes
        When frames begin and end.
    edges : Edges
        Thresholds of the two edge bits.
    cells : (800, 800) bool or None
        That count as hotspots; None: no others than photons say.
    threads : int
        How many read.
    on_progress : callable, optional
        Told ``("reading", done, total)``, in row groups.
    """
    sums = MovieSums(n_photons, len(groups), geometry.shape, times)
    group = of_masked(
        partial(_grouped, projection=geometry.projection, times=times, edges=edges), cells
    )
    for run, part in enumerate(map_photons(groups, COLUMNS, group, threads=threads), start=1):
        sums.add(part)
        on_progress("reading", run, len(groups))
    return sums.photons()


def in_frames(placed: PlacedPhotons, t_ms: NDArray[np.int64], times: FrameTimes) -> Grouped:
    """Return placed photons in the order of their frames; see `group_by_frame`."""
    found: Grouped = group_by_frame(placed, t_ms, times.start_ms, times.depth_ms, times.n_frames)
    return found


def _grouped(photons: Photons, projection: Projection, times: FrameTimes, edges: Edges) -> Grouped:
    return in_frames(place_photons(photons, projection, edges), photons["t_ms"], times)
