"""Photons of legs by the tile that they fall on, 12 bytes each, in memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gphoton_db.kernels.arrays import read_only
from gphoton_db.mission import CELL_ORDER
from gphoton_db.products.hips.tiles import TILE_DEPTH, TILE_PIXELS, Floats, Ints
from gphoton_db.products.kernels.hips import add_photons, pixels_in_cells, usable_photons
from gphoton_db.products.maps.detector_weights import UsableDetector
from gphoton_db.products.maps.make import LegTime
from gphoton_db.products.photon_batches import Photons, RowGroup, footer_of, map_photons
from gphoton_db.products.reader import ArchiveReader, photon_files
from gphoton_db.products.sky_places import Range

_SELECTED_BY = ("col", "row", "response", "mask", "flags", "t_ms", "cell")


@dataclass(frozen=True, eq=False)
class TiledPhotons:
    """Photons that count in tiles, by tile.

    Parameters
    ----------
    order : int
        Of the tiles.
    tiles : (m,) int64
        Their numbers, rising; one may be there several times.
    first : (m + 1,) int64
        Photons ``first[k]`` to ``first[k + 1]`` are those on ``tiles[k]``.
    pixel : (n,) int32
        In the tile, nested.
    t_ms : (n,) int32
        Times since `start_ms`.
    weight : (n,) float32
        1 / response.
    start_ms : int
        GALEX ms.
    """

    order: int
    tiles: Ints
    first: Ints
    pixel: NDArray[np.int32]
    t_ms: NDArray[np.int32]
    weight: NDArray[np.float32]
    start_ms: int


def photon_columns(order: int) -> tuple[str, ...]:
    """Return the columns that tiles of an order need: up to order 4, no positions."""
    return _SELECTED_BY if order + TILE_DEPTH <= CELL_ORDER else (*_SELECTED_BY, "ra", "dec")


def place_photons(
    photons: Photons,
    intervals: Sequence[Range],
    usable: UsableDetector,
    order: int,
    start_ms: int,
) -> TiledPhotons:
    """Return the photons that count, by tile: those that `Archive.map` counts.

    Parameters
    ----------
    photons : dict of arrays
        Columns `photon_columns`, in the order of the files: by cell.
    intervals : sequence of (int, int)
        Time that counts, GALEX ms: rising, without overlap.
    usable : UsableDetector
        The part of the detector that counts.
    order : int
        Of the tiles.
    start_ms : int
        What times are counted from, GALEX ms, within 24 days of all of them.
    """
    mask = read_only(np.zeros_like(photons["mask"])) if usable.hotspots else photons["mask"]
    chosen, weight = usable_photons(
        (photons["col"], photons["row"], photons["response"]),
        mask,
        photons["flags"],
        photons["t_ms"],
        np.array(intervals, np.int64).reshape(-1, 2),
        usable.edge,
    )
    pixels = _pixels(photons, chosen, order + TILE_DEPTH)
    tile = pixels >> (2 * TILE_DEPTH)
    changes = np.flatnonzero(np.diff(tile)) + 1
    first = np.concatenate([[0], changes, [len(tile)]]) if len(tile) else np.zeros(1, np.int64)
    return TiledPhotons(
        order,
        tile[first[:-1]],
        first,
        (pixels & (TILE_PIXELS - 1)).astype(np.int32),
        (photons["t_ms"][chosen] - start_ms).astype(np.int32),
        weight,
        start_ms,
    )


def _pixels(photons: Photons, chosen: Ints, order: int) -> Ints:
    if order <= CELL_ORDER:
        return photons["cell"][chosen].astype(np.int64) >> (2 * (CELL_ORDER - order))
    return pixels_in_cells(photons["ra"], photons["dec"], photons["cell"], chosen, order)


def read_tiled(
    archive: ArchiveReader,
    timed: LegTime,
    usable: UsableDetector,
    order: int,
    *,
    within: tuple[int, int] | None = None,
    threads: int = 1,
) -> Iterator[TiledPhotons]:
    """Read the photons of a leg by tile, a row group at a time.

    Parameters
    ----------
    archive, timed
        The leg, and its time that counts.
    usable : UsableDetector
        The part of the detector that counts.
    order : int
        Of the tiles.
    within : (order, number), optional
        A tile: row groups without photons there are not read.  Others may still have photons
        elsewhere.
    threads : int
        How many read.

    Yields
    ------
    TiledPhotons
        In the order of tiles.
    """
    files = photon_files(archive, timed.leg)
    place = partial(
        place_photons,
        intervals=timed.intervals,
        usable=usable,
        order=order,
        start_ms=timed.intervals[0][0],
    )
    return map_photons(_groups(files, within), photon_columns(order), place, threads=threads)


def _groups(files: Iterable[Path], within: tuple[int, int] | None) -> list[RowGroup]:
    """Return the row groups that may have photons on a tile, by what the files state of cells."""
    found = []
    low, high = cells_of(*within) if within else (0, 12 * 4**CELL_ORDER - 1)
    for path in files:
        footer = footer_of(path)
        column = footer.schema.names.index("cell")
        for k in range(footer.num_row_groups):
            cells = footer.row_group(k).column(column).statistics
            if cells is None or not cells.has_min_max or (cells.min <= high and cells.max >= low):
                found.append((path, k))
    return found


def cells_of(order: int, tile: int) -> tuple[int, int]:
    """Return the first and the last of the cells (order `CELL_ORDER`) that a tile touches."""
    finer = 2 * (CELL_ORDER - order)
    if finer < 0:
        return tile >> -finer, tile >> -finer
    return tile << finer, ((tile + 1) << finer) - 1


def add_to_tile(
    values: Floats,
    photons: TiledPhotons,
    order: int,
    tile: int,
    intervals: Sequence[Range] = (),
    *,
    weighted: bool = True,
) -> None:
    """Add the photons on a tile to its pixels, in place.

    Parameters
    ----------
    values : (262144,) float64
        The tile's pixels in nested order; changed.
    photons : TiledPhotons
        Placed in tiles of this order or a higher one.
    order, tile : int
        Which tile.
    intervals : sequence of (int, int)
        Only photons in these times count, GALEX ms: rising, without overlap.  None: all.
    weighted : bool
        Add weights, or 1 for each photon.

    Raises
    ------
    ValueError
        If the photons were placed in tiles of a lower order.
    """
    lower = 2 * (photons.order - order)
    if lower < 0:
        raise ValueError(f"photons in tiles of order {photons.order} make no tile of {order}")
    low, high = tile << lower, (tile + 1) << lower
    if not len(photons.tiles) or photons.tiles[0] >= high or photons.tiles[-1] < low:
        return
    start, stop = np.searchsorted(photons.tiles, [low, high]).tolist()
    weight = photons.weight if weighted else np.ones_like(photons.weight)
    add_photons(
        photons.tiles[start:stop],
        photons.first[start : stop + 1],
        (photons.pixel, weight, photons.t_ms),
        np.array(intervals, np.int64).reshape(-1, 2) - photons.start_ms,
        (lower, 2 * TILE_DEPTH),
        values,
    )
