import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from gphoton_db.ingest.kernels.ordering import (
    NO_POSITION,
    PIXEL_BITS,
    group_by_pixel,
    order_by_cell,
    reorder,
)
from gphoton_db.ingest.kernels.reduction import PHOTON, PhotonRecords
from gphoton_db.kernels.arrays import read_only

LAST_CELL = 12 * 4**13 - 1
NEAR = st.integers(300_000_000, 300_002_000)
"""Cells of about eight sorting pixels: many photons share one."""

CELLS = st.lists(st.just(-1) | NEAR, max_size=200)


def photons_in(cells: list[int]) -> PhotonRecords:
    photons = np.zeros(len(cells), PHOTON)
    photons["cell"] = cells
    photons["offset_ms"] = np.arange(len(cells))
    return read_only(photons)


@given(CELLS)
@example([])
@example([-1])
@example([5])
@example([LAST_CELL, 0, -1, LAST_CELL])
def test_grouping_is_a_stable_sort_by_pixel(cells: list[int]) -> None:
    order, pixel, start = group_by_pixel(photons_in(cells))
    expected = np.array([c >> PIXEL_BITS if c >= 0 else NO_POSITION for c in cells], np.int64)
    assert np.array_equal(order, np.argsort(expected, kind="stable"))
    names, counts = np.unique(expected, return_counts=True)
    assert np.array_equal(pixel, names)
    assert start[0] == 0
    assert np.array_equal(np.diff(start), counts)


@given(CELLS)
@example([])
@example([-1])
@example([5])
@example([LAST_CELL, 0, -1, LAST_CELL])
def test_the_order_is_a_stable_sort_by_cell_with_none_last(cells: list[int]) -> None:
    keys = np.array([c if c >= 0 else LAST_CELL + 1 for c in cells], np.int64)
    assert np.array_equal(order_by_cell(photons_in(cells)), np.argsort(keys, kind="stable"))


@given(CELLS)
def test_reordering_moves_whole_photons(cells: list[int]) -> None:
    photons = photons_in(cells)
    order = order_by_cell(photons)
    assert np.array_equal(reorder(photons, order), photons[order])
