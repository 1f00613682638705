"""Exposure of all bins of a leg at once, from ticks and from seconds, against that of each."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gphoton_db.exposure import Ticks, exposure_between
from gphoton_db.mission import Band
from gphoton_db.products.bins import exposed, exposed_between, exposed_together, pauses_in

START = 874_361_245_010


@st.composite
def ticks_of_a_leg(draw: st.DrawFn) -> Ticks:
    """Return ticks with pauses of all lengths about that of a closed shutter, some flagged."""
    pauses = draw(st.lists(st.sampled_from([1, 5, 30, 49, 50, 51, 400, 1000, 3100]), min_size=1))
    t_ms = START + np.cumsum(np.array([0, *pauses], np.int64))
    good = draw(st.lists(st.integers(0, 2), min_size=len(t_ms), max_size=len(t_ms)))
    unflagged = np.array(good, np.int64)
    return Ticks(t_ms, unflagged + 1, unflagged)


@settings(deadline=None)
@given(ticks_of_a_leg(), st.integers(1, 5000), st.integers(-3000, 3000), st.sampled_from([*Band]))
def test_bins_have_the_exposure_of_each(ticks: Ticks, step: int, shift: int, band: Band) -> None:
    t0 = np.arange(START + shift, int(ticks.t_ms[-1]) + 1 + max(shift, 0), step)
    spans = np.column_stack([t0, t0 + step])
    bins = exposed(spans, ticks, band)
    each = [exposure_between(ticks, int(a), int(b), band).effective for a, b in spans]
    assert bins.exposure.tolist() == each
    assert np.array_equal(np.column_stack([bins.t0_ms, bins.t1_ms]), spans)


@settings(deadline=None)
@given(ticks_of_a_leg(), st.integers(1, 7), st.sampled_from([*Band]))
def test_seconds_say_as_much_as_ticks_for_whole_seconds(
    ticks: Ticks, step_s: int, band: Band
) -> None:
    good = ticks.t_ms[ticks.unflagged > 0]
    if not len(good):
        return
    # The last good photon on the detector may not be the last of all.
    first, last = int(good[0]), int(good[len(good) // 2])
    seconds = ticks.by_second(first, last)
    assert (np.diff(seconds.t_ms) > 0).all()
    seen = ticks.t_ms >= first
    assert seconds.events.sum() == ticks.events[seen].sum()
    t0 = np.arange(first, last + 1, 1000 * step_s)
    for spans in (np.column_stack([t0, t0 + 1000 * step_s]), np.array([[first, last + 1]])):
        exact = exposed(spans, ticks, band)
        quick = exposed_between(spans, seconds, pauses_in(ticks), band)
        assert quick.exposure.tolist() == exact.exposure.tolist()


@settings(deadline=None)
@given(
    st.lists(st.tuples(ticks_of_a_leg(), st.integers(1, 5000)), min_size=1, max_size=4),
    st.sampled_from([*Band]),
)
def test_legs_together_have_the_exposure_of_each(legs: list[tuple[Ticks, int]], band: Band) -> None:
    # All at the same time, as legs of a made archive may be: they are kept apart all the same.
    starts = [np.arange(START, int(ticks.t_ms[-1]) + 1, step) for ticks, step in legs]
    spans = [np.column_stack([t0, t0 + step]) for t0, (_, step) in zip(starts, legs, strict=True)]
    events = [ticks for ticks, _ in legs]
    together = exposed_together(spans, events, [pauses_in(each) for each in events], band)
    for bins, span, ticks in zip(together, spans, events, strict=True):
        alone = exposed(span, ticks, band)
        assert bins.exposure.tolist() == alone.exposure.tolist()
        assert np.array_equal(np.column_stack([bins.t0_ms, bins.t1_ms]), span)
