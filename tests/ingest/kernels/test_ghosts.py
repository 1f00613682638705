import numpy as np
import pytest
from numpy.typing import NDArray

from gphoton_db.ingest.kernels.ghosts import GRID, MIN_PHOTONS, accumulate, grid_cell, in_ghost
from gphoton_db.ingest.kernels.reduction import PHOTON
from gphoton_db.kernels.arrays import read_only

FIELD = np.array([-0.6, 0.6, -40.6, -39.4])
"""Bounds of the search: x and y, deg."""


def ya_of_photons(ya: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a column of records, as an ingest has it."""
    photons = np.zeros(len(ya), PHOTON)
    photons["ya"] = ya
    column: NDArray[np.uint8] = read_only(photons)["ya"]
    return column


def ghosts_among(
    x: NDArray[np.float64], y: NDArray[np.float64], ya: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    count, ya_sum = np.zeros(GRID**2, np.int64), np.zeros(GRID**2, np.int64)
    everywhere, ya = np.ones(len(x), np.bool_), ya_of_photons(ya)
    # In two chunks: a ghost is found over all of them.
    half = len(x) // 2
    for part in (slice(half), slice(half, None)):
        accumulate(x[part], y[part], ya[part], everywhere[part], FIELD, count, ya_sum)
    return np.asarray(in_ghost(x, y, everywhere, FIELD, count, ya_sum))


def spot(n: int, ya: int) -> NDArray[np.bool_]:
    ya_of_all = np.full(n, ya, np.uint8)
    return ghosts_among(np.full(n, 0.1), np.full(n, -40.0), ya_of_all)


@pytest.mark.parametrize(
    ("n", "ya", "expected"),
    [(MIN_PHOTONS, 5, False), (MIN_PHOTONS + 1, 5, True), (1000, 6, False), (1000, 0, True)],
)
def test_a_ghost_is_many_photons_of_low_ya(n: int, ya: int, expected: bool) -> None:
    assert spot(n, ya).tolist() == [expected] * n


def test_cells_are_those_of_a_histogram() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.uniform(-0.6, 0.6, 2_000), rng.uniform(-40.6, -39.4, 2_000)
    found = np.array([grid_cell(*place, FIELD) for place in zip(x, y, strict=True)])
    counted, _, _ = np.histogram2d(x, y, GRID, FIELD.reshape(2, 2))
    assert np.array_equal(np.bincount(found, minlength=GRID**2), counted.ravel())


def test_the_edges_belong_to_the_grid() -> None:
    assert grid_cell(-0.6, -40.6, FIELD) == 0
    assert grid_cell(0.6, -39.4, FIELD) == GRID**2 - 1


def test_photons_that_are_no_candidates_neither_count_nor_become_ghosts() -> None:
    n = 2 * MIN_PHOTONS
    x, y, ya = np.full(n, 0.1), np.full(n, -40.0), np.zeros(n, np.uint8)
    candidate = np.arange(n) < MIN_PHOTONS
    count, ya_sum = np.zeros(GRID**2, np.int64), np.zeros(GRID**2, np.int64)
    accumulate(x, y, ya_of_photons(ya), candidate, FIELD, count, ya_sum)
    assert count.sum() == MIN_PHOTONS
    assert not in_ghost(x, y, candidate, FIELD, count, ya_sum).any()
    count += 1
    assert np.array_equal(in_ghost(x, y, candidate, FIELD, count, ya_sum), candidate)
