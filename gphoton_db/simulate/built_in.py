"""The scene that `gphoton-db simulate` and `gphoton-db demo` show unless they are given another.

A field of stars about a flare star, with a pulsating star, a small galaxy and a hotspot of the
detector.  The legs lie evenly on a circle about the flare star, so that each of them sees it.
"""

import numpy as np

from gphoton_db.simulate.light_curves import Flare, Sinusoid
from gphoton_db.simulate.plan import Detector, LegPlan
from gphoton_db.simulate.projection import plane_to_sky
from gphoton_db.simulate.scene import (
    BandMagnitudes,
    BandRates,
    Galaxy,
    Hotspot,
    Scene,
    Source,
)
from gphoton_db.simulate.scene_file import VisitPlan
from gphoton_db.simulate.star_field import MagnitudeRanges, StarField, draw_stars, seen_by_any
from gphoton_db.simulate.synthetic_calibration import HOTSPOTS

CENTRE = (323.4928, -2.0640)
"""Of the scene, and place of the flare star: ra, dec, deg."""

CIRCLE_ARCSEC = 900.0
"""Radius of the circle of boresights when there is more than one."""

STARS = StarField(
    number=800, magnitude=MagnitudeRanges(nuv=(15.5, 21.0), fuv=(16.5, 22.5)), radius=0.9, seed=7
)
"""All over the fields of the legs; those that no leg sees are left out."""

BACKGROUND = BandRates(nuv=1500.0, fuv=250.0)
"""Photons a second: dark sky, thinner than GALEX's so that a demonstration is quick."""


def built_in_plan(*, legs: int = 1, duration: int = 120) -> VisitPlan:
    """Return the built-in scene and the pointings that see it.

    Parameters
    ----------
    legs : int
        How many; one looks at the flare star itself.
    duration : int
        Of each leg, s.  The star flares in the first leg, after a quarter of it.
    """
    boresights = _circle(legs)
    plans = tuple(LegPlan(ra, dec, duration=duration) for ra, dec in boresights)
    return VisitPlan(plans, _scene(duration, boresights), Detector())


def _circle(number: int) -> list[tuple[float, float]]:
    if number == 1:
        return [CENTRE]
    angle = 2 * np.pi * np.arange(number) / number
    x, y = CIRCLE_ARCSEC * np.cos(angle), CIRCLE_ARCSEC * np.sin(angle)
    ra, dec = plane_to_sky(x, y, *CENTRE, 0.0)
    return list(zip(ra.tolist(), dec.tolist(), strict=True))


def _scene(duration: int, boresights: list[tuple[float, float]]) -> Scene:
    ra, dec = CENTRE
    flare_star = Source(
        ra,
        dec,
        magnitude=BandMagnitudes(nuv=17.5, fuv=18.5),
        light_curve=Flare(start=duration / 4, peak=25.0, rise=4.0, decay=min(20.0, duration / 6)),
    )
    pulsating_star = Source(
        ra + 0.11,
        dec + 0.08,
        magnitude=BandMagnitudes(nuv=16.0, fuv=16.5),
        light_curve=Sinusoid(period=40.0, amplitude=0.6),
    )
    galaxy = Galaxy(
        ra - 0.09,
        dec + 0.12,
        half_light_radius=25.0,
        magnitude=BandMagnitudes(nuv=14.8, fuv=15.3),
        axis_ratio=0.4,
        position_angle=35.0,
    )
    stars = seen_by_any(draw_stars(STARS, ra, dec), boresights)
    col, row, _ = HOTSPOTS[0]
    return Scene(
        sources=(flare_star, pulsating_star, *stars),
        galaxies=(galaxy,),
        hotspots=(Hotspot(float(col), float(row), rate=BandRates(nuv=20.0)),),
        background=BACKGROUND,
    )
