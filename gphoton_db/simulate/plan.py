"""How the telescope is used: the pointings of a visit, and the state of its detector."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from gphoton_db.mission import Band, stim_positions
from gphoton_db.simulate.validated import (
    STRICT,
    Declination,
    NonNegative,
    Positive,
    RightAscension,
)

Interval = tuple[float, float]
"""From and to, seconds from the leg's start; the end is not part of it."""


@dataclass(frozen=True, config=STRICT)
class Spiral:
    """The mission's dither: a spiral about the boresight that grows to `radius` (arcsec)."""

    radius: NonNegative = 45.0
    period: Positive = 120.0
    kind: Literal["spiral"] = "spiral"


@dataclass(frozen=True, config=STRICT)
class PointingTable:
    """A pointing given second by second, as offsets from the boresight.

    Parameters
    ----------
    x, y : tuple of float
        Offset of the pointing in the gnomonic plane of the boresight, arcsec to the west and to
        the north, one value for each second from the leg's start on; at least ``duration + 1``.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    kind: Literal["table"] = "table"

    @model_validator(mode="after")
    def _check(self) -> "PointingTable":
        if len(self.x) != len(self.y):
            raise ValueError(f"x has {len(self.x)} values and y has {len(self.y)}")
        return self


Dither = Annotated[Spiral | PointingTable, Field(discriminator="kind")]


@dataclass(frozen=True, config=STRICT)
class LegPlan:
    """One nominal pointing.

    Parameters
    ----------
    ra0, dec0, roll0 : float
        Boresight, deg.
    duration : int
        Seconds from the first to the last aspect row.
    slew : int
        Seconds from the last aspect row to the first of the next leg.
    dither : Spiral or PointingTable
        How the pointing moves about the boresight.
    odd_rows : tuple of int
        How many aspect rows at the start and at the end carry an odd flag.
    bad_aspect : tuple of intervals
        Seconds of the leg in which the aspect rows carry an odd flag.
    missing_aspect : tuple of intervals
        Seconds of the leg of which there are no aspect rows.
    dark : tuple of intervals
        Seconds of the leg in which nothing but stims arrives: the shutter, so to speak.
    gaps : tuple of intervals
        Seconds of the leg of which there is no telemetry at all.
    """

    ra0: RightAscension
    dec0: Declination
    roll0: float = 112.7
    duration: Annotated[int, Field(ge=3)] = 60
    slew: Annotated[int, Field(ge=2)] = 40
    dither: Dither = Spiral()
    odd_rows: tuple[int, int] = (3, 2)
    bad_aspect: tuple[Interval, ...] = ()
    missing_aspect: tuple[Interval, ...] = ()
    dark: tuple[Interval, ...] = ()
    gaps: tuple[Interval, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> "LegPlan":
        if isinstance(self.dither, PointingTable) and len(self.dither.x) <= self.duration:
            raise ValueError(
                f"its dither table has {len(self.dither.x)} rows; "
                f"{self.duration} s need {self.duration + 1}"
            )
        return self


@dataclass(frozen=True, config=STRICT)
class Detector:
    """The state of a detector and its electronics.

    Parameters
    ----------
    response : bool
        Whether the flat and the mission's sensitivity thin the photons.
    dead_time : bool
        Whether photons and stims are lost while the electronics are busy.
    fuv_temperature : float
        Of the FUV TDC, deg C; recorded in either band's files.
    stim_rate : float, optional
        Events a second of each of the four stims with no dead time; the mission's by default.
        A reduction needs 2,001 in all before CSP: 27 s of a visit at the default.
    separation : float, optional
        Stim separation at the start of the visit, arcsec; the mission's mean by default.
        After CSP it chooses the distortion cube.
    drift : float
        Its change, arcsec a second.
    shift : tuple of float
        Displacement of all four stims from their mission means, arcsec.
    spread : float
        Standard deviation of a stim along each axis, arcsec.
    phase_slope : float
        After CSP: change of a stim's y with the phase ya, arcsec a step.
    """

    response: bool = True
    dead_time: bool = True
    fuv_temperature: float = 29.5
    stim_rate: Positive | None = None
    separation: Positive | None = None
    drift: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    spread: NonNegative = 1.5
    phase_slope: float = 0.12

    def separation_at(self, band: Band, eclipse: int) -> float:
        """Return the stim separation at the start of a visit, arcsec."""
        return mean_separation(band, eclipse) if self.separation is None else self.separation


def mean_separation(band: Band, eclipse: int) -> float:
    """Return the separation of the stims' mission means, arcsec."""
    stims = stim_positions(band, eclipse)
    (x1, x2, x3, x4), (y1, y2, y3, y4) = stims.x, stims.y
    return (x2 + x4 - x1 - x3 + y1 + y2 - y3 - y4) / 4


def eclipse_start_ms(eclipse: int) -> int:
    """Return a plausible first aspect time for an eclipse, GALEX ms.

    That of eclipse 23500, at 98.6 minutes an orbit.
    """
    return 874361240995 + (eclipse - 23500) * 5_917_000
