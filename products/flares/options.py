"""How flares are looked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from gphoton_db.errors import ProductError
from gphoton_db.mission import Bands
from gphoton_db.products.lightcurves.bits import LightCurveFlag
from gphoton_db.products.lightcurves.options import TimeRanges

RECIPES = ("own", "gj65")

LEFT_OUT = int(LightCurveFlag.HOTSPOT | LightCurveFlag.EDGE | LightCurveFlag.SHORT)
"""Flags of bins that say nothing of a flare: parts of it may be missing, or what is there is not
the star's."""


class FlareChoices(TypedDict, total=False):
    """Keyword arguments of `Archive.flares`: fields of `FlareOptions`."""

    distance: Any
    parallax: Any
    sigma: float
    template: bool
    temperature: bool
    recipe: Literal["own", "gj65"]
    leave_out: int
    radius: Any
    annulus: Sequence[Any] | None
    step: Any
    bands: Bands
    time_ranges: TimeRanges
    nonlinear: bool
    keep: bool


@dataclass(frozen=True)
class FlareOptions:
    """How flares are looked for, as a user says it.

    Parameters
    ----------
    distance : float, Quantity, or pair of them, optional
        Of the star, pc, and its error.  Without distance and parallax there is no energy.
    parallax : float, Quantity, or pair of them, optional
        Of the star, mas, and its error, in the place of a distance.
    sigma : float
        A flare has a bin whose rate lies this many of its errors above the quiescent one.
    template : bool
        Fit a template to each flare: fast rise and double exponential decay.
    temperature : bool
        Work out the temperature of a black body from both bands, where both have the flare.
    recipe : str
        ``own``; or ``gj65``, the recipe of the published flares of GJ 65, for comparison.
    leave_out : int
        Bits of ``flags`` of bins that are left out.
    radius, annulus, step, bands, time_ranges, nonlinear
        Of the light curve, where a position is given: see `LightCurveOptions`.
    keep : bool
        Whether the flares are kept in the archive, for the view ``flares``.

    Raises
    ------
    ProductError
        If there is no such recipe, or `sigma` is not above 0.
    """

    distance: Any = None
    parallax: Any = None
    sigma: float = 3.0
    template: bool = False
    temperature: bool = False
    recipe: Literal["own", "gj65"] = "own"
    leave_out: int = LEFT_OUT
    radius: Any = 12.8
    annulus: Sequence[Any] | None = None
    step: Any = 30
    bands: Bands = None
    time_ranges: TimeRanges = None
    nonlinear: bool = False
    keep: bool = True

    def __post_init__(self) -> None:
        if self.recipe not in RECIPES:
            raise ProductError(f"unknown recipe {self.recipe!r}: it is {' or '.join(RECIPES)}")
        if not self.sigma > 0:
            raise ProductError(f"sigma = {self.sigma!r}: give a number above 0")
        if self.distance is not None and self.parallax is not None:
            raise ProductError("distance and parallax are both given: give one of them")
