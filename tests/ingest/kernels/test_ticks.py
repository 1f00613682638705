import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from gphoton_db.ingest.kernels.reduction import PHOTON
from gphoton_db.ingest.kernels.ticks import count_ticks
from gphoton_db.kernels.shutter import closed_shutter_ms

EVENTS = st.lists(st.tuples(st.integers(0, 30), st.sampled_from([0, 0, 7, 12])), max_size=100)


@given(EVENTS.map(sorted))
@example([])
def test_ticks_are_the_distinct_times(events: list[tuple[int, int]]) -> None:
    photons = np.zeros(len(events), PHOTON)
    times, flags = np.array(events, np.int64).reshape(-1, 2).T
    photons["offset_ms"], photons["flags"] = times, flags
    tick_ms, count, unflagged = count_ticks(photons)
    expected, expected_count = np.unique(times, return_counts=True)
    assert np.array_equal(tick_ms, expected)
    assert np.array_equal(count, expected_count)
    assert unflagged.tolist() == [int((flags[times == t] == 0).sum()) for t in expected]


def test_only_long_gaps_close_the_shutter() -> None:
    times = np.array([0, 49, 49, 99, 149, 1149])
    assert closed_shutter_ms(times, 50) == 50 + 50 + 1000
    assert closed_shutter_ms(times[:1], 50) == 0
