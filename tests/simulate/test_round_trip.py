"""Made-up telemetry through the oracle: photons come back to where they were put."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gphoton_db.mission import Band
from gphoton_db.simulate.plan import Detector, LegPlan
from gphoton_db.simulate.scene import Ghost, Scene, Source
from gphoton_db.simulate.visit import Visit, simulate_visit
from tests.oracle.raw6 import read_raw6
from tests.oracle.reduction import Photons, reduce_visit
from tests.oracle.sky import read_asprta

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A visit to make: what differs from the plain one."""

    band: Band = Band.NUV
    eclipse: int = 23500
    legs: tuple[LegPlan, ...] = (LegPlan(323.4928, -2.064),)
    detector: Detector = field(default_factory=Detector)
    ghosts: tuple[Ghost, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """Two bright stars a leg, near its centre and near its edge."""
        stars = []
        for leg in self.legs:
            stretch = np.cos(np.radians(leg.dec0))
            stars.append(Source(leg.ra0, leg.dec0 + 0.02, 150.0))
            stars.append(Source((leg.ra0 + 0.3 / stretch) % 360, leg.dec0 - 0.25, 150.0))
        return tuple(stars)


AFTER_CSP = Detector(separation=5135.5, shift=(8.0, -11.0))
CASES = {
    "NUV": Case(),
    "FUV": Case(band=Band.FUV),
    "drifting stims": Case(detector=Detector(separation=5098.0, drift=0.05)),
    "four legs": Case(legs=tuple(LegPlan(150.0 + k, 20.0, duration=40) for k in range(4))),
    "RA 0": Case(legs=(LegPlan(0.05, 30.0),)),
    "dec 85": Case(legs=(LegPlan(200.0, 85.0),)),
    "dec -85, FUV": Case(band=Band.FUV, legs=(LegPlan(359.9, -85.0),)),
    "post-CSP": Case(eclipse=40000, detector=AFTER_CSP),
    "post-CSP, cube b": Case(eclipse=38150, detector=Detector(separation=5136.8)),
    "post-CSP, RA 0": Case(
        eclipse=40000, legs=(LegPlan(0.05, -40.0),), ghosts=(Ghost(359.98, -40.1, 10.0),)
    ),
    "post-CSP, cube c": Case(eclipse=47000, ghosts=(Ghost(323.6, -2.2, 10.0),)),
}


SHOWN_BY_OTHERS = ("FUV", "RA 0", "dec 85", "post-CSP", "post-CSP, cube b", "post-CSP, RA 0")
"""By the field at dec -85 and RA 0, and by other cubes after the anomaly."""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(case, id=name, marks=[pytest.mark.deep] if name in SHOWN_BY_OTHERS else [])
        for name, case in CASES.items()
    ],
)
def reduced(
    request: pytest.FixtureRequest,
    synthetic_calibration: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Visit, tuple[Photons, ...]]:
    case: Case = request.param
    visit = simulate_visit(
        tmp_path_factory.mktemp("visit"),
        calibration=synthetic_calibration,
        band=case.band,
        eclipse=case.eclipse,
        legs=case.legs,
        scene=Scene(sources=case.sources, ghosts=case.ghosts, psf_fwhm=1.2),
        detector=case.detector,
    )
    legs = read_asprta(sorted(visit.pointing.glob("*-asprta.fits.gz")))
    raw = read_raw6(visit.raw6)
    temperature = visit.fuv_temperature
    reduction = reduce_visit(raw, legs, synthetic_calibration, fuv_temperature=temperature)
    return visit, reduction.legs


def offsets(visit: Visit, photons: Photons, rows: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return how far east and north of the truth photons came back, arcsec."""
    event = photons.event[rows]
    ra, dec = visit.truth.ra[event], visit.truth.dec[event]
    east = ((photons.ra[rows] - ra + 180) % 360 - 180) * np.cos(np.radians(dec))
    return east * 3600, (photons.dec[rows] - dec) * 3600


def test_scatter_is_that_of_whole_clock_units(
    reduced: tuple[Visit, tuple[Photons, ...]],
) -> None:
    visit, legs = reduced
    for photons in legs:
        good = photons.flag == 0
        assert good.sum() > 8_000
        east, north = offsets(visit, photons, good)
        # A unit is 0.60 (x) by 0.96 (y) arcsec in NUV, so half its diagonal is 0.57 arcsec.
        distance = np.hypot(east, north)
        assert np.quantile(distance, 0.997) < 0.75
        assert 0.15 < np.sqrt((distance**2).mean() / 2) < 0.35
        assert abs(np.mean(east)) < 0.01
        assert abs(np.mean(north)) < 0.01


def test_sources_come_back_without_bias(reduced: tuple[Visit, tuple[Photons, ...]]) -> None:
    visit, legs = reduced
    measured = 0
    for photons in legs:
        for number in range(len(visit.scene.sources)):
            rows = (photons.flag == 0) & (visit.truth.origin[photons.event] == number)
            if rows.sum() < 3_000:
                continue
            measured += 1
            east, north = offsets(visit, photons, rows)
            # The mean of n photons is known to 0.27 / sqrt(n) arcsec: 0.005 for 3,000.
            for offset in (east, north):
                assert abs(offset.mean()) < 0.01 + 2 * offset.std() / np.sqrt(len(offset))
    assert measured >= len(visit.scene.sources)


@pytest.mark.parametrize("column", ["ya", "q"])
def test_nothing_is_left_of_phase_and_pulse_height(
    reduced: tuple[Visit, tuple[Photons, ...]], column: str
) -> None:
    visit, legs = reduced
    for photons in legs:
        good = photons.flag == 0
        for offset in offsets(visit, photons, good):
            # The post-CSP slopes are 0.12 arcsec a phase, walk is up to 0.2 arcsec a step of q.
            slope, _ = np.polyfit(getattr(photons, column)[good], offset, 1)
            assert abs(slope) < 0.003


def test_photons_know_their_leg(reduced: tuple[Visit, tuple[Photons, ...]]) -> None:
    visit, legs = reduced
    for number, photons in enumerate(legs):
        on_sky = photons.event[photons.flag == 0]
        assert set(visit.truth.leg[on_sky]) == {number}
    in_a_leg = sum(len(photons) for photons in legs)
    assert (in_a_leg == len(visit.truth)) == (len(legs) == 1)


def test_ghosts_are_flagged_and_nothing_else(
    reduced: tuple[Visit, tuple[Photons, ...]],
) -> None:
    visit, legs = reduced
    ghost = visit.truth.origin[legs[0].event] == -4
    found = legs[0].flag == 120
    assert found.sum() >= 0.5 * ghost.sum()
    assert (found & ~ghost).sum() <= 0.02 * max(ghost.sum(), 1)
    assert (legs[0].ya[ghost] < 6).mean() > 0.9 if ghost.any() else not found.any()
