"""The background of an image: its level and its noise, without the sources.

What it gives is what photutils' ``Background2D`` gives with the same choices (the tests compare
the two), in a tenth of the time.
"""

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.kernels.background import box_statistics, median_filter

BOX = 15
"""Side of the boxes that the background is measured in, pixels."""

FILTER = 21
"""Side of the median filter over those boxes."""

N_SIGMA = 3.0
"""Where values are clipped."""

LEAST_PART = 0.9
"""Of a box's pixels: what must be in the field and not clipped for it to count."""

NEIGHBOURS = 10
"""Boxes that one without statistics is made up from."""

Floats = NDArray[np.float64]


def background(counts: Floats, outside: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return the level and the rms of the background of each pixel.

    Medians and deviations in boxes, clipped; boxes without from their neighbours; a median filter
    over the boxes, and a cubic spline between them.

    Parameters
    ----------
    counts : (rows, columns) float64
        The image.
    outside : (rows, columns) bool
        Pixels that do not count.
    """
    grids = box_statistics(counts, outside, BOX, N_SIGMA, LEAST_PART)
    level, rms = (_on_pixels(grid, counts.shape) for grid in grids)
    return level, rms


def _on_pixels(grid: Floats, shape: tuple[int, ...]) -> Floats:
    from scipy.ndimage import zoom

    if np.isnan(grid).all():
        return np.zeros(shape)
    grid = median_filter(_filled(grid), FILTER)
    if np.ptp(grid) == 0:
        return np.full(shape, grid[0, 0])
    smooth = zoom(grid, BOX, order=3, mode="reflect", grid_mode=True)[: shape[0], : shape[1]]
    return np.asarray(np.clip(smooth, grid.min(), grid.max()))


def _filled(grid: Floats) -> Floats:
    """Return the grid, unknown boxes as the mean of their neighbours, weighted by 1 / distance."""
    from scipy.spatial import cKDTree

    unknown = np.isnan(grid)
    if not unknown.any():
        return grid
    places, values = np.argwhere(~unknown), grid[~unknown]
    # The size of leaves decides which of boxes at equal distances is the tenth: photutils' own.
    distance, at = cKDTree(places, leafsize=10).query(
        np.argwhere(unknown), k=min(NEIGHBOURS, len(values))
    )
    distance, at = distance.reshape(unknown.sum(), -1), at.reshape(unknown.sum(), -1)
    filled = grid.copy()
    filled[unknown] = (values[at] / distance).sum(axis=1) / (1 / distance).sum(axis=1)
    return filled
