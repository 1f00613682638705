from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gphoton_db.exposure import Exposure, Ticks, exposure_between
from gphoton_db.mission import Band
from tests.oracle.exposure import exposure

EVENTS = st.lists(
    st.tuples(st.integers(1, 2_000), st.sampled_from([0, 0, 0, 7, 12])), min_size=1, max_size=200
).map(sorted)


def ticks_of(events: list[tuple[int, int]]) -> Ticks:
    times, flags = np.array(events, np.int64).reshape(-1, 2).T
    t_ms, count = np.unique(times, return_counts=True)
    good = [(flags[times == t] == 0).sum() for t in t_ms]
    return Ticks(t_ms, count.astype(np.int32), np.array(good, np.int32))


@given(EVENTS, st.integers(0, 2_100), st.integers(0, 2_100), st.sampled_from(list(Band)))
@example([(5, 12)], 0, 100, Band.NUV)
@example([(5, 0)], 5, 5, Band.FUV)
@example([(5, 0), (55, 0), (104, 0)], 5, 100, Band.NUV)
def test_exposure_is_the_oracle_s(
    events: list[tuple[int, int]], start: int, length: int, band: Band
) -> None:
    times, flags = np.array(events, np.int64).T
    found = exposure_between(ticks_of(events), start, start + length, band).effective
    expected = exposure(times, flags, start, start + length, band=band)
    assert found == pytest.approx(expected, abs=1e-12)


@given(EVENTS, st.lists(st.integers(0, 200), max_size=5).map(sorted))
def test_ticks_of_stretches_add_up(events: list[tuple[int, int]], cuts: list[int]) -> None:
    bounds = [0, *cuts, len(events)]
    parts = [events[a:b] for a, b in pairwise(bounds)]
    joined = Ticks.concatenate([ticks_of(part) for part in parts if part])
    whole = ticks_of(events)
    for name in ("t_ms", "events", "unflagged"):
        assert np.array_equal(getattr(joined, name), getattr(whole, name))


def test_photons_that_lose_their_flag_0_no_longer_count() -> None:
    ticks = ticks_of([(1, 0), (1, 0), (1, 7), (9, 0)])
    after = ticks.without(np.array([1, 9, 1]))
    assert after.unflagged.tolist() == [0, 0]
    assert after.events.tolist() == [3, 1]
    assert ticks.unflagged.tolist() == [2, 1]


def test_an_interval_that_ends_before_it_starts_has_no_exposure() -> None:
    assert exposure_between(ticks_of([(5, 0)]), 10, 3, Band.NUV) == Exposure(0.0, 0.0)
