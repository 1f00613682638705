from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gphoton_db.errors import ReductionError
from gphoton_db.ingest.stims import EVENTS_PER_GROUP, StimEvents, separation_line
from gphoton_db.mission import ARCSEC_PER_MICRON, Band, stim_positions
from gphoton_db.simulate.plan import Detector
from tests.ingest.cases import Case
from tests.ingest.reduced import reduce_made_up
from tests.ingest.telemetry_files import without_stims
from tests.oracle.raw6 import centre_and_scale, read_raw6
from tests.oracle.stims import separation_line as oracle_line
from tests.oracle.stims import stim_numbers

ECLIPSE = 23500
START_MS = 874_361_240_995


def stim_events(n: int, *, stretch: float = 1.0, drift: float = 0.0) -> StimEvents:
    """Make n stim events at their mean positions, stretched from the centre."""
    expected = stim_positions(Band.NUV, ECLIPSE)
    stim, t_ms = np.arange(n) % 4, START_MS + 13 * np.arange(n)
    scale = stretch + drift * (t_ms - START_MS) / 1000
    x, y = (np.array(v)[stim] * scale / ARCSEC_PER_MICRON for v in (expected.x, expected.y))
    phase = np.full(n, 7, np.uint8)
    return StimEvents(t_ms, stim.astype(np.uint8), x, y, phase, phase)


@given(st.floats(0.99, 1.01), st.floats(-1e-6, 1e-6))
def test_the_line_is_the_separation(stretch: float, drift: float) -> None:
    line = separation_line(stim_events(6_001, stretch=stretch, drift=drift), ECLIPSE)
    expected = stim_positions(Band.NUV, ECLIPSE)
    (x1, x2, x3, x4), (y1, y2, y3, y4) = expected.x, expected.y
    mean = (x2 + x4 - x1 - x3 + y1 + y2 - y3 - y4) / 4
    for seconds in (0.0, 1700.0):
        found = line.at(START_MS / 1000 + seconds)
        assert found == pytest.approx(mean * (stretch + drift * seconds), abs=0.02)


@pytest.mark.parametrize("drift", [pytest.param(0.0, marks=pytest.mark.deep), 0.05])
def test_the_line_is_the_oracle_s(
    synthetic_calibration: Path, tmp_path: Path, drift: float
) -> None:
    case = Case(detector=Detector(separation=5098.0, drift=drift))
    visit = case.make(tmp_path / "visit", synthetic_calibration)
    raw = read_raw6(visit.raw6)
    expected = oracle_line(raw, centre_and_scale(raw))
    line = reduce_made_up(visit, tmp_path / "out").solution.line
    ends = visit.truth.time_ms[[0, -1]]
    found = [line.at(t / 1000) for t in ends]
    np.testing.assert_allclose(found, expected.at(ends), rtol=0, atol=1e-7)
    assert (stim_numbers(raw, centre_and_scale(raw)) > 0).sum() > 2 * EVENTS_PER_GROUP


def test_a_last_group_of_a_thousand_or_fewer_is_left_out() -> None:
    events = stim_events(3_000)
    moved = np.where(np.arange(3_000) < 2_000, 1.0, 1.5)
    late = StimEvents(
        events.t_ms, events.stim, events.x * moved, events.y * moved, events.ya, events.yb
    )
    assert separation_line(late, ECLIPSE) == separation_line(stim_events(2_001), ECLIPSE)


@pytest.mark.parametrize("n", [0, 1, 1_000, 2_000])
def test_too_few_stims_are_an_error(n: int) -> None:
    with pytest.raises(ReductionError, match=rf"eclipse 23500: .* {n} stim events, .*2001"):
        separation_line(stim_events(n), ECLIPSE)


def test_a_missing_stim_is_an_error() -> None:
    events = stim_events(5_000)
    seen = StimEvents(*(column[events.stim != 2] for column in vars(events).values()))
    with pytest.raises(ReductionError, match=r"eclipse 23500: one of the four stims is missing"):
        separation_line(seen, ECLIPSE)


@pytest.mark.parametrize("eclipse", [23500, 40000])
def test_telemetry_without_stims_is_an_error(
    eclipse: int, synthetic_calibration: Path, tmp_path: Path
) -> None:
    case = Case(eclipse=eclipse)
    visit = case.make(tmp_path / "visit", synthetic_calibration)
    without_stims(visit.raw6)
    with pytest.raises(ReductionError, match=rf"eclipse {eclipse}: too few stims"):
        reduce_made_up(visit, tmp_path / "out")
