"""Frames hold all photons, and a depth that is not valid is refused."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gphoton_db.errors import ProductError
from gphoton_db.products.frame_times import plan_frames

FIRST_MS = 874_361_244_995


@given(length=st.integers(10, 2_000_000), data=st.data())
def test_every_time_is_in_one_frame(length: int, data: st.DataObject) -> None:
    depth_ms = data.draw(st.integers(max(5, length // 10_000), length))
    times = plan_frames(FIRST_MS, FIRST_MS + length, depth_ms / 1000)
    assert times.span_ms(0)[0] == FIRST_MS
    begin, end = times.span_ms(times.n_frames - 1)
    assert begin <= FIRST_MS + length < end == times.stop_ms


@given(offset=st.integers(-500_000, 500_000), depth_ms=st.integers(5, 40_000))
def test_aligned_frames_share_the_other_bands_edges(offset: int, depth_ms: int) -> None:
    grid_ms = FIRST_MS + offset
    times = plan_frames(FIRST_MS, FIRST_MS + 50_000, depth_ms / 1000, grid_ms=grid_ms)
    assert (times.start_ms - grid_ms) % depth_ms == 0
    assert times.start_ms <= FIRST_MS < times.start_ms + depth_ms


def test_a_start_of_ones_own_leaves_earlier_photons_out() -> None:
    times = plan_frames(FIRST_MS, FIRST_MS + 10_000, 2.0, start=(FIRST_MS + 3_000) / 1000)
    assert (times.start_ms, times.n_frames) == (FIRST_MS + 3_000, 4)


@pytest.mark.parametrize(
    ("depth", "message"),
    [
        (0.0, "are not valid"),
        (-30.0, "are not valid"),
        (0.004, "0.005 s or more"),
        (math.nan, "give a number"),
        (math.inf, "give a number"),
        (1 / 3, "whole milliseconds"),
        (10.001, "longer than all there is, 10 s"),
    ],
)
def test_a_depth_that_makes_no_sense_is_refused(depth: float, message: str) -> None:
    with pytest.raises(ProductError, match=message):
        plan_frames(FIRST_MS, FIRST_MS + 10_000, depth)


@pytest.mark.parametrize(
    ("start", "message"),
    [(FIRST_MS / 1000 + 20, "the last photon is of"), (0.0, "more than"), (math.nan, "number")],
)
def test_a_start_far_from_the_visit_is_refused(start: float, message: str) -> None:
    with pytest.raises(ProductError, match=message):
        plan_frames(FIRST_MS, FIRST_MS + 10_000, 1.0, start=start)
