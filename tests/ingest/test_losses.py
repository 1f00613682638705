"""How many photons with good aspect end without a position."""

import numpy as np
import pytest

from gphoton_db.aspect.pointing import Aspect
from gphoton_db.exposure import Ticks
from gphoton_db.ingest.losses import lost_part

SECONDS = 20


def aspect(flags: list[int]) -> Aspect:
    zeros = np.zeros(len(flags))
    return Aspect(1000 * np.arange(len(flags)), zeros, zeros, zeros, np.array(flags))


def ticks(events: int, unflagged: int) -> Ticks:
    t_ms = np.arange(0, 1000 * SECONDS, 100)
    each = np.ones(len(t_ms), np.int64)
    return Ticks(t_ms, events * each, unflagged * each)


@pytest.mark.parametrize(("unflagged", "lost"), [(10, 0.0), (8, 0.2), (0, 1.0)])
def test_the_lost_part(unflagged: int, lost: float) -> None:
    found = lost_part(ticks(10, unflagged), aspect([0] * SECONDS), np.empty(0, np.int64))
    assert found == pytest.approx(lost)


def test_seconds_without_good_aspect_do_not_count() -> None:
    some = ticks(10, 10)
    some.unflagged[:100] = 0
    flags = [1] * 10 + [0] * 10
    assert lost_part(some, aspect(flags), np.empty(0, np.int64)) == 0.0


def test_stims_do_not_count() -> None:
    stim_ms = np.repeat(np.arange(0, 1000 * SECONDS, 100), 4)
    assert lost_part(ticks(10, 6), aspect([0] * SECONDS), stim_ms) == 0.0


def test_nothing_is_lost_of_nothing() -> None:
    assert lost_part(ticks(0, 0), aspect([0] * SECONDS), np.empty(0, np.int64)) == 0.0
    assert lost_part(ticks(5, 0), aspect([1] * SECONDS), np.empty(0, np.int64)) == 0.0
