"""Calibration that does not fit the visit: separation outside the cube, FUV temperature."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gphoton_db.aspect.read import read_pointing
from gphoton_db.calibration import CalibrationSet
from gphoton_db.errors import ReductionError
from gphoton_db.ingest.detector import detector_tables
from gphoton_db.ingest.stims import SeparationLine
from gphoton_db.mission import Band, Flag
from gphoton_db.simulate.plan import Detector
from gphoton_db.simulate.synthetic_calibration import CUBE_HEADER
from gphoton_db.simulate.visit import Visit
from tests.ingest.cases import Case
from tests.ingest.reduced import EXACT, Comparison, compare, reduce_made_up
from tests.oracle.rules import OURS

CUBE_START = CUBE_HEADER["DC_D0"]
CUBE_STOP = CUBE_START + 17 * CUBE_HEADER["DC_DD"]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(CUBE_START - 2.5, id="below"),
        pytest.param(CUBE_STOP + 3.5, id="above", marks=pytest.mark.deep),
    ],
)
def outside(
    request: pytest.FixtureRequest,
    synthetic_calibration: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Visit:
    case = Case(detector=Detector(separation=request.param, spread=0.5))
    return case.make(tmp_path_factory.mktemp("outside"), synthetic_calibration)


def test_a_separation_outside_the_cube_is_an_error(outside: Visit, tmp_path: Path) -> None:
    message = r"eclipse 23500: the stim separation, (5077|5134)\.\d\d arcsec"
    with pytest.raises(ReductionError, match=message) as raised:
        reduce_made_up(outside, tmp_path)
    assert "5080.00 to 5131.00" in str(raised.value)
    assert "--clamp-separation" in str(raised.value)
    assert not list(tmp_path.rglob("*.parquet"))


def test_clamping_takes_the_nearest_layer_and_says_so(outside: Visit, tmp_path: Path) -> None:
    clamp = replace(EXACT, clamp_separation=True)
    comparison = compare(outside, tmp_path, clamp, rules=replace(OURS, clamp_separation=True))
    assert comparison.eclipse.solution.separation_clamped
    ours, theirs = comparison.pairs[0]
    assert np.array_equal(ours.flags, theirs.flag)
    assert (ours.flags == Flag.GOOD).sum() > 10_000
    np.testing.assert_allclose(ours.dec, theirs.dec, atol=1e-9)


def test_a_separation_inside_the_cube_is_not_clamped(
    visit_of: Callable[[str], Visit], tmp_path: Path
) -> None:
    clamp = replace(EXACT, clamp_separation=True)
    assert not reduce_made_up(visit_of("NUV"), tmp_path, clamp).solution.separation_clamped


def test_a_separation_that_leaves_the_cube_half_way_is_an_error(
    synthetic_calibration: Path, tmp_path: Path
) -> None:
    drifting = Detector(separation=CUBE_STOP - 1.5, drift=0.1, spread=0.5)
    visit = Case(detector=drifting).make(tmp_path, synthetic_calibration)
    with pytest.raises(ReductionError, match="outside the distortion cube"):
        reduce_made_up(visit, tmp_path / "out")


def test_fuv_needs_a_temperature(comparison_fuv: Comparison, tmp_path: Path) -> None:
    visit = comparison_fuv.visit
    pointing = read_pointing(visit.pointing, visit.eclipse)
    unknown = replace(pointing, metadata=replace(pointing.metadata, fuv_tdc_temp=None))
    with pytest.raises(ReductionError, match=r"eclipse 23500: .*temperature is not known"):
        reduce_made_up(visit, tmp_path, pointing=unknown)


@pytest.mark.parametrize("temperature", [15.0, 20.0, 40.0, 45.0])
def test_fuv_needs_a_temperature_in_range(
    comparison_fuv: Comparison, tmp_path: Path, temperature: float
) -> None:
    visit = comparison_fuv.visit
    pointing = read_pointing(visit.pointing, visit.eclipse)
    wrong = replace(pointing, metadata=replace(pointing.metadata, fuv_tdc_temp=temperature))
    with pytest.raises(ReductionError, match=rf"23500: .*{temperature:g} deg C.*20 and 40"):
        reduce_made_up(visit, tmp_path, pointing=wrong)


def test_an_eclipse_without_a_fuv_offset_is_an_error(synthetic_calibration: Path) -> None:
    fuv = CalibrationSet.load(synthetic_calibration, Band.FUV, 23500)
    line = SeparationLine(0.0, 5100.0, 0.0)
    assert detector_tables(fuv, 49_999, line, None, 29.0).cube.xoffset != 0
    with pytest.raises(ReductionError, match="eclipse 60000: the FUV offset tables end before"):
        detector_tables(fuv, 60_000, line, None, 29.0)
