"""What shines: the sky, the same in both bands but for its colours, and the detector's own spots.

A rate is in photons a second as an ideal detector would count them, with a response of 1 and no
dead time: what a photometry corrected for both, in an aperture that holds all the light, measures.
"""

from enum import IntEnum
from typing import Annotated

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from gphoton_db.mission import MAGNITUDE_ZERO_POINT, Band
from gphoton_db.simulate.light_curves import Constant, LightCurve
from gphoton_db.simulate.validated import (
    STRICT,
    Declination,
    NonNegative,
    Positive,
    RightAscension,
)

PSF_FWHM_ARCSEC = {Band.FUV: 4.2, Band.NUV: 5.3}
"""Full width at half maximum of the point spread (Morrissey et al. 2007), made Gaussian."""


PULSE_HEIGHT = 12.0
"""Mean of photons."""


class Origin(IntEnum):
    """Where an event comes from, when not a source (from 0) or a galaxy (after the sources)."""

    BACKGROUND = -1
    STIM = -2
    HOTSPOT = -3
    GHOST = -4


@dataclass(frozen=True, config=STRICT)
class BandRates:
    """Photons a second in each band."""

    nuv: NonNegative = 0.0
    fuv: NonNegative = 0.0


@dataclass(frozen=True, config=STRICT)
class BandMagnitudes:
    """AB magnitudes in each band; None: dark in that band."""

    nuv: float | None = None
    fuv: float | None = None


Rate = NonNegative | BandRates
"""One number: the same in both bands."""


def rate_in(rate: float | BandRates, band: Band) -> float:
    """Return a rate in one band."""
    if isinstance(rate, BandRates):
        return rate.nuv if band is Band.NUV else rate.fuv
    return rate


@dataclass(frozen=True, config=STRICT)
class Source:
    """A star.

    Parameters
    ----------
    ra, dec : float
        deg.
    rate : float or BandRates, optional
        Quiescent photons a second; either this or `magnitude`.
    magnitude : BandMagnitudes, optional
        Quiescent AB magnitudes.
    light_curve : LightCurve
        How it changes.
    """

    ra: RightAscension
    dec: Declination
    rate: Rate | None = None
    magnitude: BandMagnitudes | None = None
    light_curve: LightCurve = Constant()

    @model_validator(mode="after")
    def _check(self) -> "Source":
        _require_one_brightness(self.rate, self.magnitude)
        return self

    def rate_in(self, band: Band) -> float:
        """Return the quiescent photons a second in one band."""
        return _brightness(self.rate, self.magnitude, band)


@dataclass(frozen=True, config=STRICT)
class Galaxy:
    """An inclined disc of exponential surface brightness.

    Parameters
    ----------
    ra, dec : float
        Centre, deg.
    half_light_radius : float
        Of the disc seen face on, arcsec.
    axis_ratio : float
        Minor over major axis.
    position_angle : float
        Of the major axis, deg from north to east.
    rate, magnitude : optional
        Total brightness, as for `Source`.
    """

    ra: RightAscension
    dec: Declination
    half_light_radius: Positive
    rate: Rate | None = None
    magnitude: BandMagnitudes | None = None
    axis_ratio: Annotated[float, Field(gt=0, le=1)] = 1.0
    position_angle: float = 0.0

    @model_validator(mode="after")
    def _check(self) -> "Galaxy":
        _require_one_brightness(self.rate, self.magnitude)
        return self

    def rate_in(self, band: Band) -> float:
        """Return the photons a second in one band."""
        return _brightness(self.rate, self.magnitude, band)


@dataclass(frozen=True, config=STRICT)
class Hotspot:
    """A spot that is fixed on the detector.

    Parameters
    ----------
    col, row : float
        Pixels.
    rate : float or BandRates
        Events a second.  The two detectors are two pieces of glass: a spot of one is given by
        `BandRates`.
    pulse_height : float
        Mean of its events, 0 to 31; that of photons by default.
    """

    col: Annotated[float, Field(ge=0, le=800)]
    row: Annotated[float, Field(ge=0, le=800)]
    rate: Rate
    pulse_height: Annotated[float, Field(ge=0, le=31)] = PULSE_HEIGHT


@dataclass(frozen=True, config=STRICT)
class Ghost:
    """A spot on the sky of photons with ya < 6, as after CSP: deg, photons a second."""

    ra: RightAscension
    dec: Declination
    rate: NonNegative


@dataclass(frozen=True, config=STRICT)
class Scene:
    """What the detector sees.

    Parameters
    ----------
    sources, galaxies, hotspots, ghosts : tuple
        Things that shine.
    background : float or BandRates
        Photons a second, uniform over a disc a little larger than the detector's active area.
    psf_fwhm : float, optional
        Full width at half maximum of the point spread, arcsec; the band's own by default
        (`PSF_FWHM_ARCSEC`).
    """

    sources: tuple[Source, ...] = ()
    galaxies: tuple[Galaxy, ...] = ()
    hotspots: tuple[Hotspot, ...] = ()
    ghosts: tuple[Ghost, ...] = ()
    background: Rate = 300.0
    psf_fwhm: Positive | None = None

    def psf_sigma(self, band: Band) -> float:
        """Return the standard deviation of the point spread along each axis, arcsec."""
        fwhm = PSF_FWHM_ARCSEC[band] if self.psf_fwhm is None else self.psf_fwhm
        return fwhm / 2.3548200450309493  # 2 sqrt(2 ln 2)


def _require_one_brightness(rate: Rate | None, magnitude: BandMagnitudes | None) -> None:
    if (rate is None) == (magnitude is None):
        raise ValueError("needs either rate or magnitude")


def _brightness(rate: Rate | None, magnitude: BandMagnitudes | None, band: Band) -> float:
    if rate is not None:
        return rate_in(rate, band)
    ab = None
    if magnitude is not None:
        ab = magnitude.nuv if band is Band.NUV else magnitude.fuv
    return 0.0 if ab is None else float(10 ** (-0.4 * (ab - MAGNITUDE_ZERO_POINT[band])))
