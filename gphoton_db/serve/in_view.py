"""Legs in view: those about a position, and of too many the longest of each part of the sky."""

from dataclasses import dataclass

import numpy as np

from gphoton_db.aspect.sphere import unit_vectors
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.mission import Band
from gphoton_db.serve.opened import ServedLegs
from gphoton_db.serve.parameters import Parameters

VIEW_PARAMETERS = ("ra", "dec", "radius", "limit")

LARGEST_RADIUS_ARCSEC = 180 * 3600.0

MOST_VISITS, USUAL_VISITS = 10_000, 2000
"""Of an answer; a visit is a leg of an eclipse in one band or both."""


@dataclass(frozen=True)
class LegsInView:
    """Legs of an answer.

    Parameters
    ----------
    legs : list of LegRecord
        By eclipse, band and leg.
    truncated : bool
        Whether there are more.
    """

    legs: list[LegRecord]
    truncated: bool


def begin_with(legs: ServedLegs) -> list[str]:
    """Return what the page asks for when it starts: what there is, and the outlines if few."""
    whole = f"limit={USUAL_VISITS}"
    asked = ["api/info", f"api/legs?{whole}"]
    if len(legs.places) <= USUAL_VISITS:
        asked += [f"api/coverage?band={band}&{whole}" for band in legs.bands()]
    return asked


def legs_in_view(legs: ServedLegs, asked: Parameters, band: Band | None = None) -> LegsInView:
    """Return the legs whose circle comes within a radius of a position; of a band, or of both.

    Parameters
    ----------
    legs : ServedLegs
        All of them.
    asked : Parameters
        ``ra, dec`` (deg) and ``radius`` (arcsec), or none of them: the whole sky; ``limit``.
    band : Band, optional
        Only legs of this.

    Raises
    ------
    RequestError
        If a parameter is not valid.
    """
    limit = asked.whole("limit", 1, MOST_VISITS, USUAL_VISITS)
    chosen = np.ones(len(legs.legs), np.bool_)
    if any(asked.has(name) for name in ("ra", "dec", "radius")):
        towards = unit_vectors(*asked.position())
        radius = asked.number("radius", 0.0, LARGEST_RADIUS_ARCSEC)
        chosen = legs.is_near(towards, radius / 3600.0)
    if band is not None:
        chosen &= legs.kinds[:, 2] == (band is Band.NUV)
    visits = np.unique(legs.visits[chosen])
    truncated = len(visits) > limit
    if truncated:
        shown = visits[np.argsort(legs.places[visits], kind="stable")[:limit]]
        chosen &= np.isin(legs.visits, shown)
    return LegsInView([legs.legs[k] for k in np.flatnonzero(chosen).tolist()], truncated)
