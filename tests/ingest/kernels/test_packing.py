import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from gphoton_db.ingest.kernels.packing import (
    FIRST_PACKED_BYTE,
    MAX_SPAN_MS,
    PARKED_BYTES,
    park,
    parked_times,
)
from gphoton_db.kernels.arrays import read_only


@given(
    st.lists(st.integers(0, MAX_SPAN_MS), min_size=1, max_size=30),
    st.integers(-(10**12), 10**12),
    st.integers(0, 20),
)
@example([0, MAX_SPAN_MS], 874_361_240_995, 8)
def test_parked_events_come_back(since_ms: list[int], first_ms: int, first_byte: int) -> None:
    rows = np.random.default_rng(1).integers(0, 256, (len(since_ms), first_byte + 6), np.uint8)
    t_ms = first_ms + np.array(since_ms)
    parked = park(rows, first_byte, t_ms, first_ms)
    assert parked.shape == (len(since_ms), PARKED_BYTES)
    assert np.array_equal(parked_times(read_only(parked), first_ms), t_ms)
    packed = rows[:, first_byte : first_byte + 5]
    assert np.array_equal(parked[:, FIRST_PACKED_BYTE:], packed)
