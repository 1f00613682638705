"""Columns of Arrow as arrays, which are those that Arrow itself makes by way of pandas."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gphoton_db.arrow_columns import values_of

FLOATS = st.none() | st.floats(width=32)
NUMBERS = {
    pa.float64(): FLOATS,
    pa.float32(): FLOATS,
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.int32(): st.integers(-(2**31), 2**31 - 1),
    pa.uint8(): st.integers(0, 255),
    pa.bool_(): st.booleans(),
}


@settings(deadline=None)
@given(st.data())
@pytest.mark.parametrize("kind", NUMBERS, ids=str)
def test_values_are_those_of_arrow(kind: pa.DataType, data: st.DataObject) -> None:
    chunks = data.draw(st.lists(st.lists(NUMBERS[kind], max_size=20), max_size=3))
    cut = data.draw(st.integers(0, 5))
    column = pa.chunked_array([pa.array(chunk, kind)[cut:] for chunk in chunks], kind)
    found, expected = values_of(column), column.to_numpy()
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def test_truth_values_that_are_not_known_are_false() -> None:
    column = pa.chunked_array([pa.array([True, None, False, True])[1:], pa.array([None, True])])
    np.testing.assert_array_equal(values_of(column), [False, False, True, False, True])


def test_whole_numbers_that_are_not_all_known_come_as_arrow_makes_them() -> None:
    found = values_of(pa.chunked_array([pa.array([1, None, 3], pa.int32())]))
    np.testing.assert_array_equal(found, [1.0, np.nan, 3.0])


def test_the_columns_memory_is_not_to_be_written_to() -> None:
    assert not values_of(pa.chunked_array([pa.array([1, 2], pa.int32())])).flags.writeable
