"""The oracle against what the reference implementation made of eclipse 23500."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.oracle.exposure import exposure
from tests.oracle.raw6 import read_raw6
from tests.oracle.reduction import Photons, reduce_visit
from tests.oracle.rules import OURS, REFERENCE, Rules
from tests.oracle.sky import read_asprta

Reference = Mapping[str, NDArray[Any]]


@pytest.fixture(scope="module")
def reference(shared_galex: Path) -> Reference:
    with np.load(shared_galex / "e23500" / "reference-photons.npz") as archive:
        return {key.removeprefix("b0_"): archive[key] for key in archive}


def photons_of_e23500(shared_galex: Path, calibration: Path, rules: Rules) -> Photons:
    raw = read_raw6(shared_galex / "e23500" / "e23500-nd-raw6.fits.gz")
    legs = read_asprta([shared_galex / "e23500" / "e23500-b00-asprta.fits.gz"])
    return reduce_visit(raw, legs, calibration, rules=rules).legs[0]


@pytest.fixture(scope="module")
def photons(shared_galex: Path, reference_calibration: Path) -> Photons:
    return photons_of_e23500(shared_galex, reference_calibration, OURS)


def test_only_the_last_photon_is_new(photons: Photons, reference: Reference) -> None:
    assert len(photons) == reference["n"] + 1
    found = {flag: int((photons.flag[:-1] == flag).sum()) for flag in reference["flag_values"]}
    assert list(found.values()) == reference["flag_counts"].tolist()


@pytest.mark.parametrize(("column", "scale"), [("time_ms", 1000), ("q", 1), ("ya", 1)])
def test_measured_columns_are_identical(
    photons: Photons, reference: Reference, column: str, scale: int
) -> None:
    expected = np.rint(reference[column.removesuffix("ime_ms")] * scale)
    assert (getattr(photons, column)[reference["index"]] == expected).all()


def test_flags_are_identical(photons: Photons, reference: Reference) -> None:
    assert (photons.flag[reference["index"]] == reference["flags"]).all()


@pytest.mark.parametrize("column", ["col", "row", "detrad", "response", "roll"])
def test_detector_columns_agree_to_float32(
    photons: Photons, reference: Reference, column: str
) -> None:
    found = getattr(photons, column)[reference["index"]]
    np.testing.assert_allclose(found, reference[column], rtol=1e-6, atol=2e-4)


def test_hotspots_are_identical(photons: Photons, reference: Reference) -> None:
    on_detector = np.isfinite(reference["response"])
    found = photons.mask[reference["index"]]
    assert (found[on_detector] == reference["mask"][on_detector]).all()


def test_sky_positions_agree(photons: Photons, reference: Reference) -> None:
    index, dec = reference["index"], np.radians(reference["dec"])
    east = (photons.ra[index] - reference["ra"]) * np.cos(dec) * 3600
    distance = np.hypot(east, (photons.dec[index] - reference["dec"]) * 3600)
    assert (np.isnan(distance) == (reference["flags"] != 0)).all()
    assert np.nanmedian(distance) < 0.0005
    assert np.nanquantile(distance, 0.999) < 0.002


def test_exposures_agree_to_the_reference_millisecond(
    photons: Photons, reference: Reference
) -> None:
    on_detector = photons.time_ms[(photons.flag == 0) & (photons.detrad < 400)]
    spans = [(on_detector[0], on_detector[-1], reference["image"][0])]
    spans += [(round(t0 * 1000), round(t1 * 1000), e) for t0, t1, e in reference["frames"].T]
    for start, stop, expected in spans:
        found = exposure(photons.time_ms, photons.flag, int(start), int(stop), band="NUV")
        assert found == pytest.approx(expected, abs=0.001)


def test_the_faults_of_the_reference_change_one_photon_here(
    photons: Photons, shared_galex: Path, reference_calibration: Path
) -> None:
    rules = replace(REFERENCE, single_precision=False)
    theirs = photons_of_e23500(shared_galex, reference_calibration, rules)
    assert len(photons) - len(theirs) == 1
    assert (photons.flag[:-1] == theirs.flag).all()
    np.testing.assert_array_equal(photons.ra[:-1], theirs.ra)
