import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gphoton_db.ingest.kernels.decode import decode, unpack_rows
from gphoton_db.kernels.arrays import read_only
from gphoton_db.mission import Band, centre_scale
from gphoton_db.simulate.bits import RawFields, pack
from tests.oracle.raw6 import RawEvents, centre_and_scale
from tests.oracle.raw6 import decode as oracle_decode

FIRST_BYTE = 8
FINE = st.integers(-2048, 2047)
FIVE_BITS = st.integers(0, 31)
CLOCK = st.integers(0, 7)
EVENTS = st.lists(st.tuples(CLOCK, FINE, CLOCK, FINE, FIVE_BITS, FIVE_BITS), min_size=1)
EXTREMES = [(0, -2048, 0, -2048, 0, 0), (7, 2047, 7, 2047, 31, 31), (7, -1, 0, -1, 16, 21)]


def fields_of(events: list[tuple[int, ...]]) -> RawFields:
    return RawFields(*np.array(events, np.int64).T)


def rows_of(fields: RawFields) -> NDArray[np.uint8]:
    """Lay out events as in a raw6 table: eight bytes of time first, an unused byte last."""
    rows = np.full((len(fields), FIRST_BYTE + 6), 0xA5, np.uint8)
    rows[:, FIRST_BYTE : FIRST_BYTE + 5] = np.stack(pack(fields), axis=1)
    return read_only(rows)


@given(EVENTS)
@example(EXTREMES)
def test_unpacking_undoes_packing(events: list[tuple[int, ...]]) -> None:
    fields = fields_of(events)
    assert np.array_equal(unpack_rows(rows_of(fields), FIRST_BYTE), np.stack(fields.columns()))


@given(st.binary(min_size=5, max_size=5))
def test_any_five_bytes_are_unpacked_like_the_oracle_s(data: bytes) -> None:
    row = np.frombuffer(data, np.uint8)[None, :]
    found = unpack_rows(row, 0)[:, 0]
    assert found.tolist() == [int(v) for v in oracle_decode(*row[0].astype(np.int64))]


@given(EVENTS, st.sampled_from(list(Band)), st.sampled_from([1, 37423, 38150]))
@example(EXTREMES, Band.NUV, 38150)
def test_positions_and_phase_are_the_oracle_s(
    events: list[tuple[int, ...]], band: Band, eclipse: int
) -> None:
    fields = fields_of(events)
    time_ms = np.zeros(len(fields), np.int64)
    raw = RawEvents(eclipse, band.value, time_ms, *fields.columns())
    expected = centre_and_scale(raw)
    x, y, xb, yb, xa, ya, q = decode(rows_of(fields), FIRST_BYTE, centre_scale(band, eclipse))
    np.testing.assert_allclose(x, expected.x, rtol=1e-14, atol=1e-9)
    np.testing.assert_allclose(y, expected.y, rtol=1e-14, atol=1e-9)
    assert np.array_equal(ya, expected.ya)
    for found, given_field in ((xb, raw.xb), (yb, raw.yb), (xa, raw.xa), (q, raw.q)):
        assert np.array_equal(found, given_field)
