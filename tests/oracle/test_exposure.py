import numpy as np
import pytest

from tests.oracle.exposure import exposure

EVERY_10_MS = np.arange(0, 100_000, 10)
GOOD = np.zeros(len(EVERY_10_MS), np.int64)
NUV_SLOPE, NUV_INTERCEPT = 0.000434730599193, 77.217817988


def live(rate: float) -> float:
    return 1 - NUV_SLOPE * rate / NUV_INTERCEPT


def test_dead_time_follows_the_count_rate() -> None:
    found = exposure(EVERY_10_MS, GOOD, 0, 100_000, band="NUV")
    assert found == pytest.approx(100 * live(100), rel=1e-12)


def test_gaps_are_not_exposure() -> None:
    time_ms = EVERY_10_MS[(EVERY_10_MS <= 20_000) | (EVERY_10_MS >= 50_000)]
    found = exposure(time_ms, np.zeros(len(time_ms), np.int64), 0, 100_000, band="NUV")
    assert found == pytest.approx(70 * live(len(time_ms) / 70), rel=1e-12)


def test_flagged_photons_fill_no_gap_and_cost_no_time() -> None:
    flag = np.where((EVERY_10_MS > 20_000) & (EVERY_10_MS < 50_000), 12, 0)
    time_ms = EVERY_10_MS[flag == 0]
    expected = exposure(time_ms, np.zeros(len(time_ms), np.int64), 0, 100_000, band="NUV")
    assert exposure(EVERY_10_MS, flag, 0, 100_000, band="NUV") == expected


def test_an_interval_without_photons_has_no_exposure() -> None:
    assert exposure(EVERY_10_MS, GOOD, 200_000, 260_000, band="NUV") == 0
