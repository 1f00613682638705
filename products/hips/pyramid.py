"""All orders of a HiPS from its finest tiles, which come in rising order."""

from collections.abc import Callable

import numpy as np

from gphoton_db.products.hips.tiles import TILE_PIXELS, Floats, Floats32, SkyTile

Quarter = tuple[Floats, Floats32]
"""Counts and exposure of a tile as a quarter of the tile of the next lower order."""


class Pyramid:
    """Adds up tiles four by four, and hands on each that is complete; one of each order is kept.

    Parameters
    ----------
    finished : callable
        Given each tile when all below it were added, those of lower orders as well.
    """

    def __init__(self, finished: Callable[[SkyTile], None]) -> None:
        self._finished = finished
        self._open: dict[int, SkyTile] = {}

    def add(self, tile: SkyTile) -> None:
        """Add a tile that is complete: of rising numbers."""
        self._finished(tile)
        if tile.order:
            self.add_quarter(tile.order - 1, tile.number, tile.quarter())

    def add_quarter(self, order: int, child: int, quarter: Quarter) -> None:
        """Add a tile of the next higher order, its number `child`, to a tile of an order."""
        number = child >> 2
        if order in self._open and self._open[order].number != number:
            self.close(order)
        if order not in self._open:
            count, exposure = np.zeros(TILE_PIXELS), np.zeros(TILE_PIXELS, np.float32)
            self._open[order] = SkyTile(order, number, count, exposure)
        tile, size = self._open[order], TILE_PIXELS // 4
        part = slice((child & 3) * size, ((child & 3) + 1) * size)
        tile.count[part], tile.exposure[part] = quarter

    def close(self, order: int) -> SkyTile | None:
        """Hand on the open tiles of an order and of all higher ones; return the one of the order.

        None is returned where nothing was added to that.
        """
        tile = None
        for each in range(max(self._open, default=-1), order - 1, -1):
            # Handing on a tile may open one of the order below.
            tile = self._open.pop(each, None)
            if tile is not None:
                self.add(tile)
        return tile

    def finish(self) -> None:
        """Hand on everything that is open."""
        self.close(0)
