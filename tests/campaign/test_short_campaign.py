"""A short, seeded part of the campaign: no traceback, and nothing wrong without a word.

Longer: call the generators with other seeds and numbers.
"""

import warnings
from pathlib import Path

import pytest

from tests.campaign.mission_files import (
    ECLIPSE,
    damaged_calibration,
    damaged_pointing,
    damaged_regions,
    damaged_telemetry,
)
from tests.campaign.outcome import Outcome, Tried, run
from tests.campaign.position_lists import damaged_lists
from tests.campaign.settings_files import damaged_settings
from tests.ingest.telemetry_files import every_5_ms, write_telemetry

SEED = 20261128


def assert_clear(results: list[Tried], n: int) -> None:
    """Check that each came to a clear error or was read; and that there were some of both."""
    bad = [r for r in results if r.outcome in (Outcome.TRACEBACK, Outcome.WRONG)]
    assert bad == []
    assert len(results) == n
    assert {r.outcome for r in results} == {Outcome.CLEAR_ERROR, Outcome.ACCEPTED}


def test_lists_of_positions(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what readers of others say of damaged files
        assert_clear(run(damaged_lists(tmp_path, SEED, 100)), 100)


def test_settings(tmp_path: Path) -> None:
    assert_clear(run(damaged_settings(tmp_path, SEED, 300)), 300)


def test_pointing(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_clear(run(damaged_pointing(tmp_path, SEED, 40)), 40)


def test_telemetry(tmp_path: Path) -> None:
    header = {"ECLIPSE": ECLIPSE, "BAND": 1}
    raw6 = write_telemetry(tmp_path / "raw6.fits.gz", every_5_ms(2000), header=header)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_clear(run(damaged_telemetry(tmp_path, raw6, SEED, 60)), 60)


def test_calibration(tmp_path: Path, synthetic_calibration: Path) -> None:
    assert_clear(run(damaged_calibration(tmp_path, synthetic_calibration, SEED, 30)), 30)


@pytest.mark.parametrize("seed", [SEED, SEED + 1])
def test_regions(seed: int) -> None:
    assert_clear(run(damaged_regions(seed, 100)), 100)
