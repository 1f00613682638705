"""What is reduced while telemetry is read is what the whole eclipse gives."""

import logging
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from gphoton_db.aspect.read import read_pointing
from gphoton_db.calibration import CalibrationSet
from gphoton_db.ingest import leg, raw6
from gphoton_db.ingest.ahead import ReducedAhead
from gphoton_db.ingest.leg import chunks_of, collect_leg, reduce_chunk
from gphoton_db.ingest.raw6 import open_raw6
from gphoton_db.ingest.scan import scan_telemetry
from gphoton_db.ingest.scratch import Scratch
from gphoton_db.ingest.solution import solve
from gphoton_db.mission import centre_scale, stim_positions
from gphoton_db.simulate.visit import Visit


def test_chunks_of_another_layer_are_reduced_again_and_no_others(
    visit_of: Callable[[str], Visit],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(leg, "CHUNK_ROWS", 1_009)
    monkeypatch.setattr(raw6, "BLOCK_ROWS", 2_003)
    caplog.set_level(logging.INFO)
    visit = visit_of("drifting stims")
    pointing = read_pointing(visit.pointing, visit.eclipse)
    calibration = CalibrationSet.load(visit.calibration, visit.band, visit.eclipse)
    loading: Future[CalibrationSet] = Future()
    loading.set_result(calibration)
    constants = (
        centre_scale(visit.band, visit.eclipse),
        stim_positions(visit.band, visit.eclipse),
    )
    with (
        ThreadPoolExecutor(1) as executor,
        Scratch(tmp_path) as raw,
        Scratch(tmp_path) as photons,
        open_raw6(visit.raw6, visit.eclipse, visit.band) as reader,
    ):
        ahead = ReducedAhead(executor, pointing, loading, photons)
        telemetry = scan_telemetry(reader, pointing.legs, *constants, raw, on_scan=ahead.note)
        reduction = solve(telemetry, pointing, calibration, clamp_separation=False).reduction
        (one,), (rows,) = pointing.legs, telemetry.leg_rows
        origin_ms = int(one.aspect.time_ms[0])
        tasks = ahead.submit(telemetry, one, rows, reduction)
        found = collect_leg(one.number, origin_ms, photons, tasks, lambda n: None)
        for segment, chunk in zip(found.segments, chunks_of(*rows), strict=True):
            anew = reduce_chunk(telemetry, chunk, reduction, origin_ms, photons)
            assert found.read_segment(segment).tobytes() == found.read_segment(anew).tobytes()
            assert segment.on_detector_ms == anew.on_detector_ms
    said = re.search(r"leg 0: (\d+) chunks, (\d+) reduced again", caplog.text)
    assert said is not None
    assert 0 < int(said[2]) < int(said[1]) / 2
