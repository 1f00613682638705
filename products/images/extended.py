"""The extended set of an image: what the photons of each pixel have measured, in little memory.

Sums take 52 bytes a pixel, and the six planes another 24: so sums are made for some rows at a
time, of the photons that are read once more, and planes lie in a file until they are asked for.
"""

import os
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.mission import DETECTOR_CENTRE
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.images.placing import COLUMNS, place_photons
from gphoton_db.products.kernels.moments import (
    MOMENTS,
    MeansAndDeviations,
    Readings,
    add_moments,
    means_and_deviations,
)
from gphoton_db.products.kernels.placing import Edges
from gphoton_db.products.photon_batches import Photons, RowGroup, map_photons

READINGS = ("col", "row", "ya", "q")

PLANES = tuple(name.upper() for name in MeansAndDeviations._fields)

PIXELS_AT_ONCE = 1_000_000
"""Pixels whose sums are kept at a time."""

Plane = NDArray[np.float32]

RowRange = tuple[int, int]
"""First and last row of an image that a row group has photons in."""


class KeptPlanes(Mapping[str, Plane]):
    """Planes of an image in a temporary file; each is read when it is asked for.

    Parameters
    ----------
    names : sequence of str
        Of the planes.
    shape : tuple of int
        Of each.

    Raises
    ------
    ProductError
        If there is no room for the file.
    """

    def __init__(self, names: Sequence[str], shape: tuple[int, int]) -> None:
        self._names = tuple(names)
        self._shape = shape
        self._file, path = tempfile.mkstemp(prefix="gphoton-db-planes-")
        Path(path).unlink()  # it goes with the last who has it open
        weakref.finalize(self, os.close, self._file)

    def put(self, name: str, first_row: int, values: Plane) -> None:
        """Put some rows of a plane, (rows, columns), in place."""
        content = memoryview(np.ascontiguousarray(values).data).cast("B")
        at = self._start(name) + first_row * self._shape[1] * values.itemsize
        try:
            while len(content):
                written = os.pwrite(self._file, content, at)
                content, at = content[written:], at + written
        except OSError as error:
            raise ProductError(
                f"{tempfile.gettempdir()}: no room for the planes of an image "
                f"({error.strerror}): name another folder in TMPDIR"
            ) from None

    def __getitem__(self, name: str) -> Plane:
        if name not in self._names:
            raise KeyError(name)
        values = np.empty(self._shape, np.float32)
        content, at = memoryview(values.data).cast("B"), self._start(name)
        while len(content) and (read := os.preadv(self._file, [content], at)):
            content, at = content[read:], at + read
        return values

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _start(self, name: str) -> int:
        return self._names.index(name) * self._shape[0] * self._shape[1] * 4


def extended_planes(
    groups: Sequence[RowGroup],
    rows: Sequence[RowRange],
    geometry: ImageGeometry,
    *,
    threads: int,
) -> KeptPlanes:
    """Return the extended set of an image.

    Parameters
    ----------
    groups : sequence of (Path, int)
        Row groups of its photons.
    rows : sequence of (int, int)
        Where the photons of each are.
    geometry : ImageGeometry
        Of the image.
    threads : int
        How many read.

    Raises
    ------
    ProductError
        If there is no room for a file with the planes.
    """
    n_rows, n_columns = geometry.shape
    planes = KeptPlanes(PLANES, geometry.shape)
    at_once = max(PIXELS_AT_ONCE // n_columns, 1)
    bounds = np.array(rows, np.int64).reshape(-1, 2)
    for first in range(0, n_rows, at_once):
        stop = min(first + at_once, n_rows)
        there = np.flatnonzero((bounds[:, 0] < stop) & (bounds[:, 1] >= first)).tolist()
        pixels = range(first * n_columns, stop * n_columns)
        find = partial(_readings, geometry=geometry, pixels=pixels)
        photons, sums = np.zeros(len(pixels), np.int32), np.zeros(len(pixels), MOMENTS)
        some = [groups[k] for k in there]
        columns = tuple(dict.fromkeys((*COLUMNS, *READINGS)))
        for pixel, readings in map_photons(some, columns, find, threads=threads):
            add_moments(pixel, readings, photons, sums)
        found: MeansAndDeviations = means_and_deviations(photons, sums, DETECTOR_CENTRE)
        for name, plane in found._asdict().items():
            planes.put(name.upper(), first, plane.reshape(-1, n_columns))
    return planes


def _readings(
    photons: Photons, geometry: ImageGeometry, pixels: range
) -> tuple[NDArray[np.int64], Readings]:
    """Return pixels, from 0 for the first of some, -1 for others; and what photons measured."""
    placed = place_photons(photons, geometry.projection, Edges(1.0, 1.0))
    pixel = placed.pixel - pixels.start
    here = (pixel >= 0) & (pixel < len(pixels))
    x, y, ya, q = (photons[n][placed.row[here]].astype(np.float32) for n in READINGS)
    centre = np.float32(DETECTOR_CENTRE)
    return pixel[here], Readings(x - centre, y - centre, ya, q)
