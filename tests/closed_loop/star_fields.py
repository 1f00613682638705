"""Visits to a field of isolated stars, each star with a known rate, for the closed loop.

The stars stand on a lattice on the detector.  Each keeps more than three apertures from the next,
and its whole path under the dither keeps clear of the detector's edge, of its hotspots and of its
dead pixels: what comes back of it is then a matter of response, dead time and chance alone.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from gphoton_db.simulate.light_curves import Flare
from gphoton_db.simulate.plan import Detector, LegPlan
from gphoton_db.simulate.projection import plane_to_sky
from gphoton_db.simulate.scene import Scene, Source
from gphoton_db.simulate.synthetic_calibration import DEAD_PIXELS, HOTSPOTS
from gphoton_db.simulate.visit import Visit, simulate_visit
from tests.closed_loop.photometry import APERTURE_ARCSEC

Floats = NDArray[np.float64]

SPACING_ARCSEC = 110.0
"""Of the lattice."""
FIELD_ARCSEC = 2250.0
"""Radius of the lattice; detector and flat end at 2394."""
CLEARANCE_ARCSEC = 45.0 + APERTURE_ARCSEC + 15.0
"""A dither, an aperture, and as much as position and pixel may be apart."""
N_STARS = 1000
COUNTS = 200
"""Photons to expect of a star at a response of 1."""
RATE_SPREAD = 0.4
"""Rates are spread evenly over as much to either side of their mean."""

FLARE = Flare(start=15.0, peak=20.0, rise=2.0, decay=6.0)
FLARE_RATE = 10.0
"""Quiescent photons a second of the flare star, which is the first source."""


@dataclass(frozen=True)
class StarField:
    """A visit to make.

    Parameters
    ----------
    legs : tuple of LegPlan
        Where to point; the stars are shared out among the legs.
    """

    band: Band = Band.NUV
    eclipse: int = 23500
    legs: tuple[LegPlan, ...] = (LegPlan(323.4928, -2.064),)
    detector: Detector = field(default_factory=Detector)
    seed: int = 1

    def make(self, directory: Path, calibration: Path) -> Visit:
        """Write the visit's files below `directory`."""
        return simulate_visit(
            directory,
            calibration=calibration,
            band=self.band,
            eclipse=self.eclipse,
            legs=self.legs,
            scene=Scene(sources=self.stars(), background=150.0),
            detector=self.detector,
            seed=self.seed,
        )

    def stars(self) -> tuple[Source, ...]:
        """Return the flare star, in the field of the first leg, and `N_STARS` steady ones."""
        rng = np.random.default_rng(self.seed)
        each = N_STARS // len(self.legs)
        sources: list[Source] = []
        for leg in self.legs:
            x, y = _clear_places(self.band)
            chosen = rng.permutation(len(x))[: each + (not sources)]
            ra, dec = plane_to_sky(x[chosen], y[chosen], leg.ra0, leg.dec0, leg.roll0)
            factor = rng.uniform(1 - RATE_SPREAD, 1 + RATE_SPREAD, len(chosen))
            rates = COUNTS / (leg.duration - sum(leg.odd_rows)) * factor
            stars = [Source(*star) for star in zip(ra, dec, rates, strict=True)]
            if not sources:
                stars[0] = Source(ra[0], dec[0], FLARE_RATE, light_curve=FLARE)
            sources += stars
        return tuple(sources)


def _clear_places(band: Band) -> tuple[Floats, Floats]:
    """Return all places of the lattice that are clear of trouble, detector plane, arcsec."""
    steps = np.arange(-25, 26)
    row, column = np.meshgrid(steps, steps)
    x = SPACING_ARCSEC * (column + row / 2).ravel()
    y = SPACING_ARCSEC * np.sqrt(3) / 2 * row.ravel()
    clear = np.hypot(x, y) < FIELD_ARCSEC
    for spot_x, spot_y, radius in _trouble(band):
        clear &= np.hypot(x - spot_x, y - spot_y) > radius + CLEARANCE_ARCSEC
    return x[clear], y[clear]


def _trouble(band: Band) -> list[tuple[float, float, float]]:
    """Return x, y and radius (arcsec) of the synthetic hotspots and of the dead pixels."""
    shift = 0 if band is Band.NUV else 40
    cols, rows = DEAD_PIXELS
    dead = ((cols.start + cols.stop) / 2, (rows.start + rows.stop) / 2, 3)
    spots = [dead, *((col + shift, row, radius) for col, row, radius in HOTSPOTS)]
    return [(6.0 * (col - 400), 6.0 * (row - 400), 6.0 * radius) for col, row, radius in spots]


def ingested(visit: Visit, archive_path: Path, calibration: Path) -> Path:
    """Ingest a visit, with any calibration, and return the archive's folder."""
    with Archive(archive_path) as archive:
        archive.ingest(
            visit.eclipse,
            visit.band,
            raw6=visit.raw6,
            pointing=visit.pointing,
            calibration=calibration,
        )
    return archive_path
