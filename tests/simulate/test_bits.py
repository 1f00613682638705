import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gphoton_db.simulate.bits import RawFields, join, pack
from tests.oracle.raw6 import decode

EVENT = st.tuples(
    st.integers(0, 7),
    st.integers(-2048, 2047),
    st.integers(0, 7),
    st.integers(-2048, 2047),
    st.integers(0, 31),
    st.integers(0, 31),
)


def fields_of(*events: tuple[int, ...]) -> RawFields:
    return RawFields(*np.array(events, np.int64).T)


@given(st.lists(EVENT, min_size=1, max_size=20))
def test_events_survive_packing(events: list[tuple[int, ...]]) -> None:
    decoded = decode(*(byte.astype(np.int64) for byte in pack(fields_of(*events))))
    assert np.array_equal(np.stack(decoded, axis=1), events)


def test_known_bytes() -> None:
    # xb 5, xamc -2, yb 6, yamc 1, q 19, xa 0b10110: 101 111111111110 110 000000000001 10011,
    # then bit 0, bits 2-1 and bits 4-3 of xa: 0 11 10.
    packed = [int(byte[0]) for byte in pack(fields_of((5, -2, 6, 1, 19, 0b10110)))]
    assert packed == [0b10111111, 0b11111101, 0b10000000, 0b00000110, 0b01101110]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="xamc runs from 2048"):
        fields_of((0, 2048, 0, 0, 0, 0))


def test_taking_rows_of_joined_events() -> None:
    joined = join([fields_of((1, 2, 3, 4, 5, 6)), fields_of((2, 3, 4, 5, 6, 7))])
    assert [int(c[0]) for c in joined.take(np.array([1])).columns()] == [2, 3, 4, 5, 6, 7]
