"""Eclipse 23500 against the reference implementation's figures, and against the truth."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gphoton_db.aspect.read import read_pointing
from gphoton_db.exposure import exposure_between
from gphoton_db.ingest.eclipse import ReducedEclipse, ReductionOptions, reduce_eclipse
from gphoton_db.mission import Band, Flag
from tests.ingest.reduced import (
    EXACT,
    STORED,
    LegTable,
    distance_arcsec,
    in_file_order,
    leg_table,
)
from tests.oracle.raw6 import read_raw6
from tests.oracle.reduction import Photons, reduce_visit
from tests.oracle.sky import read_asprta

Reference = Mapping[str, NDArray[Any]]

SCATTER_ARCSEC = 2.1
"""Point spread of the simulated sources along each axis."""


@pytest.fixture(scope="module")
def e23500(shared_galex: Path) -> Path:
    return shared_galex / "e23500"


@pytest.fixture(scope="module")
def reference(e23500: Path) -> Reference:
    with np.load(e23500 / "reference-photons.npz") as archive:
        return {key.removeprefix("b0_"): archive[key] for key in archive}


def reduced(
    e23500: Path, pointing: Path, calibration: Path, output: Path, options: ReductionOptions
) -> ReducedEclipse:
    raw6 = e23500 / "e23500-nd-raw6.fits.gz"
    found = read_pointing(pointing, 23500)
    return reduce_eclipse(raw6, 23500, Band.NUV, found, calibration, output, options)


@pytest.fixture(scope="module")
def eclipse(
    e23500: Path, reference_calibration: Path, tmp_path_factory: pytest.TempPathFactory
) -> ReducedEclipse:
    output = tmp_path_factory.mktemp("exact")
    return reduced(e23500, e23500, reference_calibration, output, EXACT)


@pytest.fixture(scope="module")
def oracle(e23500: Path, reference_calibration: Path) -> Photons:
    raw = read_raw6(e23500 / "e23500-nd-raw6.fits.gz")
    legs = read_asprta([e23500 / "e23500-b00-asprta.fits.gz"])
    return reduce_visit(raw, legs, reference_calibration).legs[0]


@pytest.fixture(scope="module")
def photons(eclipse: ReducedEclipse, oracle: Photons) -> LegTable:
    return in_file_order(leg_table(eclipse.legs[0]), oracle)


def test_photons_are_the_oracle_s(photons: LegTable, oracle: Photons) -> None:
    assert np.array_equal(photons.flags, oracle.flag)
    assert np.nanmax(distance_arcsec(photons.ra, photons.dec, oracle.ra, oracle.dec)) < 1e-6


def test_only_the_last_photon_is_new(photons: LegTable, reference: Reference) -> None:
    assert len(photons) == reference["n"] + 1
    counts = [(photons.flags[:-1] == flag).sum() for flag in reference["flag_values"]]
    assert counts == reference["flag_counts"].tolist()
    assert photons.flags[-1] == Flag.NO_POINTING


@pytest.mark.parametrize(
    ("column", "key", "scale"), [("t_ms", "t", 1000), ("q", "q", 1), ("ya", "ya", 1)]
)
def test_measured_columns_are_identical(
    photons: LegTable, reference: Reference, column: str, key: str, scale: int
) -> None:
    found = getattr(photons, column)[reference["index"]]
    assert np.array_equal(found, np.rint(reference[key] * scale))


def test_flags_are_identical(photons: LegTable, reference: Reference) -> None:
    assert np.array_equal(photons.flags[reference["index"]], reference["flags"])


@pytest.mark.parametrize("column", ["col", "row", "response"])
def test_detector_columns_agree_to_float32(
    photons: LegTable, reference: Reference, column: str
) -> None:
    found = getattr(photons, column)[reference["index"]]
    np.testing.assert_allclose(found, reference[column], rtol=1e-6, atol=2e-4)


def test_hotspots_are_identical(photons: LegTable, reference: Reference) -> None:
    known = np.isfinite(reference["response"])
    found = photons.mask[reference["index"]]
    assert np.array_equal(found[known], reference["mask"][known])


def distances(photons: LegTable, reference: Reference) -> NDArray[np.float64]:
    index = reference["index"]
    where = photons.ra[index], photons.dec[index]
    return distance_arcsec(*where, reference["ra"], reference["dec"])


def test_sky_positions_agree(photons: LegTable, reference: Reference) -> None:
    distance = distances(photons, reference)
    assert np.array_equal(np.isnan(distance), reference["flags"] != 0)
    assert np.nanmedian(distance) < 0.0005
    assert np.nanquantile(distance, 0.999) < 0.002


def test_stored_positions_agree(
    e23500: Path,
    reference_calibration: Path,
    oracle: Photons,
    reference: Reference,
    tmp_path: Path,
) -> None:
    eclipse = reduced(e23500, e23500, reference_calibration, tmp_path, STORED)
    distance = distances(in_file_order(leg_table(eclipse.legs[0]), oracle), reference)
    assert np.nanmedian(distance) < 0.005
    assert np.nanquantile(distance, 0.999) < 0.05


def test_exposure_of_the_image_and_of_every_frame_agrees(
    eclipse: ReducedEclipse, reference: Reference
) -> None:
    leg = eclipse.legs[0].photons
    assert leg.on_detector_ms is not None
    spans = [(*leg.on_detector_ms, reference["image"][0])]
    spans += [(round(t0 * 1000), round(t1 * 1000), e) for t0, t1, e in reference["frames"].T]
    assert len(spans) == 8
    for start, stop, expected in spans:
        found = exposure_between(leg.ticks, start, stop, Band.NUV).effective
        assert found == pytest.approx(expected, abs=0.001)
    t0, t1, n_photons = reference["image"][1:4]
    assert leg.on_detector_ms == (round(t0 * 1000), round(t1 * 1000))
    assert leg.ticks.unflagged.sum() == n_photons


def test_every_form_of_the_refined_pointing_gives_the_same_photons(
    e23500: Path, eclipse: ReducedEclipse, reference_calibration: Path, tmp_path: Path
) -> None:
    tables = e23500 / "aspect"
    assert read_pointing(e23500, 23500).source == "asprta"
    assert read_pointing(tables, 23500).source == "consolidated"
    other = reduced(e23500, tables, reference_calibration, tmp_path, EXACT)
    assert leg_table(other.legs[0]).same_as(leg_table(eclipse.legs[0]))
    assert other.calibration.identifier == eclipse.calibration.identifier


@dataclass(frozen=True, eq=False)
class Offsets:
    """East and north offsets of photons from a true position, arcsec."""

    east: NDArray[np.float64]
    north: NDArray[np.float64]

    def within(self, inner: float, outer: float) -> NDArray[np.bool_]:
        radius = np.hypot(self.east, self.north)
        return (radius >= inner) & (radius < outer)


@pytest.fixture(scope="module")
def around_isolated_sources(photons: LegTable, e23500: Path) -> Offsets:
    """The photons around sources that are more than 45 arcsec from any other."""
    with (e23500 / "e23500-nd-truth.csv").open() as file:
        rows = [(float(row["ra"]), float(row["dec"])) for row in csv.DictReader(file)]
    ra, dec = np.array(rows).T
    stretch = np.cos(np.radians(dec))
    apart = np.hypot((ra[:, None] - ra) * stretch, dec[:, None] - dec) * 3600
    np.fill_diagonal(apart, np.inf)
    good = photons.take(photons.flags == Flag.GOOD)
    good = good.take(np.argsort(good.dec))
    east, north = [], []
    for k in np.flatnonzero(apart.min(axis=0) > 45):
        near = slice(*np.searchsorted(good.dec, dec[k] + np.array([-15, 15]) / 3600))
        east.append((good.ra[near] - ra[k]) * stretch[k] * 3600)
        north.append((good.dec[near] - dec[k]) * 3600)
    assert len(east) > 800
    return Offsets(np.concatenate(east), np.concatenate(north))


@pytest.mark.parametrize("axis", ["east", "north"])
def test_sources_are_where_they_truly_are(around_isolated_sources: Offsets, axis: str) -> None:
    offset = getattr(around_isolated_sources, axis)
    of_source = offset[around_isolated_sources.within(0, 9)]
    # The median of 48,000 photons of this scatter is itself known to 0.012 arcsec.
    assert len(of_source) > 40_000
    assert abs(np.median(of_source)) < 0.01


@pytest.mark.parametrize("axis", ["east", "north"])
def test_photons_scatter_as_they_were_made(around_isolated_sources: Offsets, axis: str) -> None:
    offset = getattr(around_isolated_sources, axis)
    inside, annulus = (around_isolated_sources.within(*r) for r in ((0, 9), (9, 15)))
    background = annulus.sum() * 9**2 / (15**2 - 9**2)
    # A uniform disc has a mean square of radius^2 / 4 along each axis.
    squares = (offset[inside] ** 2).sum() - background * 9**2 / 4
    scatter = np.sqrt(squares / (inside.sum() - background))
    assert scatter == pytest.approx(SCATTER_ARCSEC, abs=0.05)
