"""What each known fault of the reference changes, on made-up telemetry that provokes it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gphoton_db.errors import ReductionError
from gphoton_db.mission import Band
from gphoton_db.simulate.plan import Detector
from gphoton_db.simulate.visit import Visit, simulate_visit
from tests.oracle.raw6 import read_raw6
from tests.oracle.reduction import Reduction, reduce_visit
from tests.oracle.rules import OURS, REFERENCE, Rules


def reduce(visit: Visit, rules: Rules) -> Reduction:
    return reduce_visit(read_raw6(visit.raw6), visit.legs, visit.calibration, rules=rules)


@pytest.fixture(scope="module")
def visit(synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory) -> Visit:
    directory = tmp_path_factory.mktemp("rules")
    return simulate_visit(directory, calibration=synthetic_calibration, band=Band.NUV)


def test_the_reference_drops_the_last_photon(visit: Visit) -> None:
    ours, theirs = (reduce(visit, rules).legs[0] for rules in (OURS, REFERENCE))
    assert len(ours) - len(theirs) == 1
    assert ours.event[-1] == len(visit.truth) - 1


def test_the_reference_keeps_rim_photons_with_missing_corners(visit: Visit) -> None:
    ours = reduce(visit, OURS).legs[0]
    theirs = reduce(visit, replace(OURS, walk_needs_all_missing=True)).legs[0]
    changed = ours.flag != theirs.flag
    assert 0 < changed.sum() < 0.02 * len(ours)
    assert set(ours.flag[changed]) == {12}
    assert set(theirs.flag[changed]) == {0}
    assert (theirs.detrad[changed] > 380).all()


def test_single_precision_hardly_matters(visit: Visit) -> None:
    ours = reduce(visit, OURS).legs[0]
    theirs = reduce(visit, replace(OURS, single_precision=True)).legs[0]
    assert (ours.flag == theirs.flag).all()
    assert np.nanmax(abs(ours.dec - theirs.dec)) * 3600 < 0.001


def made_with_separation(directory: Path, calibration: Path, separation: float) -> Visit:
    detector = Detector(separation=separation, spread=0.5)
    return simulate_visit(directory, calibration=calibration, band=Band.NUV, detector=detector)


@pytest.mark.parametrize(("separation", "side"), [(5077.0, "below"), (5135.0, "above")])
def test_a_separation_outside_the_cube_is_an_error_unless_clamped(
    tmp_path: Path, synthetic_calibration: Path, separation: float, side: str
) -> None:
    visit = made_with_separation(tmp_path, synthetic_calibration, separation)
    with pytest.raises(ReductionError, match=f"{side} the cube"):
        reduce(visit, OURS)
    clamped = reduce(visit, replace(OURS, clamp_separation=True))
    assert (clamped.legs[0].flag == 0).sum() > 10_000


def test_the_reference_flags_everything_above_the_cube(
    tmp_path: Path, synthetic_calibration: Path
) -> None:
    visit = made_with_separation(tmp_path, synthetic_calibration, 5135.0)
    photons = reduce(visit, REFERENCE).legs[0]
    assert set(photons.flag) == {7, 12}


def test_too_few_stims_are_an_error(tmp_path: Path, synthetic_calibration: Path) -> None:
    visit = simulate_visit(
        tmp_path,
        calibration=synthetic_calibration,
        band=Band.NUV,
        detector=Detector(stim_rate=5),
    )
    with pytest.raises(ReductionError, match="2,001"):
        reduce(visit, OURS)
