"""The detector histogram against fast-histogram, on the same photons.

Both multiply by 4 exactly, so a photon on the edge between two pixels is in the same one.
"""

import numpy as np
import pytest
from fast_histogram import histogram2d
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gphoton_db.kernels.arrays import read_only
from gphoton_db.products.kernels.placing import (
    DOSE_SCALE,
    DOSE_SIDE,
    Edges,
    add_ones,
    dose_indices,
    place,
)
from gphoton_db.products.kernels.projection import Projection
from tests.examples import examples

FIELD = DOSE_SIDE // DOSE_SCALE
WHOLE = st.integers(-8, DOSE_SIDE + 8).map(lambda k: k / DOSE_SCALE)
ANYWHERE = st.floats(-10, FIELD + 10, width=32) | WHOLE | st.just(float("nan"))
JUST_BELOW = float(np.nextafter(np.float32(400.25), np.float32(0)))


def on_detector(col: NDArray[np.float32], row: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return which photons the image's own kernel finds on the detector."""
    n = len(col)
    projection = Projection(10.0, 0.0, 50.0, 50.0, -1 / 2400, 1 / 2400, 100, 100)
    placed = place(
        *(read_only(np.full(n, 10.0)), read_only(np.zeros(n))),
        *(read_only(col), read_only(row)),
        read_only(np.ones(n, np.float32)),
        *(read_only(np.zeros(n, bool)), read_only(np.zeros(n, np.uint8))),
        *(projection, Edges(350.0, 370.0)),
    )
    rows: NDArray[np.int32] = placed.row
    return rows


def dose_of(
    col: NDArray[np.float32], row: NDArray[np.float32], chosen: NDArray[np.int32]
) -> NDArray[np.int32]:
    dose = np.zeros(DOSE_SIDE * DOSE_SIDE, np.int32)
    add_ones(dose_indices(read_only(col), read_only(row), chosen), dose)
    return dose.reshape(DOSE_SIDE, DOSE_SIDE)


@settings(max_examples=examples(20), deadline=None)
@given(st.lists(st.tuples(ANYWHERE, ANYWHERE), max_size=30))
@example([(400.25, 400.25), (JUST_BELOW, 400.25), (0.0, 400.0), (800.0, 400.0), (400.0, 799.75)])
@example([(float("nan"), 400.0), (400.0, float("nan")), (-1.0, 400.0), (400.0, 801.0)])
def test_it_is_fast_histograms(places: list[tuple[float, float]]) -> None:
    col, row = np.array(places, np.float32).reshape(-1, 2).T.copy()
    chosen = on_detector(col, row)
    theirs = histogram2d(col[chosen], row[chosen], DOSE_SIDE, ((0, FIELD), (0, FIELD)))
    assert np.array_equal(dose_of(col, row, chosen), theirs)
    assert theirs.sum() == len(chosen)


@pytest.mark.parametrize("seed", [0, 1])
def test_it_is_fast_histograms_of_many_photons(seed: int) -> None:
    rng = np.random.default_rng(seed)
    # Quarters of pixels, which are edges of the histogram, and any other places.
    at_edges = rng.integers(0, DOSE_SIDE + 1, (2, 50_000)) / DOSE_SCALE
    col, row = np.hstack([at_edges, rng.uniform(0, FIELD, (2, 50_000))]).astype(np.float32)
    chosen = on_detector(col, row)
    theirs = histogram2d(col[chosen], row[chosen], DOSE_SIDE, ((0, FIELD), (0, FIELD)))
    assert np.array_equal(dose_of(col, row, chosen), theirs)
    assert 70_000 < len(chosen) < 90_000
