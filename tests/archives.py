"""Small archives with a known answer, made the way a user makes one: simulate, then ingest.

`ARCHIVES` says what there is; tests/conftest.py has a session fixture for each.  They are made
when a test first asks for them and serve all tests after it, so tests read them and change
nothing: one that must change an archive copies the folder.

In every archive but ``empty_sky`` each leg sees the same `STARS` at the same places about its
boresight, and a galaxy; a hotspot lies under the detector's mask.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

import numpy as np

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from gphoton_db.simulate.light_curves import Constant, Dimming, Flare, LightCurve, Sinusoid
from gphoton_db.simulate.plan import Detector, LegPlan
from gphoton_db.simulate.projection import plane_to_sky
from gphoton_db.simulate.scene import BandRates, Galaxy, Ghost, Hotspot, Scene, Source
from gphoton_db.simulate.synthetic_calibration import HOTSPOTS
from gphoton_db.simulate.visit import Visit, simulate_visit


class Star(IntEnum):
    """Numbers of the stars in the field of one leg."""

    BRIGHT = 0
    BLUE = 1
    FAINT = 2
    FLARING = 3
    PULSATING = 4
    ECLIPSING = 5
    NEAR_THE_EDGE = 6


@dataclass(frozen=True)
class _InTheField:
    """A star by its place about the boresight (arcsec to the east and north) and its rates."""

    east: float
    north: float
    nuv: float
    fuv: float
    light_curve: LightCurve = field(default_factory=Constant)


STARS = {
    Star.BRIGHT: _InTheField(-150.0, 240.0, 60.0, 20.0),
    Star.BLUE: _InTheField(420.0, 90.0, 15.0, 45.0),
    Star.FAINT: _InTheField(-330.0, -420.0, 2.0, 1.0),
    Star.FLARING: _InTheField(
        240.0, -300.0, 4.0, 3.0, Flare(start=25.0, peak=25.0, rise=2.0, decay=8.0)
    ),
    Star.PULSATING: _InTheField(900.0, 600.0, 20.0, 15.0, Sinusoid(period=12.0, amplitude=0.6)),
    Star.ECLIPSING: _InTheField(
        -960.0, 330.0, 25.0, 15.0, Dimming(middle=30.0, duration=14.0, depth=0.8, ingress=2.0)
    ),
    Star.NEAR_THE_EDGE: _InTheField(-300.0, 2200.0, 20.0, 15.0),
}
"""Photons a second in each band.  Light curves count from the start of the visit, so after its
first leg, of a minute, only the pulsating star still changes."""

GALAXY = _InTheField(-600.0, -900.0, 40.0, 30.0)
GHOST = _InTheField(750.0, -450.0, 10.0, 10.0)
BACKGROUND = BandRates(nuv=900.0, fuv=500.0)


@dataclass(frozen=True, eq=False)
class SessionArchive:
    """An archive, and the truth behind it.

    Parameters
    ----------
    archive_path : Path
        Its folder, for ``Archive(archive_path)``.
    visits : tuple of Visit
        What was ingested, in order: scene, pointing, files and the truth of every event.
    """

    archive_path: Path
    visits: tuple[Visit, ...]

    @property
    def visit(self) -> Visit:
        """The first visit, of most archives the only one."""
        return self.visits[0]

    def star(self, star: Star, *, leg: int = 0) -> Source:
        """Return a star as the scene has it."""
        return self.visit.scene.sources[len(STARS) * leg + star]


@dataclass(frozen=True)
class Observation:
    """One visit to make: band, eclipse, where it points, and what differs from the plain one."""

    legs: tuple[LegPlan, ...]
    band: Band = Band.NUV
    eclipse: int = 23500
    detector: Detector = field(default_factory=Detector)
    scene: Scene | None = None

    def make(self, directory: Path, calibration: Path, *, seed: int) -> Visit:
        """Write the visit's files below `directory`."""
        return simulate_visit(
            directory,
            calibration=calibration,
            band=self.band,
            eclipse=self.eclipse,
            legs=self.legs,
            scene=known_sky(self) if self.scene is None else self.scene,
            detector=self.detector,
            seed=seed,
        )


def known_sky(observation: Observation, *, centres: tuple[LegPlan, ...] = ()) -> Scene:
    """Return the stars and the galaxy about every leg, or about other `centres`."""
    centres = centres or observation.legs
    return Scene(
        sources=tuple(
            Source(*_place(star, leg), rate=_rates(star), light_curve=star.light_curve)
            for leg in centres
            for star in STARS.values()
        ),
        galaxies=tuple(
            Galaxy(
                *_place(GALAXY, leg),
                rate=_rates(GALAXY),
                half_light_radius=15.0,
                axis_ratio=0.5,
                position_angle=30.0,
            )
            for leg in centres
        ),
        hotspots=(_masked_hotspot(observation.band),),
        ghosts=() if observation.eclipse < 38150 else (Ghost(*_place(GHOST, centres[0]), 10.0),),
        background=BACKGROUND,
    )


def _place(star: _InTheField, leg: LegPlan) -> tuple[float, float]:
    """Return ra, dec (deg)."""
    west, north = np.array([-star.east]), np.array([star.north])
    ra, dec = plane_to_sky(west, north, leg.ra0, leg.dec0, 0.0)
    return float(ra[0]), float(dec[0])


def _rates(star: _InTheField) -> BandRates:
    return BandRates(nuv=star.nuv, fuv=star.fuv)


def _masked_hotspot(band: Band) -> Hotspot:
    """Return a spot under a hotspot of the synthetic mask, that of FUV being shifted."""
    col, row, _ = HOTSPOTS[1]
    return Hotspot(col + 0.5 + (40 if band is Band.FUV else 0), row + 0.5, 10.0)


FIELD = (LegPlan(150.1, 2.2),)
FOUR_FIELDS = tuple(LegPlan(150.1 + 1.5 * k, 2.2, duration=60 if k == 0 else 35) for k in range(4))
NEXT_TO_THE_FIELD = (LegPlan(150.1, 2.45, roll0=40.0),)

ARCHIVES: dict[str, tuple[Observation, ...]] = {
    "one_leg": (Observation(FIELD),),
    "multi_leg": (Observation(FOUR_FIELDS),),
    "two_bands": (Observation(FIELD), Observation(FIELD, Band.FUV)),
    "post_csp": (
        Observation(FIELD, eclipse=40000, detector=Detector(separation=5135.5, shift=(8.0, -11.0))),
    ),
    "across_ra_0": (Observation((LegPlan(0.05, 30.0),)),),
    "near_the_pole": (Observation((LegPlan(200.0, 85.0),)),),
    "empty_sky": (Observation(FIELD, scene=Scene(background=0.2)),),
    "overlapping_visits": (
        Observation(FIELD),
        Observation(
            NEXT_TO_THE_FIELD,
            eclipse=23510,
            scene=known_sky(Observation(NEXT_TO_THE_FIELD), centres=FIELD),
        ),
    ),
}
"""What is observed for each archive, by the name of its fixture."""

MakeArchive = Callable[[str], SessionArchive]


def make_archive(directory: Path, calibration: Path, name: str) -> SessionArchive:
    """Simulate and ingest the visits of one of `ARCHIVES` below `directory`."""
    visits = tuple(
        observation.make(directory / str(seed), calibration, seed=seed)
        for seed, observation in enumerate(ARCHIVES[name], start=1)
    )
    archive_path = directory / "archive"
    with Archive(archive_path) as archive:
        for visit in visits:
            archive.ingest(
                visit.eclipse,
                visit.band,
                raw6=visit.raw6,
                pointing=visit.pointing,
                calibration=visit.calibration,
            )
    return SessionArchive(archive_path, visits)
