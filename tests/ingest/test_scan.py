import logging
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gphoton_db.aspect.pointing import Aspect, Boresight, Leg
from gphoton_db.aspect.read import read_pointing
from gphoton_db.errors import PointingError, TelemetryError
from gphoton_db.ingest import raw6
from gphoton_db.ingest.raw6 import open_raw6
from gphoton_db.ingest.scan import Telemetry, scan_telemetry
from gphoton_db.ingest.scratch import Scratch
from gphoton_db.mission import Band, centre_scale, stim_positions
from tests.ingest.cases import Case
from tests.ingest.reduced import reduce_made_up
from tests.ingest.telemetry_files import ECLIPSE, T0, every_5_ms, write_telemetry

T0_MS = round(T0 * 1000)
N = 1_000


def leg_between(number: int, start_ms: int, stop_ms: int) -> Leg:
    time_ms = np.array([start_ms, stop_ms])
    still = np.zeros(2)
    aspect = Aspect(time_ms, still, still, still, np.zeros(2, np.int64))
    return Leg(number, Boresight(0.0, 0.0, 0.0), aspect)


WHOLE = (leg_between(0, T0_MS, T0_MS + 5 * N),)


def scan(path: Path, legs: tuple[Leg, ...] = WHOLE) -> Telemetry:
    band = Band.NUV
    with open_raw6(path, ECLIPSE, band) as reader, Scratch(path.parent) as scratch:
        constants = centre_scale(band, ECLIPSE), stim_positions(band, ECLIPSE)
        return scan_telemetry(reader, legs, *constants, scratch)


@pytest.mark.parametrize("block_rows", [N, 137])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_a_time_that_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: float, block_rows: int
) -> None:
    monkeypatch.setattr(raw6, "BLOCK_ROWS", block_rows)
    t = every_5_ms(N)
    t[637] = value
    path = write_telemetry(tmp_path / "raw6.fits.gz", t)
    with pytest.raises(
        TelemetryError, match=rf"{path.name}: the time of event 637 is {re.escape(str(value))}"
    ):
        scan(path)


@pytest.mark.parametrize("block_rows", [N, 300], ids=["within a block", "across blocks"])
def test_times_that_go_backwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_rows: int
) -> None:
    monkeypatch.setattr(raw6, "BLOCK_ROWS", block_rows)
    t = every_5_ms(N)
    t[600:] -= 0.015
    path = write_telemetry(tmp_path / "raw6.fits.gz", t)
    with pytest.raises(TelemetryError, match=rf"{path.name}: times go backwards at event 600 .t ="):
        scan(path)


def test_times_of_more_than_an_eclipse(tmp_path: Path) -> None:
    t = every_5_ms(N)
    t[-1] += 90 * 86_400
    path = write_telemetry(tmp_path / "raw6.fits.gz", t)
    with pytest.raises(TelemetryError, match=rf"{path.name}: its times span 90 days"):
        scan(path)


def test_equal_times_are_fine(tmp_path: Path) -> None:
    t = np.repeat(every_5_ms(N // 4), 4)
    telemetry = scan(write_telemetry(tmp_path / "raw6.fits.gz", t))
    assert (telemetry.first_ms, telemetry.last_ms) == (T0_MS, T0_MS + 5 * (N // 4 - 1))
    assert telemetry.leg_rows == ((0, N),)


@pytest.mark.parametrize("block_rows", [N, 7])
def test_a_leg_has_the_rows_from_its_first_aspect_to_its_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_rows: int
) -> None:
    monkeypatch.setattr(raw6, "BLOCK_ROWS", block_rows)
    legs = (
        leg_between(0, T0_MS - 1_000, T0_MS + 500),
        leg_between(1, T0_MS + 1_001, T0_MS + 1_999),
        leg_between(2, T0_MS + 4_000, T0_MS + 9_000),
        leg_between(3, T0_MS + 10_000, T0_MS + 20_000),
    )
    telemetry = scan(write_telemetry(tmp_path / "raw6.fits", every_5_ms(N)), legs)
    assert telemetry.leg_rows == ((0, 101), (201, 400), (800, 1_000), (1_000, 1_000))


def test_rounding_to_milliseconds_is_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    exact = scan(write_telemetry(tmp_path / "exact.fits", every_5_ms(N)))
    assert exact.rounding_s < 1e-6
    assert not caplog.records
    with caplog.at_level(logging.WARNING):
        shifted = scan(write_telemetry(tmp_path / "shifted.fits", every_5_ms(N) + 0.0003))
    assert shifted.rounding_s == pytest.approx(0.0003, abs=1e-6)
    assert "shifted.fits" in caplog.text


def test_no_pointing_for_the_time_of_the_telemetry(
    synthetic_calibration: Path, tmp_path: Path
) -> None:
    visit = Case().make(tmp_path / "visit", synthetic_calibration)
    pointing = read_pointing(visit.pointing, visit.eclipse)
    pointing.legs[0].aspect.time_ms[:] += 86_400_000
    with pytest.raises(PointingError, match="eclipse 23500: no pointing for these times") as raised:
        reduce_made_up(visit, tmp_path / "out", pointing=pointing)
    for when_ms in (visit.truth.time_ms[0], pointing.legs[0].aspect.time_ms[-1]):
        assert f"{when_ms / 1000:.3f}" in str(raised.value)


def test_a_leg_without_events_is_left_out_and_said_so(
    synthetic_calibration: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    visit = Case().make(tmp_path / "visit", synthetic_calibration)
    pointing = read_pointing(visit.pointing, visit.eclipse)
    (leg,) = pointing.legs
    late = Aspect(
        leg.aspect.time_ms + 86_400_000,
        leg.aspect.ra,
        leg.aspect.dec,
        leg.aspect.roll,
        leg.aspect.flags,
    )
    legs = (leg, Leg(1, leg.boresight, late))
    reduced = reduce_made_up(visit, tmp_path / "out", pointing=replace(pointing, legs=legs))
    assert [one.leg.number for one in reduced.legs] == [0]
    assert "eclipse 23500 leg 1 has no events" in caplog.text
