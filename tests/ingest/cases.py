"""The made-up visits that the reduction is compared with the oracle on."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from gphoton_db.mission import Band
from gphoton_db.simulate.plan import Detector, LegPlan
from gphoton_db.simulate.scene import Ghost, Hotspot, Scene, Source
from gphoton_db.simulate.visit import Visit, simulate_visit

DEAD_PIXEL = Hotspot(301.5, 501.5, 8.0)
"""Events on the pixels where the made-up flat is 0."""

HOT_PIXEL = Hotspot(520.5, 470.5, 8.0)
"""Events on a hotspot of the made-up NUV mask."""

EVERYTHING_COUNTS = Detector(response=False, dead_time=False)
"""Photons up to the very rim, where the flat is 0."""


@dataclass(frozen=True)
class Case:
    """A visit to make: what differs from the plain one."""

    band: Band = Band.NUV
    eclipse: int = 23500
    legs: tuple[LegPlan, ...] = (LegPlan(323.4928, -2.064),)
    detector: Detector = EVERYTHING_COUNTS
    ghosts: tuple[Ghost, ...] = ()

    def make(self, directory: Path, calibration: Path) -> Visit:
        """Write the visit's files below `directory`."""
        return simulate_visit(
            directory,
            calibration=calibration,
            band=self.band,
            eclipse=self.eclipse,
            legs=self.legs,
            scene=Scene(
                self._sources(),
                hotspots=(DEAD_PIXEL, HOT_PIXEL),
                ghosts=self.ghosts,
                psf_fwhm=1.2,
            ),
            detector=self.detector,
        )

    def _sources(self) -> tuple[Source, ...]:
        """Two bright stars a leg, near its centre and half-way to its edge."""
        stars = []
        for leg in self.legs:
            stretch = np.cos(np.radians(leg.dec0))
            stars.append(Source(leg.ra0, leg.dec0 + 0.02, 80.0))
            stars.append(Source((leg.ra0 + 0.3 / stretch) % 360, leg.dec0 - 0.25, 80.0))
        return tuple(stars)


FOUR_LEGS = tuple(LegPlan(150.0 + k, 20.0, duration=40) for k in range(4))

CASES = {
    "NUV": Case(legs=(LegPlan(323.4928, -2.064, dark=((20.0, 23.0),)),)),
    "FUV": Case(band=Band.FUV),
    "drifting stims": Case(detector=replace(EVERYTHING_COUNTS, separation=5098.0, drift=0.05)),
    "four legs": Case(legs=FOUR_LEGS),
    "RA 0": Case(legs=(LegPlan(0.05, 30.0),)),
    "dec 85": Case(legs=(LegPlan(200.0, 85.0),)),
    "dec -85, FUV": Case(band=Band.FUV, legs=(LegPlan(359.9, -85.0),)),
    "post-CSP, cube a": Case(
        eclipse=40000,
        detector=replace(EVERYTHING_COUNTS, separation=5135.5, shift=(8.0, -11.0)),
    ),
    "post-CSP, cube b": Case(eclipse=38150, detector=replace(EVERYTHING_COUNTS, separation=5136.8)),
    "post-CSP, cube c": Case(eclipse=47000, ghosts=(Ghost(323.6, -2.2, 10.0),)),
    "post-CSP, RA 0": Case(
        eclipse=40000, legs=(LegPlan(0.05, -40.0),), ghosts=(Ghost(359.98, -40.1, 10.0),)
    ),
}
"""Everything that takes a path of its own through the reduction."""

SHOWN_BY_OTHERS = ("FUV", "RA 0", "dec 85")
"""By the field at dec -85, and by that at RA 0 after the anomaly."""

CASE_NAMES = [
    pytest.param(name, marks=pytest.mark.deep) if name in SHOWN_BY_OTHERS else name
    for name in CASES
]
"""For parameters of tests of all cases."""
